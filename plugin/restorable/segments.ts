import type { Way } from './timeline.ts';

/** A place in the WAL: a segment of a timeline. Numbers go on across timelines. */
export interface Segment {
  readonly timeline: number;
  readonly number: number;
}

const XLOG_ID_BYTES = 2 ** 32;

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0');

/** @param name 24 hexadecimal digits: timeline, high and low part of the number (`XLogFileName` in xlog_internal.h). */
export function parseSegment(name: string, segmentBytes: number): Segment {
  const [timeline = 0, high = 0, low = 0] = [0, 8, 16].map((at) => parseInt(name.slice(at, at + 8), 16));
  return { timeline, number: high * (XLOG_ID_BYTES / segmentBytes) + low };
}

export function segmentName({ timeline, number }: Segment, segmentBytes: number): string {
  const each = XLOG_ID_BYTES / segmentBytes;
  return `${hex(timeline)}${hex(Math.floor(number / each))}${hex(number % each)}`;
}

/** The segment in which a position stands. */
export const segmentAt = (lsn: bigint, segmentBytes: number): number => Number(lsn / BigInt(segmentBytes));

/** The WAL segments that a repository has. */
export interface Archive {
  /** Names of whole segments. */
  readonly archived: ReadonlySet<string>;
  readonly segmentBytes: number;
}

/**
 * The name under which the archive has a segment of a way. One in which a timeline was left counts on the next one, which goes on in
 * it: recovery takes the newest that there is (`XLogFileReadAnyTLI` in xlogrecovery.c), and an older one ends on abandoned ground.
 * @returns undefined where it is missing.
 */
export function archivedSegment(way: Way, number: number, archive: Archive): string | undefined {
  return nameOn(spansOf(way, archive.segmentBytes), number, archive);
}

/**
 * The segments of a way that the archive lacks.
 * @param from the first one that is needed. @param to the last one. @returns ascending.
 */
export function missingSegments(way: Way, from: number, to: number, archive: Archive): readonly number[] {
  const spans = spansOf(way, archive.segmentBytes);
  const missing: number[] = [];
  for (let number = from; number <= to; number += 1) {
    if (nameOn(spans, number, archive) === undefined) missing.push(number);
  }
  return missing;
}

interface Span {
  readonly timeline: number;
  readonly first: number;
  readonly last: number;
}

function spansOf({ forks, timeline }: Way, segmentBytes: number): readonly Span[] {
  let first = 0;
  const spans = forks.map((fork) => {
    const last = segmentAt(fork.lsn, segmentBytes);
    const span = { timeline: fork.timeline, first, last };
    first = last;
    return span;
  });
  return [...spans, { timeline, first, last: Infinity }];
}

function nameOn(spans: readonly Span[], number: number, { archived, segmentBytes }: Archive): string | undefined {
  const span = spans.findLast(({ first, last }) => number >= first && number <= last);
  const name = span && segmentName({ timeline: span.timeline, number }, segmentBytes);
  return name !== undefined && archived.has(name) ? name : undefined;
}
