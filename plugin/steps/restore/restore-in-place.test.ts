import { expect, test } from '@jest/globals';
import { ApiError } from '../../cluster/api-error.ts';
import type { RestoreRecord, Status } from '../../lifecycle/status.ts';
import { operatorJob } from '../testing/fake-operator.ts';
import { BLUE, requestFor, SERVING, worldAtRest, type World } from '../testing/world.ts';
import { restoreInPlace } from './restore-in-place.ts';
import { restoreOf } from './restore-records.ts';

const OPTIONS = ['--type=time', '--target="2026-11-22 10:00:00+00"', '--target-timeline=1', '--set=20261122-010000F'];

const paused = (id: string, more: Partial<RestoreRecord> = {}): RestoreRecord => ({
  id,
  digest: '0a1b2c3d4e5f',
  repository: 'repo1',
  target: '2026-11-22T10:00:00Z',
  state: 'Paused',
  requestedAt: '2026-11-22T11:00:00.000Z',
  clientsOffAt: '2026-11-22T11:01:00.000Z',
  instance: BLUE.name,
  recovery: { label: '20261122-010000F', timeline: 1, options: OPTIONS },
  ...more,
});

const worldWith = (...restores: readonly RestoreRecord[]): World => {
  const status: Status = { serving: SERVING, restores: [...restores] };
  return worldAtRest(status);
};

const restore = (world: World, id = 'r1'): Promise<unknown> =>
  restoreInPlace(world.context(requestFor('AtRest', { approval: 'not needed' })), BLUE.cluster, {
    id,
    repository: 'repo1',
    target: { latest: true },
    text: '2026-11-22T10:00:00Z',
  });
const stateOf = (world: World, id = 'r1'): string | undefined => restoreOf(world.ledger.status, id)?.state;
const onObject = ({ cluster }: World): unknown =>
  (cluster.operator.view(BLUE.cluster)?.spec['backups'] as { pgbackrest: { restore?: unknown } }).pgbackrest.restore;

test('sets the restore on the live object, waits for its end and takes it off again', async () => {
  const world = worldWith(paused('r1'));
  const seen: unknown[] = [];
  world.clock.everySecond(() => seen.push(onObject(world)));
  expect(await restore(world)).toEqual({ id: 'r1', cluster: BLUE.cluster, seconds: 1 });
  expect(seen).toContainEqual({ enabled: true, repoName: 'repo1', options: OPTIONS });
  expect(onObject(world)).toBeUndefined();
  expect(world.cluster.effects).toEqual([`restore ${BLUE.cluster} r1`, `restore ${BLUE.cluster} none`]);
  expect(restoreOf(world.ledger.status, 'r1')).toMatchObject({ state: 'Restored', uid: `uid-${BLUE.cluster}` });
});

test('an id runs once, whatever was lost of the run before', async () => {
  const world = worldWith(paused('r1'));
  await restore(world);
  await restore(world);
  // Killed before the end was on record.
  world.ledger.write({ ...world.ledger.status, restores: [paused('r1', { state: 'Restoring' })] });
  await restore(world);
  expect(world.cluster.operator.restores).toEqual(['r1']);
  expect(stateOf(world)).toBe('Restored');
});

test('one that was killed before its request arrived makes it', async () => {
  const world = worldWith(paused('r1', { state: 'Restoring', uid: `uid-${BLUE.cluster}` }));
  await restore(world);
  expect(world.cluster.operator.restores).toEqual(['r1']);
});

test.each(['Requested', 'Failed'] as const)('one that is %s does not run', async (state) => {
  const world = worldWith(paused('r1', { state }));
  await expect(restore(world)).rejects.toMatchObject({
    code: state === 'Failed' ? 'restore-failed' : 'step-out-of-order',
  });
  expect(world.cluster.effects).toEqual([]);
});

test('a database that was made again since it began is left alone', async () => {
  const world = worldWith(paused('r1', { state: 'Restoring', uid: 'uid-of-before' }));
  await expect(restore(world)).rejects.toMatchObject({ code: 'restore-unsafe' });
  expect(world.cluster.effects).toEqual([]);
});

test('a clone that still has its source is left alone: the operator would clone it again', async () => {
  const world = worldWith(paused('r1'));
  const view = world.cluster.operator.view(BLUE.cluster);
  world.cluster.operator.create(BLUE.cluster, { spec: { ...view?.spec, dataSource: { postgresCluster: {} } } });
  await expect(restore(world)).rejects.toThrow(/^restore-unsafe: bestie-pgo still has a dataSource/);
  expect(world.cluster.effects).toEqual([]);
});

