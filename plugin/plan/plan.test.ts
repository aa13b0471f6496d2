import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildPlan, durationSeconds, stepRequest } from './plan.ts';
import { stepRequestSchema } from './step-request.ts';
import { atRest, preparing, switching } from './testing/lifecycles.ts';

const waves = (kind: ReturnType<typeof atRest>): readonly string[] =>
  buildPlan(kind).steps.map(({ wave, name }) => `${wave} ${name}`);

describe('the waves', () => {
  test('at rest: access and guard → database → migrate → application → traffic → confirm', () => {
    expect(waves(atRest())).toEqual([
      '0 access',
      '0 guard',
      '1 database',
      '3 migrate',
      '4 application',
      '5 traffic',
      'PostSync confirm',
    ]);
  });

  test('a backup on demand comes before the migrations', () => {
    expect(waves(atRest({ backup: { onDemand: { id: 'a', repository: 'repo1' } } }))).toContain('2 backup');
  });

  test('Switch has the waves of the design', () => {
    expect(waves(switching())).toEqual([
      '0 access',
      '0 guard',
      '1 blue',
      '2 preflight',
      '3 backup',
      '4 fence',
      '5 green-database',
      '6 verify',
      '7 migrate',
      '8 application',
      '9 smoke',
      '10 commit',
      '11 traffic',
      'PostSync confirm',
      'SyncFail abort',
    ]);
  });

  test.each([atRest(), preparing(), switching()])('numbers never fall, hooks come last', (lifecycle) => {
    const numbers = buildPlan(lifecycle).steps.map(({ wave }) => (typeof wave === 'number' ? wave : Infinity));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  test('no migrations: no migrate step', () => {
    const lifecycle = switching({ application: { migrations: undefined } });
    expect(buildPlan(lifecycle).steps.some(({ name }) => name === 'migrate')).toBe(false);
  });
});

describe('the digest', () => {
  const digest = (lifecycle: ReturnType<typeof atRest>): string => buildPlan(lifecycle).digest;
  const base = digest(switching());

  test.each([
    ['green.version', switching({ green: { version: '1.5' } })],
    ['green.name', switching({ green: { name: 'bestie3' } })],
    ['green.attempt', switching({ green: { attempt: 2 } })],
    ['green.verify', switching({ green: { verify: 'Full' } })],
    ['blue.version', switching({ blue: { version: '1.2' } })],
    ['migrations', switching({ application: { migrations: { command: ['flask', 'db', 'stamp'] } } })],
    ['stage', preparing()],
  ])('changes with %s', (_, lifecycle) => {
    expect(digest(lifecycle)).not.toBe(base);
  });

  test.each([
    ['schedules', switching({ backup: { repositories: [{ name: 'repo1', volume: { storage: '30Gi' } }] } })],
    ['replicas', switching({ application: { replicas: 7 } })],
    ['windowBudget', switching({ green: { windowBudget: '20m' } })],
    ['verify as it is by default', switching({ green: { verify: 'Physical' } })],
    ['labels', switching({ metadata: { labels: { team: 'pets' } } })],
  ])('does not change with %s, so that no step runs again for it', (_, lifecycle) => {
    expect(digest(lifecycle)).toBe(base);
  });

  test('at rest a new version of blue migrates again', () => {
    expect(digest(atRest({ blue: { version: '1.4' } }))).not.toBe(digest(atRest()));
  });

  test('does not depend on the order of fields', () => {
    const { spec, ...rest } = switching();
    const reordered = Object.fromEntries(Object.entries(spec).toReversed()) as typeof spec;
    expect(digest({ ...rest, spec: reordered })).toBe(base);
  });
});

describe('instances', () => {
  test("the rehearsal's name holds its digest, because a cluster made again under a name adopts old volumes", () => {
    const plan = buildPlan(preparing());
    expect(plan.green?.cluster).toBe(`bestie2-r${plan.digest.slice(0, 8)}-pgo`);
    expect(plan.serves.name).toBe('bestie');
  });

  test('adopted names are used', () => {
    const { blue } = buildPlan(atRest({ blue: { names: { database: 'hippo', service: 'old' } } }));
    expect(blue).toMatchObject({ cluster: 'hippo', application: 'bestie-app', service: 'old' });
  });
});

describe('the step request', () => {
  test.each([atRest(), preparing(), switching()])('is what the steps parse', (lifecycle) => {
    const request = stepRequest(buildPlan(lifecycle));
    expect(stepRequestSchema.parse(request)).toEqual(request);
  });

  test('durations are seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), (count) => {
        expect(durationSeconds(`${count}s`)).toBe(count);
        expect(durationSeconds(`${count}m`)).toBe(count * 60);
        expect(durationSeconds(`${count}h`)).toBe(count * 3600);
      }),
    );
  });
});
