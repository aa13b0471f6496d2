import { expect, test } from '@jest/globals';
import { lostRecovery } from './lost.ts';
import { parseMoment } from './moment.ts';
import { parseLsn } from './timeline.ts';

const at = (hour: number): number => parseMoment(`2026-11-22T${String(hour).padStart(2, '0')}:00:00Z`);
const LOST = at(20);
/** Twice restored in place: at 12, to some moment before, and at 16. */
const past = [12, 16].map((hour, index) => ({
  id: `r${index + 1}`,
  point: `before-r${index + 1}`,
  lsn: parseLsn('0/1'),
  timeline: index + 1,
  at: at(hour),
  label: `20261122-0${index + 1}0000F`,
}));

test('the newest state follows the newest timeline, by the newest backup', () => {
  expect(lostRecovery({ latest: true }, past, LOST)).toEqual({
    label: '',
    timeline: 0,
    reaches: LOST,
    options: ['--type=default'],
  });
});

test('a moment after the last restore is on the newest timeline', () => {
  expect(lostRecovery({ time: at(18) }, past, LOST)).toMatchObject({
    reaches: at(18),
    options: ['--type=time', '--target="2026-11-22 18:00:00+00"'],
  });
});

test('one that a restore has left is on the timeline that served then', () => {
  expect(lostRecovery({ time: at(11) }, past, LOST).options).toContain('--target-timeline=1');
  expect(lostRecovery({ time: at(14) }, past, LOST).options).toContain('--target-timeline=2');
});

test('a backup is the end of its own way', () => {
  expect(lostRecovery({ backup: '20261122-010000F' }, past, LOST)).toMatchObject({
    label: '20261122-010000F',
    options: ['--type=immediate', '--set=20261122-010000F'],
  });
});