test('a backup that began after the target was proven may make it unreachable: nothing is touched', async () => {
  const world = worldWith(paused('r1'));
  world.cluster.operator.jobs = [operatorJob(BLUE.cluster)];
  await expect(restore(world)).rejects.toThrow(/^restore-unsafe: backup Job bestie-pgo-backup-x1y2 began/);
  expect(world.cluster.effects).toEqual([]);
});

test('is patient with a policy that has not seen the ledger yet', async () => {
  const world = worldWith(paused('r1'));
  const { cluster } = world;
  const set = cluster.setRestore.bind(cluster);
  let refusals = 3;
  cluster.setRestore = (name, wanted) => {
    if (wanted === null || refusals === 0) return set(name, wanted);
    refusals -= 1;
    return Promise.reject(new ApiError('set the restore', 403, 'I6: the ledger does not say that r1 is to run'));
  };
  await restore(world);
  expect(cluster.operator.restores).toEqual(['r1']);
});

test('a Job that fails again and again ends it, on record, and the request stays: half of the data must not start', async () => {
  const world = worldWith(paused('r1'));
  world.cluster.operator.restoring = 'failing';
  await expect(restore(world)).rejects.toMatchObject({ code: 'restore-failed' });
  expect(restoreOf(world.ledger.status, 'r1')).toMatchObject({
    state: 'Failed',
    reason: 'restore-failed: restore r1: its Job failed 1 times, between two tries; given up after 120 s of failures',
  });
  expect(onObject(world)).toBeDefined();
});

test('a try that runs is waited for, however many have failed before it', async () => {
  const world = worldWith(paused('r1'));
  const { operator } = world.cluster;
  operator.restoring = 'at the second try';
  let left = 3600;
  world.clock.everySecond(() => {
    if ((left -= 1) === 0) operator.restoring = 'well';
  });
  await restore(world);
  expect([stateOf(world), operator.restores]).toEqual(['Restored', ['r1']]);
});

test('one that had begun when somebody put another in its place by hand never begins again', async () => {
  const world = worldWith(paused('r1', { state: 'Restoring', operatorHad: '' }));
  const { operator } = world.cluster;
  operator.setRestore(BLUE.cluster, { id: 'by-hand', repository: 'repo1', options: [] });
  for (let second = 0; second < 5; second += 1) operator.tick();
  await expect(restore(world)).rejects.toThrow(
    'restore-failed: restore r1 had begun, and by-hand was put in its place',
  );
  expect(operator.restores).toEqual(['by-hand']);
});

test('a Job that was given up and ends well after all is found by the next run', async () => {
  const world = worldWith(paused('r1'));
  world.cluster.operator.restoring = 'failing';
  await expect(restore(world)).rejects.toMatchObject({ code: 'restore-failed' });
  world.cluster.operator.restoring = 'well';
  await restore(world);
  expect(stateOf(world)).toBe('Restored');
  expect(onObject(world)).toBeUndefined();
});

test('another id takes the place of one that nobody waits for any more; that one never comes back', async () => {
  const world = worldWith(paused('r1', { state: 'Restoring' }), paused('r2'));
  const { operator } = world.cluster;
  operator.restoring = 'for ever';
  operator.setRestore(BLUE.cluster, { id: 'r1', repository: 'repo1', options: OPTIONS });
  operator.tick();
  operator.tick();
  operator.restoring = 'well';
  await restore(world, 'r2');
  expect([stateOf(world, 'r1'), stateOf(world, 'r2')]).toEqual(['Failed', 'Restored']);
  await expect(restore(world, 'r1')).rejects.toThrow('restore-failed: replaced by restore r2');
  expect(operator.restores).toEqual(['r1', 'r2']);
});

test('a restore in whose place somebody put another by hand has failed', async () => {
  const world = worldWith(paused('r1'));
  const { operator } = world.cluster;
  operator.restoring = 'for ever';
  world.clock.everySecond(() => {
    operator.setRestore(BLUE.cluster, { id: 'by-hand', repository: 'repo1', options: [] });
  });
  await expect(restore(world)).rejects.toThrow(/^restore-failed: restore r1 of bestie-pgo was replaced by another/);
});

test('a step that is asked to end leaves the restore to the next run', async () => {
  const world = worldWith(paused('r1'));
  world.cluster.operator.restoring = 'for ever';
  world.clock.everySecond(() => {
    if (world.cluster.operator.restores.length > 0) world.stop.abort(new Error('SIGTERM'));
  });
  await expect(restore(world)).rejects.toThrow('SIGTERM');
  expect(stateOf(world)).toBe('Restoring');
});
