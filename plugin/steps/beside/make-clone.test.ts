import { expect, test } from '@jest/globals';
import type { CloneRecord } from '../../lifecycle/status.ts';
import { ANNOTATION, LABEL } from '../../plan/labels.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import type { StepContext } from '../ports/step.ts';
import { BLUE, GREEN, requestFor, SERVING, worldAtRest, type World } from '../testing/world.ts';
import { awaitClone } from './await-clone.ts';
import { cloneOf } from './clone-records.ts';
import { makeClone } from './make-clone.ts';

const OPTIONS = ['--type=time', '--target="2026-11-22 10:00:00+00"', '--target-timeline=1', '--set=20261122-010000F'];
const LABELS = { [LABEL.role]: 'restored', [LABEL.instance]: GREEN.name };
const SPEC = { instances: [{ name: 'set1', replicas: 1 }], backups: { pgbackrest: { repos: [] } } };

const prepared = (more: Partial<CloneRecord> = {}): CloneRecord => ({
  id: 'r1',
  digest: '0a1b2c3d4e5f',
  instance: GREEN.name,
  source: BLUE.name,
  repository: 'repo1',
  target: 'time 2026-11-22T10:00:00Z',
  state: 'Requested',
  requestedAt: '2026-11-22T11:00:00.000Z',
  recovery: { label: '20261122-010000F', timeline: 1, options: OPTIONS },
  ...more,
});

const worldWith = (...clones: readonly CloneRecord[]): World => worldAtRest({ serving: SERVING, clones: [...clones] });

const contextOf = (world: World, more: Partial<StepRequest> = {}): StepContext =>
  world.context(
    requestFor('RestoreBeside', {
      restore: { id: 'r1', repository: 'repo1', target: { time: '2026-11-22T10:00:00Z' } },
      creates: { metadata: { name: GREEN.cluster, labels: LABELS }, spec: SPEC },
      ...more,
    }),
  );
const make = (world: World, more?: Partial<StepRequest>): Promise<unknown> => makeClone(contextOf(world, more));
const recordIn = (world: World): CloneRecord | undefined => cloneOf(world.ledger.status, 'r1');
const made = ({ cluster }: World): number =>
  cluster.effects.filter((effect) => effect === `create ${GREEN.cluster}`).length;

test('makes what is rendered, with the source and the way that were proven, and knows it by its UID', async () => {
  const world = worldWith(prepared());
  expect(await make(world)).toMatchObject({ made: 'now', backup: '20261122-010000F' });
  const view = world.cluster.operator.view(GREEN.cluster);
  expect(view?.spec).toEqual({
    ...SPEC,
    dataSource: { postgresCluster: { clusterName: BLUE.cluster, repoName: 'repo1', options: OPTIONS } },
  });
  expect(view).toMatchObject({ labels: LABELS, annotations: { [ANNOTATION.restoredFor]: 'r1' } });
  expect(recordIn(world)).toMatchObject({ state: 'Cloning', uid: view?.uid });
});

test('once: not again after a run that was lost, and what has gone since does not come back', async () => {
  const world = worldWith(prepared());
  await make(world);
  expect(await make(world)).toMatchObject({ made: 'before' });
  // Killed before the UID was on record.
  world.ledger.write({ ...world.ledger.status, clones: [prepared({ state: 'Cloning' })] });
  expect(await make(world)).toMatchObject({ made: 'before' });
  world.cluster.operator.delete(GREEN.cluster);
  await expect(make(world)).rejects.toMatchObject({ code: 'restore-id-used' });
  expect(made(world)).toBe(1);
});

test('asks again while the policies have not seen the word of the ledger yet', async () => {
  const world = worldWith(prepared());
  world.cluster.refuseToCreate.push('I6: not yet', 'I6: not yet');
  await make(world);
  expect(made(world)).toBe(3);
});

test('waits for the volumes of a former one, whose data it would adopt', async () => {
  const world = worldWith(prepared());
  world.cluster.operator.leaveClaims(GREEN.cluster, 20);
  const began = world.clock.now().getTime();
  await make(world);
  expect(world.clock.now().getTime() - began).toBeGreaterThanOrEqual(19_000);
});

