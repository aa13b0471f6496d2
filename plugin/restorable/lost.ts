import { toBackup } from './blind.ts';
import type { Recovery, Target } from './choose.ts';
import type { Undoable } from './life.ts';
import { recoveryTime } from './moment.ts';

/**
 * How a target is reached where the database is gone and nobody can be asked: by what the ledger knows of its timelines, so that
 * nothing is proven; pgBackRest takes the newest backup before it. Without `--target-timeline` PostgreSQL follows the newest one.
 * @param past the restores in place that the database had behind it, oldest first
 * @param lost the moment until which it may have been written to at most
 */
export function lostRecovery(
  target: Exclude<Target, { readonly undo: string }>,
  past: readonly Undoable[],
  lost: number,
): Recovery {
  if ('backup' in target) return toBackup(target.backup);
  if ('latest' in target) return { label: '', timeline: 0, reaches: lost, options: ['--type=default'] };
  const { time } = target;
  const left = past.find(({ at }) => at > time);
  const options = ['--type=time', `--target="${recoveryTime(time)}"`];
  if (!left) return { label: '', timeline: 0, reaches: time, options };
  const { timeline, label = '' } = left;
  return { label, timeline, reaches: time, options: [...options, `--target-timeline=${timeline}`] };
}
