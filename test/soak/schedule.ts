import fc from 'fast-check';

/** How a switch is to end. What is killed or hurried may end either way; which one, the decision says. */
const ENDINGS = [
  'commit',
  'commit killed, then the hook',
  'commit and hook at once',
  'hook after the fence',
  'hook after verify',
  'keeper killed',
  'over budget',
  'unlogged table filled',
] as const;
export type Ending = (typeof ENDINGS)[number];

/** Who writes besides the application's plain clients, which always do. */
const MEMBERS = [
  'overriders',
  'reporter',
  'replication role',
  'replication connection',
  'template database',
  'second database',
  'temporary tables',
  'exporter',
  'open transaction',
] as const;
export type Member = (typeof MEMBERS)[number];

/** One switch of the soak: a pure value; times are milliseconds. */
export interface Schedule {
  readonly ending: Ending;
  readonly members: readonly Member[];
  readonly writers: number;
  /** Between two writes of a client. */
  readonly pace: number;
  /** Between the fence and what comes next. */
  readonly pause: number;
  /** Between a commit and the hook that is run at once; before the keeper is killed. */
  readonly stagger: number;
  /** At which call of a port the commit is killed, and whether the call had an effect. */
  readonly killAt: number;
  readonly killMoment: 'before' | 'after';
}

const schedule: fc.Arbitrary<Schedule> = fc.record({
  // Half of them commit undisturbed.
  ending: fc.oneof({ weight: 6, arbitrary: fc.constant('commit' as const) }, ...ENDINGS.slice(1).map(weightOne)),
  members: fc.subarray([...MEMBERS], { minLength: 3 }),
  writers: fc.integer({ min: 1, max: 4 }),
  pace: fc.integer({ min: 0, max: 20 }),
  pause: fc.integer({ min: 0, max: 500 }),
  stagger: fc.integer({ min: 0, max: 400 }),
  killAt: fc.integer({ min: 1, max: 12 }),
  killMoment: fc.constantFrom('before', 'after'),
});

function weightOne(ending: Ending): { weight: number; arbitrary: fc.Arbitrary<Ending> } {
  return { weight: 1, arbitrary: fc.constant(ending) };
}

/** The same seed gives the same schedules, the first of a longer list too. */
export const schedules = (seed: number, count: number): readonly Schedule[] =>
  Array.from({ length: count }, (_, n) => fc.sample(schedule, { seed: seed + n, numRuns: 1 })).flat();

/** One line that says what a switch of the soak is. */
export const titleOf = ({ ending, writers, members }: Schedule): string =>
  `${ending}; ${writers} writers, ${members.join(', ')}`;
