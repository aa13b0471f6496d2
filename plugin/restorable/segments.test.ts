import { expect, test } from '@jest/globals';
import { archivedSegment, missingSegments, parseSegment, segmentName } from './segments.ts';
import type { Way } from './timeline.ts';

const SIXTEEN_MB = 16 * 2 ** 20;

test.each([
  ['000000010000000000000001', SIXTEEN_MB, { timeline: 1, number: 1 }],
  ['0000000A00000002000000FF', SIXTEEN_MB, { timeline: 10, number: 767 }],
  ['000000010000000100000003', 2 ** 30, { timeline: 1, number: 7 }],
])('%s with segments of %d bytes', (name, segmentBytes, segment) => {
  expect(parseSegment(name, segmentBytes)).toEqual(segment);
  expect(segmentName(segment, segmentBytes)).toBe(name);
});

test('a segment in which a timeline was left counts on the new one, which goes on in it', () => {
  const way: Way = { forks: [{ timeline: 1, lsn: BigInt(5 * SIXTEEN_MB + 100) }], timeline: 2 };
  const name = (timeline: number, number: number): string => segmentName({ timeline, number }, SIXTEEN_MB);
  const archive = (...names: readonly string[]) => ({ archived: new Set(names), segmentBytes: SIXTEEN_MB });
  const both = archive(name(1, 4), name(1, 5), name(2, 5), name(1, 6));
  expect([4, 5, 6].map((number) => archivedSegment(way, number, both))).toEqual([name(1, 4), name(2, 5), undefined]);
  expect(missingSegments(way, 4, 7, both)).toEqual([6, 7]);
  expect(missingSegments(way, 4, 6, archive(name(1, 4), name(2, 5), name(2, 6)))).toEqual([]);
  expect(missingSegments(way, 4, 5, archive(name(1, 4), name(1, 5)))).toEqual([5]);
});
