import { expect, test } from '@jest/globals';
import { statistics } from './statistics.ts';

const START = 1_700_000_000_000;

function clocked(): { readonly counted: ReturnType<typeof statistics>; readonly at: (milliseconds: number) => void } {
  let now = START;
  return {
    counted: statistics(() => now),
    at: (milliseconds) => {
      now = START + milliseconds;
    },
  };
}

test('the longest gap is between two acknowledged writes of a channel, whatever is refused in between', () => {
  const { counted, at } = clocked();
  for (const time of [100, 300, 2300, 2400]) {
    at(time);
    counted.write({ channel: 'service', result: 'acknowledged' });
    counted.write({ channel: 'direct', result: 'acknowledged' });
    at(time + 50);
    counted.write({ channel: 'service', result: 'refused', reason: '503 25006' });
  }
  expect(counted.snapshot(0).service).toMatchObject({
    acknowledged: 4,
    refused: 4,
    firstAcknowledged: START + 100,
    lastAcknowledged: START + 2400,
    longestGap: { from: START + 300, to: START + 2300, milliseconds: 2000 },
  });
});

test('a gap that is still open counts while clients run', () => {
  const { counted, at } = clocked();
  counted.write({ channel: 'service', result: 'acknowledged' });
  at(700);
  expect(counted.snapshot(1).service.longestGap).toEqual({ from: START, to: START + 700, milliseconds: 700 });
  expect(counted.snapshot(0).service.longestGap?.milliseconds).toBe(0);
  expect(counted.snapshot(1).direct).toEqual({ acknowledged: 0, refused: 0, unknown: 0, refusals: {} });
});

test('what is refused and what is unknown stand apart, by reason and second', () => {
  const { counted, at } = clocked();
  counted.write({ channel: 'service', result: 'refused', reason: '503 25006' });
  counted.write({ channel: 'service', result: 'refused', reason: '503 25006' });
  at(1000);
  counted.write({ channel: 'direct', result: 'refused', reason: '55P03' });
  counted.write({ channel: 'service', result: 'unknown', reason: '504 57P01' });
  const { service, direct, seconds } = counted.snapshot(1);
  expect(service).toMatchObject({ refused: 2, unknown: 1, refusals: { '503 25006': 2, '504 57P01': 1 } });
  expect(direct.refusals).toEqual({ '55P03': 1 });
  expect(seconds.map(({ refusals }) => refusals)).toEqual([
    { 'service 503 25006': 2 },
    { 'direct 55P03': 1, 'service 504 57P01': 1 },
  ]);
});

test('reads, failed reads and versions by second', () => {
  const { counted, at } = clocked();
  counted.version('1.3');
  counted.read();
  at(1500);
  counted.version('1.4');
  counted.version('1.4');
  counted.read();
  counted.failedRead({ connection: 'fresh', path: '/pets/1', reason: 'ECONNREFUSED', missing: false });
  const { reads, versions, seconds } = counted.snapshot(1);
  expect(reads).toEqual({
    ok: 2,
    failed: 1,
    missing: 0,
    resent: 0,
    firstFailures: [{ at: START + 1500, connection: 'fresh', path: '/pets/1', reason: 'ECONNREFUSED', missing: false }],
  });
  expect(versions).toEqual([
    { version: '1.3', answers: 1, first: START, last: START },
    { version: '1.4', answers: 2, first: START + 1500, last: START + 1500 },
  ]);
  expect(seconds).toMatchObject([
    { at: START, reads: 1, failedReads: 0, versions: { '1.3': 1 } },
    { at: START + 1000, reads: 1, failedReads: 1, versions: { '1.4': 2 } },
  ]);
});

test('only the first failed reads are kept, all are counted', () => {
  const { counted } = clocked();
  for (let n = 0; n < 150; n += 1) counted.failedRead({ connection: 'kept', path: '/', reason: '503', missing: false });
  expect(counted.snapshot(1).reads.failed).toBe(150);
  expect(counted.snapshot(1).reads.firstFailures).toHaveLength(100);
});
