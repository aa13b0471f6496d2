/** How long to wait, and whom to tell. */
export interface Wait {
  readonly clock: { now(): Date; sleep(milliseconds: number, signal?: AbortSignal): Promise<void> };
  readonly seconds: number;
  /** Pause between two looks; default 250 ms. */
  readonly everyMilliseconds?: number;
  /** Called at most once a second with what is awaited. */
  readonly report?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Looks until `probe` returns something other than undefined.
 * @returns undefined when the time is up: only the caller knows which error that is.
 */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  { clock, seconds, everyMilliseconds = 250, report, signal }: Wait,
): Promise<T | undefined> {
  const start = clock.now().getTime();
  let reported = start;
  for (;;) {
    const seen = await probe();
    if (seen !== undefined) return seen;
    signal?.throwIfAborted();
    const now = clock.now().getTime();
    if (now - start >= seconds * 1000) return undefined;
    if (now - reported >= 1000) {
      report?.(`${what}: ${Math.round((now - start) / 1000)} s`);
      reported = now;
    }
    await clock.sleep(everyMilliseconds, signal);
  }
}

/** @throws the error that `late` makes, when `work` takes longer. */
export async function within<T>(milliseconds: number, work: Promise<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(late());
    }, milliseconds);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
