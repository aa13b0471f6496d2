/** The work's outcome, or the signal's reason as soon as it is aborted, whether the work heeds it or not. */
export function until<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => {
    reject(signal.reason as Error);
  };
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return Promise.race([work, promise]).finally(() => {
    signal.removeEventListener('abort', abort);
  });
}
