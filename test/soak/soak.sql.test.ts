import { env } from 'node:process';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { useTemplate } from '../lab/postgres/use-template.ts';
import { schedules, titleOf, type Ending } from './schedule.ts';
import { soakSwitch, type Seen } from './soak-switch.ts';

jest.setTimeout(300_000);

/** `make soak` gives both; `make sql` a few switches of a seed that is always the same. */
const COUNT = Number(env.LIFECYCLE_SOAK ?? '3');
const SEED = Number(env.LIFECYCLE_SOAK_SEED ?? '8');

/** The other endings may end either way. */
const EXPECTED: Readonly<Partial<Record<Ending, Seen['decision']>>> = {
  commit: 'Committed',
  'hook after the fence': 'Aborted',
  'hook after verify': 'Aborted',
  'keeper killed': 'Aborted',
  'over budget': 'Aborted',
  'unlogged table filled': 'Aborted',
};

const template = useTemplate();
const all: Seen[] = [];

afterAll(() => {
  const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
  const of = (state: Seen['decision']): readonly Seen[] => all.filter(({ decision }) => decision === state);
  const figures = [
    `${all.length} switches`,
    `${of('Committed').length} committed`,
    `${of('Aborted').length} aborted`,
    `${sum(all.map(({ acknowledged }) => acknowledged))} writes acknowledged`,
    `${sum(all.map(({ lost }) => lost.length))} lost`,
    `longest window ${Math.max(...all.map(({ windowSeconds = 0 }) => windowSeconds)).toFixed(1)} s`,
  ];
  process.stderr.write(`soak: ${figures.join(', ')}\n`);
});

describe('switches in a row lose no acknowledged write, and every window ends', () => {
  test.each(schedules(SEED, COUNT).map((schedule, n) => [SEED + n, titleOf(schedule), schedule] as const))(
    'seed %i: %s',
    async (_seed, _title, schedule) => {
      const seen = await soakSwitch(template(), schedule);
      all.push(seen);
      expect(seen).toMatchObject({ lost: [], late: [], refused: [], bothOpen: [], locksLeft: 0 });
      expect(`${seen.decision}: ${seen.reason ?? ''}`).toContain(`${EXPECTED[schedule.ending] ?? seen.decision}: `);
      expect(seen.acknowledged).toBeGreaterThan(0);
    },
  );
});
