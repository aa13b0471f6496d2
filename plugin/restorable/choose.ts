import type { ErrorCode } from '../errors/errors.ts';
import type { Backup, RepositoryRecord } from './repository.ts';
import { chaptersOf, type Chapter, type Life } from './life.ts';
import { isoMoment, recoveryTime, type Moment } from './moment.ts';
import { backupsOn, gapAfter, rangesOf, rangesText, usableFrom } from './ranges.ts';
import { archivedSegment, missingSegments, parseSegment, segmentName } from './segments.ts';

/** Where to restore to. */
export type Target =
  | { readonly time: Moment }
  | { readonly backup: string }
  | { readonly latest: true }
  /** What was before the restore of this id. */
  | { readonly undo: string };

/** What the operator is asked for. */
export interface Recovery {
  /** The set that is restored. */
  readonly label: string;
  /** On which the recovery ends; the database goes on on a new one. 0: nobody knows. */
  readonly timeline: number;
  /** The last moment whose commits it brings back. */
  readonly reaches: Moment;
  /** Arguments of `pgbackrest restore`, quoted for the shell that the operator hands them to. */
  readonly options: readonly string[];
}

export type Choice =
  | { readonly state: 'reachable'; readonly recovery: Recovery }
  /**
   * The archive has a gap behind the target: it is reached only if a commit after `time` stands in one of the segments before
   * that, newest first.
   */
  | {
      readonly state: 'if-committed';
      readonly recovery: Recovery;
      readonly time: Moment;
      readonly segments: readonly string[];
      readonly refusal: Refusal;
    }
  | { readonly state: 'refused'; readonly refusal: Refusal };

interface Refusal {
  readonly code: Extract<ErrorCode, `restore-${string}`>;
  readonly detail: string;
}

/** In so many segments before a gap a commit is looked for: the server closes one a minute, where anything is written. */
const SEGMENTS = 16;

/** Proves that a target can be reached, and by which backup and way, or says why not and what can be. */
export function chooseRecovery(target: Target, life: Life, record: RepositoryRecord): Choice {
  if ('time' in target) return toMoment(target.time, life, record);
  if ('backup' in target) return toBackup(target.backup, record);
  if ('undo' in target) return toPoint(target.undo, life, record);
  return toLatest(life, record);
}

const refused = (code: Refusal['code'], detail: string): Choice => ({ state: 'refused', refusal: { code, detail } });

function toMoment(time: Moment, life: Life, record: RepositoryRecord): Choice {
  const { at } = life.present;
  if (time >= at) {
    return refused(
      'restore-target-future',
      `${isoMoment(time)} is not over: the database's clock says ${isoMoment(at)}`,
    );
  }
  const can = (): string => `${record.name} can restore ${rangesText(rangesOf(life, record))}`;
  const chapter = chaptersOf(life, record).find(({ from, until }) => time >= from && time < until);
  const backup = chapter && backupsOn(chapter, record).findLast((each) => usableFrom(each) <= time);
  if (!chapter || !backup) {
    return refused('restore-target-too-early', `no backup that ended before ${isoMoment(time)} leads there; ${can()}`);
  }
  const timeline = chapter.way.timeline;
  const recovery = recoveryOf(backup, timeline, time, 'time', `--target="${recoveryTime(time)}"`);
  const gap = gapAfter(backup, chapter, record);
  if (gap === undefined) return { state: 'reachable', recovery };
  const { segmentBytes } = record;
  const missing = segmentName({ timeline, number: gap }, segmentBytes);
  const refusal: Refusal = {
    code: 'restore-target-in-gap',
    detail: `the archive lacks ${missing}, before any commit after ${isoMoment(time)}; ${can()}`,
  };
  const consistent = parseSegment(backup.lastSegment, segmentBytes).number;
  if (gap <= consistent) return { state: 'refused', refusal };
  const segments: string[] = [];
  for (let number = gap - 1; number >= consistent && segments.length < SEGMENTS; number -= 1) {
    segments.push(archivedSegment(chapter.way, number, record) ?? '');
  }
  return { state: 'if-committed', recovery, time, segments, refusal };
}

