import type { Backup, RepositoryRecord } from './repository.ts';
import { chaptersOf, type Chapter, type Life } from './life.ts';
import { isoMoment, type Moment } from './moment.ts';
import { missingSegments, parseSegment, segmentName } from './segments.ts';
import { passes } from './timeline.ts';

/** Moments that can be restored: from the first to the last, both included. */
export interface Range {
  readonly from: Moment;
  readonly to: Moment;
  /** A segment that the archive lacks: what came after `to` and before the next range cannot be told. */
  readonly gap?: string;
}

/** pgBackRest cuts off the fraction of the second in which a backup ended. */
const SECOND = 1_000_000;

/** From when on a backup can be replayed to a moment: only then is it consistent. */
export const usableFrom = ({ stoppedAt }: Backup): Moment => stoppedAt + SECOND;

/** Backups from which a way can be followed, oldest first. */
export function backupsOn({ way }: Chapter, { backups, segmentBytes }: RepositoryRecord): readonly Backup[] {
  return backups.filter(
    ({ damaged, lastSegment, stopLsn }) =>
      !damaged && passes(way, { timeline: parseSegment(lastSegment, segmentBytes).timeline, lsn: stopLsn }),
  );
}

/** The first segment that is missing on the way from a backup to the end of its chapter. */
export function gapAfter(
  { firstSegment }: Backup,
  { way, lastSegment }: Chapter,
  record: RepositoryRecord,
): number | undefined {
  const from = parseSegment(firstSegment, record.segmentBytes).number;
  return missingSegments(way, from, lastSegment, record)[0];
}

/** What can be restored from a repository, oldest first; what is uncertain is left out. */
export function rangesOf(life: Life, record: RepositoryRecord): readonly Range[] {
  return chaptersOf(life, record).flatMap((chapter) => rangesOfChapter(chapter, record));
}

function rangesOfChapter(chapter: Chapter, record: RepositoryRecord): readonly Range[] {
  const { way, until, lastSegment } = chapter;
  const { segmentBytes } = record;
  const numberOf = (name: string): number => parseSegment(name, segmentBytes).number;
  const backups = backupsOn(chapter, record);
  const [oldest] = backups;
  const missing = oldest ? missingSegments(way, numberOf(oldest.firstSegment), lastSegment, record) : [];
  const ranges: Range[] = [];
  for (const backup of backups) {
    const from = Math.max(usableFrom(backup), chapter.from);
    const gap = missing.find((number) => number >= numberOf(backup.firstSegment));
    if (from >= until || (gap !== undefined && gap <= numberOf(backup.lastSegment))) continue;
    // Up to which commit before a gap is in the WAL itself; surely to where the last backup before it ended.
    const before = gap === undefined ? {} : { gap: segmentName({ timeline: way.timeline, number: gap }, segmentBytes) };
    const last = ranges.at(-1);
    if (last && last.gap === before.gap) ranges[ranges.length - 1] = { ...last, to: Math.max(last.to, from) };
    else ranges.push({ from, to: gap === undefined ? until - 1 : from, ...before });
  }
  return ranges;
}

/** For messages: `2026-11-22T10:00:01Z to 2026-11-23T09:00:00Z`. */
export function rangesText(ranges: readonly Range[]): string {
  if (ranges.length === 0) return 'nothing';
  return ranges.map(({ from, to }) => `${isoMoment(from)} to ${isoMoment(to)}`).join(', ');
}
