import { LifecycleError } from '../../errors/errors.ts';
import { textOf } from '../../errors/text-of.ts';

/** An abort of the keeper's ends a commit's sessions too: for whoever reads it, that is a fence that was lost. */
export function asLost(error: unknown): never {
  throw error instanceof LifecycleError ? error : new LifecycleError('fence-lost', textOf(error));
}
