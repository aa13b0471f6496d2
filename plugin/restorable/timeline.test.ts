import { expect, test } from '@jest/globals';
import { parseHistory, parseLsn, passes, wayTo } from './timeline.ts';

const HISTORY = `1\t0/3000148\tat restore point "before-r1"\n\n2\t1/A0\tbefore 2026-11-22 10:00:00+00\n# by hand\n`;

test('a history file tells where each timeline was left', () => {
  expect(parseHistory(HISTORY)).toEqual([
    { timeline: 1, lsn: parseLsn('0/3000148') },
    { timeline: 2, lsn: 2n ** 32n + 0xa0n },
  ]);
});

test('a way passes what was written on its timelines before they were left, and nothing else', () => {
  const way = wayTo(3, new Map([[3, parseHistory(HISTORY)]]));
  if (!way) throw new Error('no way');
  const on = (timeline: number, lsn: string): boolean => passes(way, { timeline, lsn: parseLsn(lsn) });
  expect([on(1, '0/3000148'), on(1, '0/3000149'), on(2, '1/A0'), on(2, '1/A1'), on(3, 'F/0'), on(4, '0/1')]).toEqual([
    true,
    false,
    true,
    false,
    true,
    false,
  ]);
});

test('a timeline without a history is the first one, or unknown', () => {
  expect(wayTo(1, new Map())).toEqual({ forks: [], timeline: 1 });
  expect(wayTo(2, new Map())).toBeUndefined();
});
