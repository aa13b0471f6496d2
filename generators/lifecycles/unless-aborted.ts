import { LifecycleError } from '../../plugin/errors/errors.ts';

/** @throws LifecycleError generator-busy as soon as the signal ends, whatever is still waited for */
export function unlessAborted<T>(done: Promise<T>, signal: AbortSignal, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(new LifecycleError('generator-busy', `${what}: the answer took too long`));
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    done.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', stop);
    });
  });
}
