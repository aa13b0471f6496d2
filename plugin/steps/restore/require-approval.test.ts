import { beforeAll, expect, test } from '@jest/globals';
import type { Claims } from '../../approval/claims.ts';
import type { PrivateKey } from '../../approval/key-schema.ts';
import { newKey, publicPart } from '../../approval/keys.ts';
import { signApproval } from '../../approval/sign.ts';
import type { RestoreRecord } from '../../lifecycle/status.ts';
import { approvalDigest } from '../../plan/approval-digest.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import { BLUE, requestFor, SERVING, worldAtRest, type World } from '../testing/world.ts';
import { pause } from './pause.ts';
import { prepareRestore } from './prepare-restore.ts';
import { restoreInPlace } from './restore-in-place.ts';
import { restoreOf } from './restore-records.ts';
import { wantedRestore } from './wanted-restore.ts';

/** The steps that let a restore begin ask for its approval themselves: no wave and no manifest is trusted. */

const ASKED = requestFor('Restore', {
  approval: undefined,
  restore: { id: 'r1', repository: 'repo1', target: { time: '2026-11-22T10:00:00Z' } },
});
const PAUSED: RestoreRecord = {
  id: 'r1',
  digest: ASKED.digest,
  instance: BLUE.name,
  repository: 'repo1',
  target: 'time 2026-11-22T10:00:00Z',
  state: 'Paused',
  requestedAt: '2026-11-22T11:00:00.000Z',
  clientsOffAt: '2026-11-22T11:01:00.000Z',
  recovery: { label: '20261122-010000F', timeline: 1, options: [] },
};

let key: PrivateKey;
beforeAll(async () => {
  key = await newKey();
});

const worldWith = (record: RestoreRecord): World => worldAtRest({ serving: SERVING, restores: [record] });

/** What `generate` hands over, with what was approved. */
async function approved(world: World, claims: Partial<Claims> = {}, of: StepRequest = ASKED): Promise<StepRequest> {
  const now = Math.floor(world.clock.now().getTime() / 1000);
  const signed: Claims = {
    aud: 'prod-eu',
    sub: 'prod/bestie',
    request: approvalDigest(of),
    approvers: ['alice', 'bob'],
    iat: now - 60,
    exp: now + 3600,
    ...claims,
  };
  return { ...ASKED, approval: { token: await signApproval(signed, key), key: publicPart(key), cluster: 'prod-eu' } };
}

const STEPS = {
  preflight: ({ context }: Case) => prepareRestore(context, wantedRestore(context.request)),
  pause: ({ context }: Case) => pause(context),
  restore: ({ context }: Case) => restoreInPlace(context, BLUE.cluster, wantedRestore(context.request)),
} as const;
interface Case {
  readonly context: ReturnType<World['context']>;
}
const NAMES = Object.keys(STEPS) as (keyof typeof STEPS)[];

const untouched = ({ cluster }: World): void => {
  expect(cluster.effects).toEqual([]);
};

test.each(NAMES)('%s refuses where no approval came', async (step) => {
  const world = worldWith({ ...PAUSED, state: 'Requested', clientsOffAt: undefined });
  await expect(STEPS[step]({ context: world.context(ASKED) })).rejects.toMatchObject({ code: 'approval-missing' });
  untouched(world);
});

test.each(NAMES)('%s refuses one that has expired since generate', async (step) => {
  const world = worldWith({ ...PAUSED, state: 'Requested', clientsOffAt: undefined });
  const context = world.context(await approved(world));
  await world.clock.sleep(3600_000);
  await expect(STEPS[step]({ context })).rejects.toMatchObject({ code: 'approval-expired' });
  untouched(world);
});

test.each<[string, Partial<Claims>, string]>([
  ['another namespace', { sub: 'staging/bestie' }, 'approval-other-namespace'],
  ['another Lifecycle', { sub: 'prod/other' }, 'approval-other-lifecycle'],
  ['another cluster', { aud: 'staging' }, 'approval-other-cluster'],
])('an approval for %s lets nothing begin', async (_, claims, code) => {
  const world = worldWith(PAUSED);
  const context = world.context(await approved(world, claims));
  await expect(STEPS.restore({ context })).rejects.toMatchObject({ code });
  untouched(world);
});

test.each<[string, Partial<StepRequest>]>([
  ['another target', { restore: { id: 'r1', repository: 'repo1', target: { latest: true } } }],
  ['another id', { restore: { id: 'r0', repository: 'repo1', target: { time: '2026-11-22T10:00:00Z' } } }],
  ['another repository', { restore: { id: 'r1', repository: 'repo2', target: { time: '2026-11-22T10:00:00Z' } } }],
  ['another version', { blue: { ...BLUE, version: '1.2' } }],
  ['another instance', { blue: { ...BLUE, name: 'bestie2' } }],
  ['another database', { blue: { ...BLUE, cluster: 'payroll-pgo' } }],
])('an approval of %s lets nothing begin: the step looks at what it is to do', async (_, other) => {
  const world = worldWith(PAUSED);
  const context = world.context(await approved(world, {}, { ...ASKED, ...other }));
  await expect(STEPS.restore({ context })).rejects.toMatchObject({ code: 'approval-other-request' });
  untouched(world);
});

test('pause refuses an approval that ends before a restore could begin', async () => {
  const world = worldWith({ ...PAUSED, state: 'Requested', clientsOffAt: undefined });
  const now = Math.floor(world.clock.now().getTime() / 1000);
  const context = world.context(await approved(world, { exp: now + 300 }));
  await expect(STEPS.pause({ context })).rejects.toMatchObject({ code: 'approval-expired' });
  untouched(world);
});

test.each(['pause', 'restore'] as const)('%s does nothing for another request of the same id', async (step) => {
  const world = worldWith({ ...PAUSED, target: 'latest' });
  const context = world.context(await approved(world));
  await expect(STEPS[step]({ context })).rejects.toMatchObject({ code: 'restore-id-used' });
  untouched(world);
});

test('how often it is tried needs no approval of its own', async () => {
  const world = worldWith(PAUSED);
  const request = await approved(world, {}, { ...ASKED, attempt: 7, digest: 'another' });
  await expect(STEPS.restore({ context: world.context(request) })).resolves.toMatchObject({ id: 'r1' });
});

test('who approved it, and where, is on record', async () => {
  const world = worldWith(PAUSED);
  await STEPS.restore({ context: world.context(await approved(world, { pullRequest: 'shop/deploy#12' })) });
  expect(restoreOf(world.ledger.status, 'r1')).toMatchObject({
    state: 'Restored',
    approvedBy: ['alice', 'bob'],
    pullRequest: 'shop/deploy#12',
  });
});

test('a token that names no pull request is one that somebody signed by hand', async () => {
  const world = worldWith(PAUSED);
  await STEPS.restore({ context: world.context(await approved(world)) });
  const { approvedBy, pullRequest } = restoreOf(world.ledger.status, 'r1') ?? {};
  expect([approvedBy, pullRequest]).toEqual([['alice', 'bob'], undefined]);
});

test('one that has begun goes on when its approval expires meanwhile', async () => {
  const world = worldWith({ ...PAUSED, state: 'Restoring', startedAt: '2026-11-22T11:02:00.000Z' });
  const context = world.context(await approved(world));
  await world.clock.sleep(3600_000);
  await expect(STEPS.restore({ context })).resolves.toMatchObject({ id: 'r1' });
});
