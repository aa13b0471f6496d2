import type { Response } from 'express';
import { LifecycleError } from '../../plugin/errors/errors.ts';

/** Aborted when the time is over, and when nobody waits for the answer any more. */
export function deadlineOf(response: Response, seconds: number): AbortSignal {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new LifecycleError('generator-busy', `it took longer than ${seconds} s`));
  }, seconds * 1000);
  response.once('close', () => {
    clearTimeout(timer);
    if (!response.writableFinished) controller.abort(new LifecycleError('generator-busy', 'the caller is gone'));
  });
  return controller.signal;
}
