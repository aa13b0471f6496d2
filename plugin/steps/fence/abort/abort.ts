import type { Decision, StepRecord } from '../../../lifecycle/status.ts';
import { decisionOf } from '../../ledger/decision.ts';
import { abortSwitch } from './abort-switch.ts';
import type { Evidence, StepContext } from '../../ports/step.ts';

/**
 * The SyncFail hook: not Committed → Aborted, green closed, blue opened again; Committed → rolled forward; no decision →
 * nothing. Argo CD runs it again on every retry of a sync; it looks at the servers each time (ADR 19).
 */
export async function abort(context: StepContext): Promise<Evidence> {
  const { ledger, request } = context;
  const { status } = await ledger.read();
  const decision = decisionOf(status, request.digest);
  if (decision === undefined) return { decision: 'none' };
  return evidenceOf(await abortSwitch(context, firstFailure(status.steps, request.digest)));
}

/** The first step of this plan that failed says why the sync did. */
function firstFailure(steps: readonly StepRecord[] = [], digest: string): string {
  const [first] = steps
    .filter((record) => record.digest === digest && record.step !== 'abort' && hasFailed(record))
    .sort((a, b) => (a.finishedAt ?? '').localeCompare(b.finishedAt ?? ''));
  if (first === undefined) return 'aborted: the sync failed';
  if (first.state === 'Started') return "migration-failed: it was started and did not end well; read the Job's log";
  return `aborted: step ${first.step} failed: ${first.reason ?? 'no reason recorded'}`;
}

/** A migration that fails leaves no record of its own: its container knows nothing of the ledger. */
function hasFailed({ step, state }: StepRecord): boolean {
  return state === 'Failed' || (step === 'migrate' && state === 'Started');
}

function evidenceOf({ state, windowSeconds, reason }: Decision): Evidence {
  return {
    decision: state,
    ...(reason === undefined ? {} : { reason }),
    ...(windowSeconds === undefined ? {} : { windowSeconds }),
  };
}
