import { LifecycleError } from '../../../errors/errors.ts';
import { textOf } from '../../../errors/text-of.ts';
import { answeredInTime, API_SECONDS } from '../../ports/in-time.ts';
import type { StepContext } from '../../ports/step.ts';
import { abortSwitch } from '../abort/abort-switch.ts';
import type { Opened } from '../abort/finish-abort.ts';
import { readDecision } from '../decide.ts';
import { giveUp, type KnownBlue } from './give-up.ts';

const RETRY_MILLISECONDS = 500;

/** `code: text`, as the ledger keeps it. */
export const reasonOf = (error: unknown): string =>
  error instanceof LifecycleError ? error.message : `fence-lost: ${textOf(error)}`;

/**
 * Ends the window, and holds the locks until that has worked: with a Committed decision that nobody can carry through at
 * the moment, a waiting writer must not be let in. An abort that the API server holds up opens blue without it, once, and is
 * recorded when it answers.
 * @param release lets go of the caller's own locks.
 */
export async function endWindow(
  patient: StepContext,
  reason: string,
  blue: KnownBlue,
  release: () => Promise<void>,
): Promise<void> {
  const context = answeredInTime(patient, API_SECONDS);
  const { clock, progress } = context;
  let opened: Opened | undefined;
  for (;;) {
    try {
      await abortSwitch(context, textWith(reason, opened), release, opened);
      return;
    } catch (error) {
      progress.report(`trying again: ${reasonOf(error)}`);
    }
    opened ??= await openUnlessCommitted(context, blue, release);
    await clock.sleep(RETRY_MILLISECONDS);
  }
}

const textWith = (reason: string, opened: Opened | undefined): string =>
  opened === undefined ? reason : `${reason}; blue was opened at ${opened.at} without the API server`;

async function openUnlessCommitted(
  context: StepContext,
  blue: KnownBlue,
  release: () => Promise<void>,
): Promise<Opened | undefined> {
  try {
    const state = await readDecision(context).then(
      (decision) => decision.state,
      () => undefined,
    );
    return state === 'Committed' ? undefined : await giveUp(context, blue, release);
  } catch (error) {
    context.progress.report(`blue is left as it is: ${reasonOf(error)}`);
    return undefined;
  }
}
