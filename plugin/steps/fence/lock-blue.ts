import { lockEverything, type HeldLocks } from '../../postgres/locks.ts';
import type { LockedFor } from '../../postgres/relations.ts';
import { refuse, type StepContext } from '../ports/step.ts';
import type { BlueConnections } from './connections.ts';

const LOCK_SECONDS = 20;

/**
 * F3 and C1, within a bound.
 * @param besides the keeper's, for a commit. @throws LifecycleError `locks-not-granted`, with who was in the way.
 */
export async function lockBlue(
  { clock, progress }: StepContext,
  { holders, helper }: BlueConnections,
  lockedFor: LockedFor,
  besides: readonly HeldLocks[] = [],
): Promise<readonly HeldLocks[]> {
  const locking = { sessions: holders, helper, lockedFor, besides: besides.map(({ pid }) => pid) };
  const result = await lockEverything(locking, { clock, seconds: LOCK_SECONDS, report: progress.report });
  if (result.held) return result.held;
  return refuse('locks-not-granted', `not within ${LOCK_SECONDS} s; in the way: ${result.inTheWay}`);
}
