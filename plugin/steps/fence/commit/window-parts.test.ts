import { expect, test } from '@jest/globals';
import type { Decision, StepRecord } from '../../../lifecycle/status.ts';
import { windowParts } from './window-parts.ts';

const at = (seconds: number): string => new Date(Date.UTC(2026, 10, 24) + seconds * 1000).toISOString();
const record = (step: string, from: number, to: number, digest = 'd'): StepRecord => ({
  digest,
  step,
  state: 'Done',
  startedAt: at(from),
  finishedAt: at(to),
});

const decision: Decision = {
  digest: 'd',
  state: 'Committed',
  attempt: 1,
  blue: 'bestie',
  green: 'bestie2',
  openedAt: at(0),
  fencedAt: at(10),
  committedAt: at(61),
  flipped: at(61.5),
  greenOpened: at(65),
  windowSeconds: 55,
  fence: {
    restorePoint: 'lifecycle-d',
    lsn: '0/1',
    timeline: 1,
    systemIdentifier: '1',
    postmasterStartedAt: at(0),
    holders: [],
    roles: [],
    catalogDigest: '',
    fencedAt: at(10),
    lockedAt: at(10.25),
    archivedAt: at(12),
  },
};
const steps = [
  record('verify', 20, 22),
  record('migrate', 25, 30),
  record('smoke', 40, 45),
  record('commit', 60, 62),
  record('smoke', 1, 2, 'another plan'),
];

test("a window's parts and what lies between them make up the whole window", () => {
  const parts = windowParts(decision, steps);
  expect(parts).toEqual({
    fence: 0.25,
    archive: 1.75,
    clone: 8,
    verify: 2,
    migrate: 5,
    application: 10,
    smoke: 5,
    commit: 1,
    flip: 0.5,
    drain: 3.5,
    waves: 18,
  });
  const sum = Object.values(parts).reduce((total, seconds) => total + seconds, 0);
  expect(sum).toBeCloseTo(55);
});

test('without a migration the application begins after verify; what is not recorded is left out', () => {
  const withoutMigration = steps.filter(({ step }) => step !== 'migrate' && step !== 'commit');
  expect(windowParts(decision, withoutMigration)).toMatchObject({ application: 18 });
  expect(windowParts(decision, withoutMigration)).not.toHaveProperty('migrate');
  expect(windowParts(decision, withoutMigration)).not.toHaveProperty('commit');
});

test('what was done before the fence is no part of the window', () => {
  const before = [record('verify', 1, 3), record('migrate', 3, 5), record('smoke', 5, 8), record('commit', 60, 62)];
  const parts = windowParts(decision, before);
  expect(Object.keys(parts)).toEqual(['fence', 'archive', 'commit', 'flip', 'drain', 'waves']);
  expect(Object.values(parts).reduce((total, seconds) => total + seconds, 0)).toBeCloseTo(55);
});
