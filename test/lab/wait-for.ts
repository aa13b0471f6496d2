import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  /** What is awaited, for the message: "node Ready". */
  readonly what: string;
  readonly timeoutSeconds: number;
  readonly everyMilliseconds?: number;
}

/**
 * Polls until `probe` returns something other than undefined or false.
 * @throws Error that names what was awaited and what the probe saw last.
 */
export async function waitFor<T>(
  probe: () => Promise<T | undefined | false>,
  { what, timeoutSeconds, everyMilliseconds = 200 }: WaitOptions,
): Promise<T> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  let last = 'nothing yet';
  for (;;) {
    try {
      const seen = await probe();
      if (seen !== undefined && seen !== false) return seen;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (Date.now() > deadline) throw new Error(`${what}: not so after ${timeoutSeconds} s; last: ${last}`);
    await delay(everyMilliseconds);
  }
}
