import type { Decision, Status } from '../../lifecycle/status.ts';
import { cloneOf } from '../beside/clone-records.ts';
import { restoredInstance } from '../beside/restored-instance.ts';
import { flip, waitForClients } from '../fence/commit/flip.ts';
import { openGreen } from '../fence/commit/open-green.ts';
import { committedWithoutBlue, decisionOf } from '../ledger/decision.ts';
import { requireCurrent } from '../ledger/require-current.ts';
import { isDone } from '../ledger/step-records.ts';
import { refuse, type Evidence, type RunStep, type StepContext } from '../ports/step.ts';
import { requireApproval } from '../restore/require-approval.ts';
import { wantedRestore } from '../restore/wanted-restore.ts';
import { requireLost } from './preflight-lost.ts';

/** The decision for what was restored, where there is nothing to close: it takes writes, then clients are led to it. */
export const promote: RunStep = async (context): Promise<Evidence> => {
  const { ledger, request } = context;
  requireCurrent(await ledger.read(), request);
  await decide(context);
  return finishPromotion(context);
};

/**
 * What is decided is carried through, also by the hook of a sync that failed in between: there is no keeper. Nothing decided: nothing is done.
 */
export const finishPromotion: RunStep = async (context): Promise<Evidence> => {
  const { cluster, ledger, request } = context;
  const green = restoredInstance(request);
  const decision = decisionOf((await ledger.read()).status, request.digest);
  if (decision?.state !== 'Committed') return { decision: decision?.state ?? 'none' };
  await openGreen(context, green);
  // In a namespace that is new the Service is made a wave later, selecting what serves.
  if ((await cluster.serviceSelector(request.traffic.service)) !== undefined) await leadClients(context, decision);
  return { decision: 'Committed', serving: green.name };
};

async function leadClients(context: StepContext, decision: Decision): Promise<void> {
  const green = restoredInstance(context.request);
  await flip(context, green, decision);
  await waitForClients(context, green);
}

async function decide(context: StepContext): Promise<void> {
  const { clock, ledger, request } = context;
  const { status } = await ledger.read();
  if (decisionOf(status, request.digest)?.state === 'Committed') return;
  if (!isDone(status, request.digest, 'smoke')) refuse('step-out-of-order', 'step smoke is not done');
  await requireLost(context);
  const { roles = [] } = cloneOf(status, wantedRestore(request).id) ?? {};
  const approval = await requireApproval(context, undefined);
  await ledger.update((view): Status | undefined => {
    requireCurrent(view, request);
    return committedWithoutBlue(view.status, request, clock.now(), { greenRoles: [...roles], ...approval });
  });
}
