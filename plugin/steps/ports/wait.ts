import { LifecycleError } from '../../errors/errors.ts';
import type { StepContext } from './step.ts';

/** What a look saw: the end of the wait, or what there is instead, in words. */
export type Seen<T> = { readonly done: true; readonly value: T } | { readonly done: false; readonly seen: string };

export interface Wait {
  /** What is waited for, as a noun phrase: `the backup lifecycle-0a1b`. */
  readonly what: string;
  readonly timeoutSeconds: number;
  /** Between two looks; progress is reported every second all the same. */
  readonly everySeconds?: number;
}

type WaitContext = Pick<StepContext, 'clock' | 'progress' | 'signal'>;

export const seen = (text: string): Seen<never> => ({ done: false, seen: text });
export const found = <T>(value: T): Seen<T> => ({ done: true, value });

/**
 * Looks until it is found, within a bound.
 * @throws LifecycleError `not-in-time` with what was seen last; `interrupted` when the step is asked to end. Errors of
 * `look` end the wait: a port bears with transient ones itself.
 */
export async function waitFor<T>(
  { clock, progress, signal }: WaitContext,
  { what, timeoutSeconds, everySeconds = 1 }: Wait,
  look: () => Promise<Seen<T>>,
): Promise<T> {
  const start = clock.now().getTime();
  const elapsed = (): number => (clock.now().getTime() - start) / 1000;
  for (;;) {
    signal.throwIfAborted();
    const result = await look();
    if (result.done) return result.value;
    const next = elapsed() + everySeconds;
    do {
      if (elapsed() >= timeoutSeconds) {
        throw new LifecycleError('not-in-time', `${what}: ${result.seen}, after ${Math.round(elapsed())} s`);
      }
      progress.report(`${what}: ${result.seen} (${Math.round(elapsed())} s)`);
      await clock.sleep(1000, signal);
    } while (elapsed() < next);
  }
}