function toLatest(life: Life, record: RepositoryRecord): Choice {
  const chapter = chaptersOf(life, record).at(-1);
  if (chapter?.until !== life.present.at) return noHistory(life.present.timeline, record);
  return toEnd('latest', chapter, record, 'default');
}

function toPoint(id: string, life: Life, record: RepositoryRecord): Choice {
  const undone = life.past.find((each) => each.id === id);
  if (!undone) {
    const known = life.past.map((each) => each.id).join(', ') || 'none';
    return refused('restore-target-unknown', `there is no restore ${id} to undo; on record: ${known}`);
  }
  const chapter = chaptersOf(life, record).find(({ until }) => until === undone.at);
  if (!chapter) return noHistory(undone.timeline, record);
  return toEnd(`what was before ${id}`, chapter, record, 'name', `--target=${undone.point}`);
}

function toEnd(
  what: string,
  chapter: Chapter,
  record: RepositoryRecord,
  ...[type, target]: readonly [type: 'default'] | readonly [type: 'name', target: string]
): Choice {
  const backup = backupsOn(chapter, record).findLast((each) => usableFrom(each) <= chapter.until);
  if (!backup) return refused('restore-target-too-early', `${record.name} has no backup that leads to ${what}`);
  const gap = gapAfter(backup, chapter, record);
  const { timeline } = chapter.way;
  // What ended the chapter is a commit of ours.
  const recovery = recoveryOf(backup, timeline, chapter.until - 1, type, target);
  if (gap === undefined) return { state: 'reachable', recovery };
  const missing = segmentName({ timeline, number: gap }, record.segmentBytes);
  return refused('restore-target-in-gap', `the archive of ${record.name} lacks ${missing} on the way to ${what}`);
}

/** A backup of a timeline that was left is reached as well: the way ends with the backup itself. */
function toBackup(label: string, record: RepositoryRecord): Choice {
  const backup = record.backups.find((each) => each.label === label);
  if (!backup) {
    const labels = record.backups.map((each) => each.label);
    return refused(
      'restore-target-unknown',
      `${record.name} has no backup ${label}, it may have expired; there are ${nearest(label, labels) || 'none'}`,
    );
  }
  if (backup.damaged) return refused('restore-backup-damaged', `pages of backup ${label} have wrong checksums`);
  const [gap] = missingOf(backup, record);
  if (gap !== undefined) return refused('restore-target-in-gap', `the archive lacks ${gap} of ${label}`);
  const { timeline } = parseSegment(backup.lastSegment, record.segmentBytes);
  const options = ['--type=immediate', `--set=${label}`];
  return { state: 'reachable', recovery: { label, timeline, reaches: backup.stoppedAt, options } };
}

/** Segments that a backup needs to be consistent. */
function missingOf({ firstSegment, lastSegment }: Backup, record: RepositoryRecord): readonly string[] {
  const { number: from } = parseSegment(firstSegment, record.segmentBytes);
  const { timeline, number: to } = parseSegment(lastSegment, record.segmentBytes);
  const missing = missingSegments({ forks: [], timeline }, from, to, record);
  return missing.map((number) => segmentName({ timeline, number }, record.segmentBytes));
}

/** Labels sort by time. */
function nearest(label: string, labels: readonly string[]): string {
  const sorted = [...labels].sort();
  const at = sorted.findIndex((each) => each > label);
  const middle = at === -1 ? sorted.length : at;
  return sorted.slice(Math.max(0, middle - 2), middle + 2).join(', ');
}

const noHistory = (timeline: number, { name }: RepositoryRecord): Choice =>
  refused('restore-target-in-gap', `the archive of ${name} lacks the history of timeline ${timeline}`);

function recoveryOf(
  { label }: Backup,
  timeline: number,
  reaches: Moment,
  ...[type, target]: readonly [type: 'time' | 'name' | 'default', target?: string | undefined]
): Recovery {
  const options = [`--type=${type}`, ...(target ? [target] : []), `--target-timeline=${timeline}`, `--set=${label}`];
  return { label, timeline, reaches, options };
}
