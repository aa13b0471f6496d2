import { describe, expect, test } from '@jest/globals';
import type { Decision, Status } from '../../lifecycle/status.ts';
import { ANNOTATION, LABEL } from '../../plan/labels.ts';
import type { FinishWindow } from './finish-window.ts';
import { createPreflight } from './preflight.ts';
import { healthyStatus, operatorJob } from '../testing/fake-operator.ts';
import type { StepContext } from '../ports/step.ts';
import { addGreen, BLUE, DIGEST, GREEN, requestFor, SERVING, worldAtRest, type World } from '../testing/world.ts';

const request = requestFor('Switch');
const done: FinishWindow = () => Promise.resolve();
const preflight = (world: World, problems: readonly string[] = [], finish = done): Promise<unknown> =>
  createPreflight(() => Promise.resolve(problems), finish)(world.context(request));

const aborted = (more: Partial<Decision> = {}): Decision => ({
  digest: 'aaaaaaaaaaaa',
  state: 'Aborted',
  attempt: 0,
  blue: BLUE.name,
  green: GREEN.name,
  openedAt: '2026-11-21T10:00:00.000Z',
  unfenced: '2026-11-21T10:05:00.000Z',
  greenUid: `uid-${GREEN.cluster}`,
  ...more,
});

test('when all hold, a switch opens its decision', async () => {
  const world = worldAtRest();
  expect(await preflight(world)).toEqual({ guards: 'hold', decision: 'Open' });
  expect(world.ledger.status).toMatchObject({ phase: 'Switching', decision: { digest: DIGEST, state: 'Open' } });
});

test('a rehearsal opens none', async () => {
  const world = worldAtRest();
  const step = createPreflight(() => Promise.resolve([]), done);
  expect(await step(world.context(requestFor('Prepare')))).toEqual({ guards: 'hold' });
  expect(world.ledger.status.decision).toBeUndefined();
});

describe('what the ledger rules out', () => {
  test.each<[string, Status, string]>([
    ['an empty ledger', {}, 'ledger-empty'],
    ['another instance serves', { serving: { ...SERVING, instance: 'other' } }, 'not-serving'],
    [
      'green of a plan before was committed, and nobody recorded it',
      { serving: SERVING, decision: aborted({ state: 'Committed', blueClosed: '2026-11-21T10:05:00.000Z' }) },
      'not-serving',
    ],
    ['this attempt was aborted', { serving: SERVING, decision: aborted({ digest: DIGEST }) }, 'attempt-aborted'],
    ['it was aborted long ago', { serving: SERVING, history: [aborted({ digest: DIGEST })] }, 'attempt-aborted'],
  ])('%s', async (_name, status, code) => {
    const world = worldAtRest(status);
    await expect(preflight(world)).rejects.toMatchObject({ code });
    expect(world.ledger.status).toEqual(status);
  });

  test('an instance that was adopted by annotation serves, and is recorded as such', async () => {
    const world = worldAtRest({}, { [ANNOTATION.adopt]: BLUE.name });
    await preflight(world);
    expect(world.ledger.status.serving).toMatchObject({ instance: BLUE.name, version: BLUE.version });
  });

  test('adopting another instance does not help', async () => {
    const world = worldAtRest({}, { [ANNOTATION.adopt]: 'other' });
    await expect(preflight(world)).rejects.toMatchObject({ code: 'not-serving' });
  });
});

