import { LifecycleError } from '../../errors/errors.ts';
import { waitFor, type Wait } from '../../postgres/wait.ts';

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
