import { EXIT, LifecycleError } from '../../errors/errors.ts';
import type { Status } from '../../lifecycle/status.ts';
import type { StepCommand } from '../../plan/steps.ts';
import { isAborted } from '../ledger/decision.ts';
import { recorded } from '../ledger/recorded.ts';
import { isDone, recordName, withFailed } from '../ledger/step-records.ts';
import type { Evidence, RunStep, StepContext } from '../ports/step.ts';

/**
 * Steps whose record does not spare the next run. Argo CD runs hooks at every sync: confirm looks again at what may have
 * changed since (replicas, endpoints), and a hook of a failed sync that had nothing to do says nothing about the next failure.
 */
const EVERY_TIME: readonly StepCommand[] = ['confirm', 'abort', 'resume', 'guard'];

/** Steps whose end is no news beside what was said before. */
const SILENT: readonly StepCommand[] = ['resume', 'guard'];

/** What a run ended with, for the process to turn into output and exit code. */
export type Outcome =
  | { readonly exit: typeof EXIT.ok; readonly text: string }
  | { readonly exit: typeof EXIT.problems | typeof EXIT.internal; readonly error: LifecycleError };

/**
 * Runs a step once: its identity is plan digest + step, so a Job that was renamed, deleted or repeated finds the record
 * and does nothing. A step that was started or has failed before may run again; each acts idempotently.
 */
export async function runStep(context: StepContext, command: StepCommand, run: RunStep): Promise<Outcome> {
  const name = recordName(context.request, command);
  const { digest } = context.request;
  try {
    const { status } = await context.ledger.read();
    if (isDone(status, digest, name) && !EVERY_TIME.includes(command)) {
      return { exit: EXIT.ok, text: `${name}: done before, nothing to do` };
    }
    const work = (): Promise<Evidence> => run(context);
    // Why a sync failed is more than that its hook went well.
    const evidence = await recorded(context, name, work, (after) =>
      SILENT.includes(command) ? after : withMessage(after, digest, `${name}: done`),
    );
    return { exit: EXIT.ok, text: `${name}: done ${JSON.stringify(evidence)}` };
  } catch (cause) {
    const error = asLifecycleError(cause, context.signal);
    await recordFailure(context, name, command, error);
    return failure(error);
  }
}

/** The reason of an abort is not covered by what the steps after it say. */
const withMessage = (status: Status, digest: string, message: string): Status =>
  isAborted(status, digest) ? status : { ...status, message };

/** Runs what keeps records of its own, or none: the migration's containers and the keeper. */
export async function runUnrecorded(context: StepContext, run: RunStep): Promise<Outcome> {
  try {
    return { exit: EXIT.ok, text: JSON.stringify(await run(context)) };
  } catch (cause) {
    return failure(asLifecycleError(cause, context.signal));
  }
}

function failure(error: LifecycleError): Outcome {
  return { exit: error.code === 'internal' ? EXIT.internal : EXIT.problems, error };
}

/** An unexpected error keeps its text; whatever is printed or recorded goes through the redaction of secrets. */
function asLifecycleError(cause: unknown, signal: AbortSignal): LifecycleError {
  if (signal.aborted) return new LifecycleError('interrupted', 'the pod was asked to end');
  if (cause instanceof LifecycleError) return cause;
  return new LifecycleError('internal', cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause));
}

/** Best effort: the failure itself is what counts, and the API may be what failed. */
async function recordFailure(
  context: StepContext,
  name: string,
  command: StepCommand,
  error: LifecycleError,
): Promise<void> {
  const { digest } = context.request;
  try {
    await context.ledger.update(({ status }) => {
      const message = `${name}: ${error.message}`;
      // What a hook proved at an earlier sync stays on record; what the guard found says nothing of now.
      const after =
        isDone(status, digest, name) && command !== 'guard'
          ? status
          : withFailed(status, digest, name, context.clock.now(), error.message);
      return withMessage(after, digest, message);
    });
  } catch {
    context.progress.report('the failure could not be written to the ledger');
  }
}
