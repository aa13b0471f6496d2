import type { Clock } from '../../ports/ports.ts';

/**
 * Calls `turn` again and again, with a pause in between, until it returns something other than undefined; a turn that
 * throws ends the loop. Stops without a result (for ever pending) when `signal` is aborted.
 */
export async function repeat<T>(
  clock: Clock,
  everyMilliseconds: number,
  signal: AbortSignal,
  turn: () => Promise<T | undefined>,
): Promise<T> {
  while (!signal.aborted) {
    const result = await turn();
    if (result !== undefined) return result;
    await clock.sleep(everyMilliseconds);
  }
  return new Promise<never>(() => undefined);
}
