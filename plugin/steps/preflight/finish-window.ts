import { LifecycleError } from '../../errors/errors.ts';
import { textOf } from '../../errors/text-of.ts';
import type { Decision } from '../../lifecycle/status.ts';
import { instanceObjects } from '../../plan/names.ts';
import type { StepInstance, StepRequest } from '../../plan/step-request.ts';
import { abortSwitch } from '../fence/abort/abort-switch.ts';
import { isComplete, isFinal } from '../ledger/decision.ts';
import { refuse, type StepContext } from '../ports/step.ts';
import { found, seen, waitFor } from '../ports/wait.ts';

const FINISH_SECONDS = 300;
/** Who else finishes it (its keeper, its hook) may be at it. */
const EVERY_SECONDS = 5;

/** Ends a window one way or the other, and makes the servers what its decision says. */
export type FinishWindow = (context: StepContext, reason: string) => Promise<unknown>;

export const finishWindow: FinishWindow = abortSwitch;

/**
 * Whichever plan's decision stands, it is carried out before anything else is asked (ADR 19): its keeper may have lost its
 * rights, its hook may never have run. One that is still open is ended, unless it is this plan's own: a sync carries one plan,
 * and this one's is under way. That holds for what is met at the start; what is opened meanwhile belongs to a newer sync.
 * @throws LifecycleError `other-plan-open` when it cannot be carried out
 */
export async function finishDecision(context: StepContext, finish: FinishWindow): Promise<void> {
  const { ledger, request } = context;
  const met = (await ledger.read()).status.decision;
  if (met === undefined) return;
  const wait = { what: `the end of plan ${met.digest}`, timeoutSeconds: FINISH_SECONDS, everySeconds: EVERY_SECONDS };
  await waitFor(context, wait, async () => {
    const { decision } = (await ledger.read()).status;
    if (decision?.digest !== met.digest) return found(undefined);
    if (!isFinal(decision) && decision.digest === request.digest) return found(undefined);
    if (isTakenOver(decision, request)) return found(undefined);
    const problem = await problemOf(
      finish(contextOf(context, decision), `aborted: plan ${request.digest} takes its place`),
    );
    if (problem === undefined) return found(undefined);
    // Done once, and cannot be looked at now: the guards ask whether the database answers.
    if (isComplete(decision)) {
      context.progress.report(`plan ${decision.digest}: ${problem}`);
      return found(undefined);
    }
    const { digest, blue, green, state } = decision;
    return seen(`plan ${digest} (${blue} to ${green}) is ${state} and not complete: ${problem}`);
  }).catch((error: unknown) => {
    if (error instanceof LifecycleError && error.code === 'not-in-time') refuse('other-plan-open', error.message);
    throw error;
  });
}

/** A plan that starts from what a complete commit made: its servers are their administrators', confirmed or not. */
const isTakenOver = (decision: Decision, { blue }: StepRequest): boolean =>
  decision.state === 'Committed' && isComplete(decision) && decision.green === blue.name;

const problemOf = (work: Promise<unknown>): Promise<string | undefined> => work.then(() => undefined, textOf);

/** What a step of that decision's plan would have been handed, as far as the end of a window needs it. */
function contextOf(context: StepContext, { digest, attempt, blue, green, instances }: Decision): StepContext {
  const { request } = context;
  const other: StepRequest = {
    ...request,
    plan: 'Switch',
    digest,
    attempt,
    blue: instances?.blue ?? instanceOf(request, blue),
    green: instances?.green ?? instanceOf(request, green),
    restorePoint: `lifecycle-${digest}`,
  };
  return { ...context, request: other };
}

/** A decision from before its instances were recorded. */
function instanceOf({ blue, green }: StepRequest, name: string): StepInstance {
  const known = [blue, green].find((each) => each?.name === name);
  return known ?? instanceObjects({ name, version: '' });
}
