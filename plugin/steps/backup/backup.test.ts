import { expect, test } from '@jest/globals';
import { ANNOTATION } from '../../plan/labels.ts';
import { backup, takeBackup } from './backup.ts';
import { operatorJob, healthyStatus } from '../testing/fake-operator.ts';
import { BLUE, requestFor, worldAtRest, type World } from '../testing/world.ts';

const request = requestFor('Switch');
const id = request.backup?.id ?? '';
const take = (world: World): Promise<unknown> => backup(world.context(request));

test('sets the annotation and waits for the end of this id', async () => {
  const world = worldAtRest();
  expect(await take(world)).toEqual({ id, cluster: BLUE.cluster, seconds: 1 });
  expect(world.cluster.backups()).toEqual([id]);
});

test('an older success on record is not taken for this one', async () => {
  const world = worldAtRest();
  await takeBackup(world.context(request), BLUE.cluster, 'older');
  await take(world);
  expect(world.cluster.backups()).toEqual(['older', id]);
});

test('a backup of this id that has finished is not asked for again', async () => {
  const world = worldAtRest();
  await take(world);
  const effects = world.cluster.effects.length;
  await take(world);
  expect(world.cluster.effects).toHaveLength(effects);
});

test('waits while the Job of an older id still tries, then explains', async () => {
  const world = worldAtRest();
  world.cluster.operator.jobs = [operatorJob(BLUE.cluster, { active: 0, failed: 3 })];
  await expect(take(world)).rejects.toMatchObject({ code: 'not-in-time' });
  expect(world.lines.at(-1)).toContain(`${BLUE.cluster}-backup-x1y2 (failed 3 times, tries again)`);
  expect(world.cluster.effects).toEqual([]);
});

test('takes its turn when that Job has ended', async () => {
  const world = worldAtRest();
  world.cluster.operator.jobs = [operatorJob(BLUE.cluster)];
  let left = 5;
  world.clock.everySecond(() => {
    if ((left -= 1) === 0) world.cluster.operator.jobs = [operatorJob(BLUE.cluster, { finished: true })];
  });
  await take(world);
  expect(world.cluster.backups()).toEqual([id]);
});

test('a Job that fails and is not finished has a deadline of its own', async () => {
  const world = worldAtRest();
  world.cluster.operator.failing = true;
  await expect(take(world)).rejects.toMatchObject({
    code: 'backup-failed',
    message: `backup-failed: backup ${id}: its Job failed 1 times; given up after 300 s of failures`,
  });
});

test('a finished failure of this id needs a new id', async () => {
  const world = worldAtRest();
  const manualBackup = { id, finished: true, failed: 7, startTime: '2026-11-22T09:00:00Z' };
  const failed = {
    type: 'PGBackRestManualBackupSuccessful',
    status: 'False',
    message: 'Manual backup did not complete',
  };
  world.cluster.operator.setStatus(
    BLUE.cluster,
    healthyStatus({ pgbackrest: { repos: [], manualBackup }, conditions: [failed] }),
  );
  await expect(take(world)).rejects.toMatchObject({ code: 'backup-failed' });
});

test('without manual the operator ignores the request, and the wait says so', async () => {
  const world = worldAtRest();
  const spec = { instances: [{ name: 'set1' }], backups: { pgbackrest: { repos: [{ name: 'repo1' }] } } };
  world.cluster.operator.create(BLUE.cluster, { spec, status: {} });
  world.cluster.operator.tick = () => undefined;
  await expect(take(world)).rejects.toThrow(/manual is missing, so the operator ignores the request/);
});

test('another id in the place of ours ends the wait', async () => {
  const world = worldAtRest();
  world.cluster.operator.tick = () => undefined;
  world.clock.everySecond(() => {
    world.cluster.operator.annotate(BLUE.cluster, { [ANNOTATION.pgoBackup]: 'by-hand' });
  });
  await expect(take(world)).rejects.toThrow(/was replaced by by-hand/);
});

test('no cluster, no backup', async () => {
  const world = worldAtRest();
  await expect(takeBackup(world.context(request), 'absent', id)).rejects.toMatchObject({ code: 'step-out-of-order' });
});
