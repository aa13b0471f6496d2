import { segmentAt } from './segments.ts';
import type { Moment } from './moment.ts';
import { wayTo, type Way } from './timeline.ts';
import type { RepositoryRecord } from './repository.ts';

/** A restore that was: until then clients saw the timeline that it left. */
export interface Undoable {
  /** The request's id. */
  readonly id: string;
  /** The restore point that was made before it, its end, and the timeline that it stands on. */
  readonly point: string;
  readonly lsn: bigint;
  readonly timeline: number;
  /** A backup that leads there, as far as one is known. */
  readonly label?: string | undefined;
  /** A commit of ours, the last one on that timeline. */
  readonly at: Moment;
}

/** A database's life as clients saw it: what restores have left, oldest first, and what serves now. */
export interface Life {
  readonly past: readonly Undoable[];
  /** A commit of ours, made just now, and the archived segment that holds it. */
  readonly present: { readonly timeline: number; readonly at: Moment; readonly segment: number };
}

/** A part of a life without a restore in between. */
export interface Chapter {
  readonly way: Way;
  /** From then on, until just before the commit of ours that ended it. */
  readonly from: Moment;
  readonly until: Moment;
  /** The segment that holds that commit. */
  readonly lastSegment: number;
}

/** @returns oldest first; a chapter whose timeline's history is not in the archive is left out. */
export function chaptersOf({ past, present }: Life, record: RepositoryRecord): readonly Chapter[] {
  const ends = [
    ...past.map(({ timeline, at, lsn }) => ({ timeline, at, segment: segmentAt(lsn, record.segmentBytes) })),
    present,
  ];
  return ends.flatMap(({ timeline, at, segment }, index) => {
    const way = wayTo(timeline, record.histories);
    return way ? [{ way, from: ends[index - 1]?.at ?? -Infinity, until: at, lastSegment: segment }] : [];
  });
}
