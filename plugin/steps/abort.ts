import type { Decision, StepRecord } from '../lifecycle/status.ts';
import { decisionOf, isComplete } from './decision.ts';
import { abortSwitch } from './fence/abort-switch.ts';
import type { Evidence, StepContext } from './step.ts';

/**
 * The SyncFail hook: not Committed → Aborted, green closed, blue opened again; Committed → rolled forward; no decision →
 * nothing. Argo CD runs it again on every retry of a sync.
 */
export async function abort(context: StepContext): Promise<Evidence> {
  const { ledger, request } = context;
  const { status } = await ledger.read();
  const decision = decisionOf(status, request.digest);
  if (decision === undefined) return { decision: 'none' };
  return evidenceOf(
    isComplete(decision) ? decision : await abortSwitch(context, firstFailure(status.steps, request.digest)),
  );
}

/** The first step of this plan that failed says why the sync did. */
function firstFailure(steps: readonly StepRecord[] = [], digest: string): string {
  const [first] = steps
    .filter((record) => record.digest === digest && record.state === 'Failed' && record.step !== 'abort')
    .sort((a, b) => (a.finishedAt ?? '').localeCompare(b.finishedAt ?? ''));
  return first
    ? `aborted: step ${first.step} failed: ${first.reason ?? 'no reason recorded'}`
    : 'aborted: the sync failed';
}

function evidenceOf({ state, windowSeconds, reason }: Decision): Evidence {
  return {
    decision: state,
    ...(reason === undefined ? {} : { reason }),
    ...(windowSeconds === undefined ? {} : { windowSeconds }),
  };
}
