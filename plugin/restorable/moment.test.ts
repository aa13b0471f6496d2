import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isoMoment, parseMoment, recoveryTime } from './moment.ts';

test.each([
  ['2026-11-22T10:00:00Z', '2026-11-22 10:00:00+00', '2026-11-22T10:00:00Z'],
  ['2026-11-22T10:00:00.1234567+02:00', '2026-11-22 08:00:00.123456+00', '2026-11-22T08:00:00.123456Z'],
  ['2026-03-29T01:30:00.5-05:30', '2026-03-29 07:00:00.5+00', '2026-03-29T07:00:00.5Z'],
])('%s is %s for PostgreSQL', (text, recovery, iso) => {
  const moment = parseMoment(text);
  expect(recoveryTime(moment)).toBe(recovery);
  expect(isoMoment(moment)).toBe(iso);
});

test('no microsecond is lost', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800_000_000 }), (moment) => {
      expect(parseMoment(isoMoment(moment))).toBe(moment);
    }),
  );
});