describe('guards', () => {
  test('all that fail are named at once, after the bound', async () => {
    const world = worldAtRest();
    world.cluster.operator.jobs = [operatorJob(BLUE.cluster)];
    await expect(preflight(world, ['role app is a superuser', 'table t is unlogged'])).rejects.toMatchObject({
      code: 'guard-failed',
      message:
        'guard-failed: backup Job bestie-pgo-backup-x1y2 is not finished; role app is a superuser; ' +
        'table t is unlogged (waited 300 s)',
    });
    expect(world.ledger.status.decision).toBeUndefined();
  });

  test('a repository that is no longer where the ledger has first seen it', async () => {
    const world = worldAtRest({
      serving: { ...SERVING, repositories: { repo1: 's3 shop /prod/shop/1/repo1', repo2: 'volume /gone' } },
    });
    const pgbackrest = {
      repos: [{ name: 'repo1', s3: { bucket: 'shop' } }],
      global: { 'repo1-path': '/prod/shop/2/repo1' },
    };
    world.cluster.operator.create(BLUE.cluster, { spec: { backups: { pgbackrest } } });
    await expect(preflight(world)).rejects.toMatchObject({
      code: 'guard-failed',
      message: expect.stringContaining(
        'repo1 is at s3 shop /prod/shop/2/repo1, its backups and archive are at s3 shop /prod/shop/1/repo1; put it back',
      ),
    });
  });

  test('one that comes to hold is waited for', async () => {
    const world = worldAtRest();
    world.cluster.operator.setStatus(BLUE.cluster, { ...healthyStatus(), observedGeneration: 0 });
    let left = 30;
    world.clock.everySecond(() => {
      if ((left -= 1) === 0) world.cluster.operator.setStatus(BLUE.cluster, healthyStatus());
    });
    await preflight(world);
    expect(world.lines[0]).toContain('the operator has not seen its newest spec');
  });

  test.each<[string, Partial<Record<string, unknown>>, RegExp]>([
    ['not booted', { patroni: {} }, /has not booted/],
    ['an instance not ready', { instances: [{ name: 'set1', replicas: 1, updatedReplicas: 1 }] }, /set1: 0 of 1 ready/],
    [
      'a restore that runs',
      { pgbackrest: { repos: [], restore: { id: 'r1', finished: false } } },
      /a restore is running/,
    ],
    ['no repository', { conditions: [] }, /PGBackRestReplicaCreate is not known yet/],
  ])('blue unhealthy: %s', async (_name, status, text) => {
    const world = worldAtRest();
    world.cluster.operator.setStatus(BLUE.cluster, { ...healthyStatus(), ...status });
    await expect(preflight(world)).rejects.toMatchObject({
      code: 'not-in-time',
      message: expect.stringMatching(text),
    });
  });

  test('a decision that a newer sync opens meanwhile is waited for, then refused', async () => {
    const world = worldAtRest();
    const newer = aborted({ state: 'Fenced' });
    world.cluster.operator.setStatus(BLUE.cluster, {});
    world.clock.everySecond(() => {
      world.ledger.write({ ...world.ledger.status, decision: newer });
    });
    await expect(preflight(world)).rejects.toMatchObject({ code: 'other-plan-open' });
    expect(world.ledger.status.decision).toEqual(newer);
  });
});

