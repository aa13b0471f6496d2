import { expect, test } from '@jest/globals';
import type { Decision, Status } from '../../lifecycle/status.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import { BLUE, GREEN, requestFor, SERVING, worldAtRest, type World } from '../testing/world.ts';
import { cloneOf } from '../beside/clone-records.ts';
import { preflightLost } from './preflight-lost.ts';

const restore = { id: 'r1', repository: 'repo2', target: { latest: true } } as const;

/** @param status empty: of a namespace that is new */
function lostWorld(status: Status): World {
  const world = worldAtRest(status);
  world.cluster.operator.delete(BLUE.cluster);
  for (let seconds = 0; seconds < 10; seconds += 1) world.cluster.operator.tick();
  return world;
}

const prepare = (world: World, more: Partial<StepRequest> = {}): Promise<unknown> =>
  preflightLost(world.context(requestFor('Recover', { restore, ...more })));
const committed: Decision = {
  digest: 'older',
  state: 'Committed',
  attempt: 1,
  blue: 'bestie0',
  green: BLUE.name,
  openedAt: '2026-11-01T00:00:00.000Z',
};

test.each<[string, Status]>([
  ['what served', { serving: SERVING }],
  ['what a switch was committed to, and nobody came to record', { decision: committed }],
  ['what nothing is on record of, in a namespace that is new', {}],
])('comes back: %s', async (_what, status) => {
  const world = lostWorld(status);
  expect(await prepare(world)).toMatchObject({ restore: 'Requested' });
  expect(cloneOf(world.ledger.status, 'r1')).toMatchObject({
    state: 'Requested',
    instance: GREEN.name,
    source: BLUE.name,
    sourceLost: true,
    recovery: { options: ['--type=default'] },
  });
});

test('a database that is there is not lost', async () => {
  await expect(prepare(worldAtRest({ serving: SERVING }))).rejects.toMatchObject({ code: 'restore-unsafe' });
});

test('nor is one of which volumes are left', async () => {
  const world = lostWorld({ serving: SERVING });
  world.cluster.operator.leaveClaims(BLUE.cluster, 100);
  await expect(prepare(world)).rejects.toThrow(/volume bestie-pgo-set1-data/);
});

test('what an attempt before this one has decided goes on', async () => {
  const world = lostWorld({ serving: SERVING, decision: { ...committed, blue: BLUE.name, green: GREEN.name } });
  expect(await prepare(world)).toMatchObject({ restore: 'Requested' });
});

test('another instance serves: nothing comes in its place', async () => {
  const world = lostWorld({ serving: { ...SERVING, instance: 'bestie9' } });
  await expect(prepare(world)).rejects.toMatchObject({ code: 'not-serving' });
});

test('takes an approval', async () => {
  const world = lostWorld({ serving: SERVING });
  await expect(prepare(world, { approval: undefined })).rejects.toMatchObject({ code: 'approval-missing' });
  expect(cloneOf(world.ledger.status, 'r1')).toBeUndefined();
});

test('its id runs once', async () => {
  const world = lostWorld({ serving: SERVING });
  await prepare(world);
  const other = { ...restore, target: { backup: '20261122-010000F' } };
  await expect(prepare(world, { restore: other })).rejects.toMatchObject({ code: 'restore-id-used' });
  expect(await prepare(world, { digest: 'another-attempt' })).toMatchObject({ restore: 'Requested' });
});
