import { LifecycleError } from '../../errors/errors.ts';
import { waitFor, type Wait } from '../../postgres/wait.ts';
import type { StepContext } from './step.ts';

/**
 * Asks the API server again for as long as it refuses or does not answer. @param told hears of every time.
 * @returns undefined when the time is up. @throws whatever else goes wrong, at once.
 */
export const untilAnswered = <T>(
  what: string,
  ask: () => Promise<T>,
  told: (refusal: LifecycleError) => void,
  wait: Wait,
): Promise<T | undefined> =>
  waitFor(
    what,
    () =>
      ask().catch((error: unknown) => {
        if (!(error instanceof LifecycleError) || error.code !== 'api-failed') throw error;
        told(error);
        return undefined;
      }),
    wait,
  );

/** A policy lets a request through as soon as its informer has seen the ledger's word, about 0.1 s after the write. */
const LET_THROUGH_SECONDS = 30;

/** Asks the API server for what its policies let through by the ledger's word. @throws its last refusal. */
export async function untilLetThrough(
  { clock, progress }: StepContext,
  what: string,
  ask: () => Promise<void>,
): Promise<void> {
  let refusal: unknown;
  const done = await untilAnswered(
    what,
    async () => {
      await ask();
      return true;
    },
    (error) => {
      refusal = error;
    },
    { clock, report: progress.report, seconds: LET_THROUGH_SECONDS },
  );
  if (done !== true) throw refusal;
}