test.each<[string, Partial<CloneRecord>, Partial<StepRequest>, string]>([
  ['was to another moment', { target: 'time 2026-11-22T09:00:00Z' }, {}, 'restore-id-used'],
  ['was of another name', { instance: 'bestie9' }, {}, 'restore-id-used'],
  ['has failed', { state: 'Failed', reason: 'its Job failed' }, {}, 'restore-beside-failed'],
  ['nobody has approved', {}, { approval: undefined }, 'approval-missing'],
  ['another plan has taken the place of', {}, { digest: 'ffffffffffff' }, 'other-plan-open'],
])('one that %s makes nothing', async (_what, record, request, code) => {
  const world = worldWith(prepared(record));
  world.ledger.labels = { [LABEL.digest]: '0a1b2c3d4e5f' };
  await expect(make(world, request)).rejects.toMatchObject({ code });
  expect(made(world)).toBe(0);
});

test.each([
  ['of no restore', {}],
  ['of another restore', { annotations: { [ANNOTATION.restoredFor]: 'r0' }, labels: LABELS }],
])('a PostgresCluster under its name that is %s is left alone', async (_what, more) => {
  const world = worldWith(prepared());
  world.cluster.operator.create(GREEN.cluster, more);
  await expect(make(world)).rejects.toMatchObject({ code: 'green-exists' });
  expect(world.cluster.effects).toEqual([]);
});

test('half a database that one left which failed goes, under the same name', async () => {
  const failed = prepared({ id: 'r0', state: 'Failed', uid: 'uid-of-r0' });
  const world = worldWith(failed, prepared());
  world.cluster.operator.create(GREEN.cluster, { uid: 'uid-of-r0', labels: LABELS });
  expect(await make(world)).toMatchObject({ made: 'now' });
  expect(world.cluster.effects).toContain(`delete ${GREEN.cluster}`);
  expect(recordIn(world)?.uid).not.toBe('uid-of-r0');
});

test('one that was made again since is another', async () => {
  const world = worldWith(prepared({ state: 'Cloned', uid: 'uid-of-before' }));
  const annotations = { [ANNOTATION.restoredFor]: 'r1' };
  world.cluster.operator.create(GREEN.cluster, { annotations, labels: LABELS });
  await expect(make(world)).rejects.toMatchObject({ code: 'restore-unsafe' });
});

test('the mark of a switch that was aborted goes with another attempt', async () => {
  const world = worldWith(prepared());
  await make(world);
  world.cluster.operator.annotate(GREEN.cluster, { [ANNOTATION.aborted]: 'window-over-budget' });
  await make(world);
  const view = world.cluster.operator.view(GREEN.cluster);
  expect(view?.annotations).not.toHaveProperty([ANNOTATION.aborted]);
  // The keeper of that attempt goes on closing what carries its digest.
  expect(view?.labels[LABEL.digest]).toBe('0a1b2c3d4e5f');
});

test('one that serves is nobody’s to make, nor is that of an older plan', async () => {
  const world = worldWith(prepared({ state: 'Cloned' }));
  world.ledger.write({ ...world.ledger.status, serving: { ...SERVING, instance: GREEN.name } });
  await expect(make(world)).rejects.toMatchObject({ code: 'not-serving' });
});

test('one for which the operator never begins, or replays for ever, ends on record and marked as well', async () => {
  const world = worldWith(prepared());
  world.cluster.operator.restoring = 'for ever';
  await make(world);
  await expect(awaitClone(contextOf(world))).rejects.toMatchObject({ code: 'not-in-time' });
  expect(recordIn(world)).toMatchObject({ state: 'Failed' });
  expect(world.cluster.operator.view(GREEN.cluster)?.annotations).toHaveProperty([ANNOTATION.aborted]);
});

test('its end is waited for', async () => {
  const world = worldWith(prepared());
  await make(world);
  expect(await awaitClone(contextOf(world))).toEqual({ id: 'r1', cluster: GREEN.cluster, seconds: 1 });
  expect(recordIn(world)).toMatchObject({ state: 'Cloned' });
});

test('one that fails and is tried for ever is given up: on record, and by a mark that ends the sync', async () => {
  const world = worldWith(prepared());
  world.cluster.operator.restoring = 'failing';
  world.cluster.log = 'P00  ERROR: [075]: no backup set found to restore\n';
  await make(world);
  await expect(awaitClone(contextOf(world))).rejects.toMatchObject({ code: 'restore-beside-failed' });
  expect(recordIn(world)).toMatchObject({
    state: 'Failed',
    reason: expect.stringMatching(/its Job failed 1 times.*; its log: P00 {2}ERROR: \[075\]/),
  });
  expect(world.cluster.operator.view(GREEN.cluster)?.annotations[ANNOTATION.aborted]).toMatch(/its Job failed 1 times/);
});
