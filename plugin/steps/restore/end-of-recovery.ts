import type { RestoreRecord } from '../../lifecycle/status.ts';
import type { Branch } from '../../postgres/history.ts';
import { refuse } from '../ports/step.ts';

/** What PostgreSQL says of the end of a recovery (`getRecoveryStopReason` in xlogrecovery.c), or how it begins. */
function expectedEnd({ options }: RestoreRecord['recovery']): string {
  const value = (name: string): string =>
    options.find((each) => each.startsWith(`--${name}=`))?.slice(name.length + 3) ?? '';
  switch (value('type')) {
    case 'time':
      return 'before ';
    case 'name':
      return `at restore point "${value('target')}"`;
    case 'immediate':
      return 'reached consistency';
    default:
      return 'no recovery target specified';
  }
}

/** Where the timeline of the recovery was left: a failover since has added further ones, and earlier restores have theirs. */
export function endOf({ id, recovery }: Pick<RestoreRecord, 'id' | 'recovery'>, history: readonly Branch[]): Branch {
  const expected = expectedEnd(recovery);
  const last = history.at(-1);
  const left =
    recovery.timeline === 0
      ? (history.findLast(({ reason }) => reason.startsWith(expected)) ?? last)
      : history.findLast(({ timeline }) => timeline === recovery.timeline);
  if (left?.reason.startsWith(expected) === true) return left;
  const branch = left ?? last;
  const seen = branch ? `timeline ${branch.timeline} ${branch.reason}` : 'no recovery at all';
  return refuse(
    'restore-failed',
    `restore ${id} was to end on timeline ${recovery.timeline} ${expected}, and did ${seen}`,
  );
}
