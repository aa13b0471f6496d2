import type { Decision, Status } from '../../../lifecycle/status.ts';
import { decisionOf } from '../../ledger/decision.ts';
import { isConfirmed } from '../../ledger/step-records.ts';
import { refuse, type StepContext } from '../../ports/step.ts';

/** What a commit has to look at before it changes anything. */
export interface Committed {
  readonly status: Status;
  readonly decision: Decision;
  /** From here on nothing is made what the decision says any more. */
  readonly confirmed: boolean;
}

/** @throws LifecycleError unless this plan's decision is the current one, and Committed. */
export async function readCommitted({ ledger, request }: StepContext): Promise<Committed> {
  const { status } = await ledger.read();
  const decision = decisionOf(status, request.digest);
  if (decision?.state !== 'Committed') {
    return refuse(
      'decision-lost',
      `the decision of this plan is ${decision?.state ?? 'no longer there'}, not Committed`,
    );
  }
  return { status, decision, confirmed: isConfirmed(status, request.digest) };
}