describe('a decision that was not carried out', () => {
  const { unfenced, ...incomplete } = aborted();
  const finishing =
    (world: World, seen: StepContext[] = []): FinishWindow =>
    (context) => {
      seen.push(context);
      world.ledger.write({ ...world.ledger.status, decision: { ...incomplete, unfenced } });
      return Promise.resolve();
    };

  test("of another plan is finished as that plan's step would, before anything else is asked", async () => {
    const blue = { ...BLUE, cluster: 'adopted' };
    const world = worldAtRest({ serving: SERVING, decision: { ...incomplete, instances: { blue, green: GREEN } } });
    const seen: StepContext[] = [];
    await preflight(world, [], finishing(world, seen));
    expect(seen.map(({ request: of }) => of)).toMatchObject([
      { digest: incomplete.digest, attempt: 0, blue, green: GREEN, plan: 'Switch' },
    ]);
    expect(world.ledger.status).toMatchObject({ decision: { digest: DIGEST }, history: [{ unfenced }] });
  });

  test('of this plan too, also where the ledger then refuses the attempt', async () => {
    const world = worldAtRest({ decision: { ...incomplete, digest: DIGEST } });
    const seen: StepContext[] = [];
    await expect(preflight(world, [], finishing(world, seen))).rejects.toMatchObject({ code: 'ledger-empty' });
    expect(seen).toHaveLength(1);
  });

  test('and cannot be is tried again, then refused with the reason', async () => {
    const world = worldAtRest({ serving: SERVING, decision: incomplete });
    await expect(preflight(world, [], () => Promise.reject(new Error('no login')))).rejects.toMatchObject({
      code: 'other-plan-open',
      message: expect.stringMatching(/is Aborted and not complete: no login/),
    });
    expect(world.ledger.status.decision).toEqual(incomplete);
  });

  test('and was a commit, confirmed or not: a plan that starts from its green leaves the servers alone', async () => {
    const committed = aborted({
      state: 'Committed',
      green: BLUE.name,
      blue: 'bestie0',
      blueClosed: incomplete.openedAt,
    });
    const world = worldAtRest({ serving: SERVING, decision: committed });
    const seen: StepContext[] = [];
    await preflight(world, [], finishing(world, seen));
    expect(seen).toHaveLength(0);
  });

  test('may be finished by another meanwhile', async () => {
    const world = worldAtRest({ serving: SERVING, decision: incomplete });
    let left = 3;
    const third: FinishWindow = (context, reason) =>
      (left -= 1) === 0 ? finishing(world)(context, reason) : Promise.reject(new Error('no login'));
    await preflight(world, [], third);
    expect(world.ledger.status).toMatchObject({ decision: { digest: DIGEST } });
  });

  test('is left alone by a preflight whose plan is no longer that of the Lifecycle, which opens none either', async () => {
    const newer = { ...incomplete, state: 'Fenced' as const };
    const world = worldAtRest({ serving: SERVING, decision: newer });
    world.ledger.labels = { [LABEL.digest]: newer.digest };
    const seen: StepContext[] = [];
    await expect(preflight(world, [], finishing(world, seen))).rejects.toMatchObject({ code: 'other-plan-open' });
    expect(seen).toHaveLength(0);
    const late = worldAtRest();
    const step = createPreflight(() => {
      late.ledger.labels = { [LABEL.digest]: newer.digest };
      return Promise.resolve([]);
    }, done);
    await expect(step(late.context(request))).rejects.toMatchObject({ code: 'other-plan-open' });
    expect(late.ledger.status.decision).toBeUndefined();
  });

  test('but is on record as done is looked at, which keeps nobody from going on', async () => {
    const world = worldAtRest({ serving: SERVING, decision: aborted() });
    await preflight(world, [], () => Promise.reject(new Error('no login')));
    expect(world.lines).toContainEqual(expect.stringContaining('no login'));
    expect(world.ledger.status).toMatchObject({ decision: { digest: DIGEST } });
  });
});

describe('green of an aborted attempt', () => {
  test.each<[string, Status]>([
    ['the decision', { serving: SERVING, decision: aborted() }],
    ['the history', { serving: SERVING, history: [aborted()] }],
  ])('is removed when %s names its UID', async (_name, status) => {
    const world = worldAtRest(status);
    addGreen(world);
    expect(await preflight(world)).toMatchObject({ removed: `uid-${GREEN.cluster}` });
    expect(world.cluster.effects).toEqual([`delete ${GREEN.application}`, `delete ${GREEN.cluster}`]);
    expect(world.cluster.operator.claims(GREEN.cluster)).toEqual([]);
  });

  test.each<[string, Status]>([
    ['nothing is on record', { serving: SERVING }],
    ['the record names another UID', { serving: SERVING, decision: aborted({ greenUid: 'uid-other' }) }],
    ['that attempt was committed', { serving: SERVING, history: [aborted({ state: 'Committed' })] }],
  ])('is left alone when %s', async (_name, status) => {
    const world = worldAtRest(status);
    addGreen(world);
    await expect(preflight(world)).rejects.toMatchObject({ code: 'green-exists' });
    expect(world.cluster.effects).toEqual([]);
  });

  test('volumes that it left are waited for, because a new clone would adopt them', async () => {
    const world = worldAtRest();
    world.cluster.operator.leaveClaims(GREEN.cluster, 20);
    await preflight(world);
    expect(world.lines.some((line) => line.includes('volumes are still there'))).toBe(true);
  });
});

test.each(['Fenced', 'Committed'] as const)('run again when its decision is %s, it changes nothing', async (state) => {
  const status: Status = { serving: SERVING, decision: aborted({ digest: DIGEST, state }) };
  const world = worldAtRest(status);
  addGreen(world);
  expect(await preflight(world)).toEqual({ decision: state });
  expect(world.ledger.status).toEqual(status);
});

test('aborted while it waited: no new decision is opened', async () => {
  const world = worldAtRest();
  const step = createPreflight(() => {
    world.ledger.write({ ...world.ledger.status, decision: aborted({ digest: DIGEST }) });
    return Promise.resolve([]);
  }, done);
  await expect(step(world.context(request))).rejects.toMatchObject({ code: 'attempt-aborted' });
});
