import type { Recovery, Target } from './choose.ts';
import type { Undoable } from './life.ts';
import { parseMoment, recoveryTime } from './moment.ts';

/** The label of a backup begins with the time at which it began. */
const LABEL = /^(\d{4})(\d{2})(\d{2})-(\d{2})(\d{2})(\d{2})/;

/**
 * How a target is reached where nobody can be asked, because a restore has left the database down: by the ledger alone, so that
 * nothing is proven, and pgBackRest takes the newest backup before it.
 * @param past with the restore that failed as the last one: nothing was written after its pause.
 * @returns undefined where the ledger knows no way.
 */
export function blindRecovery(target: Target, past: readonly Undoable[]): Recovery | undefined {
  if ('backup' in target) return toBackup(target.backup);
  if ('time' in target) {
    const { time } = target;
    const chapter = past.find(({ at }) => at > time);
    return chapter && recovery(chapter, time, ['--type=time', `--target="${recoveryTime(time)}"`]);
  }
  const undone = 'undo' in target ? past.find(({ id }) => id === target.undo) : past.at(-1);
  if (!undone) return undefined;
  const set = undone.label === undefined ? [] : [`--set=${undone.label}`];
  return recovery(undone, undone.at - 1, ['--type=name', `--target=${undone.point}`, ...set]);
}

const recovery = ({ timeline, label = '' }: Undoable, reaches: number, options: readonly string[]): Recovery => ({
  label,
  timeline,
  reaches,
  options: [...options, `--target-timeline=${timeline}`],
});

/** On which timeline it stands only the repository knows. */
export function toBackup(label: string): Recovery {
  const [, ...parts] = LABEL.exec(label) ?? [];
  const [year = '', month = '', day = '', hour = '', minute = '', second = ''] = parts;
  const reaches = parseMoment(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return { label, timeline: 0, reaches, options: ['--type=immediate', `--set=${label}`] };
}
