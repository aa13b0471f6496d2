import { describe, expect, test } from '@jest/globals';
import type { RestoreRecord, Status } from '../../lifecycle/status.ts';
import { ANNOTATION, LABEL } from '../../plan/labels.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import { trafficOff } from '../application/traffic.ts';
import type { StepContext } from '../ports/step.ts';
import { BLUE, requestFor, SERVING, worldAtRest, type World } from '../testing/world.ts';
import { backupBefore } from './backup-before.ts';
import { pause } from './pause.ts';
import { prepareRestore } from './prepare-restore.ts';
import { restoreInPlace } from './restore-in-place.ts';
import { downBy, lastOpen, leftPaused } from './open-restores.ts';
import { moveRestore, noteRestore, restoreOf } from './restore-records.ts';
import { resume } from './resume.ts';
import { wantedRestore } from './wanted-restore.ts';

/** The database is down: there is no SQL in any of these tests. */
const failed: RestoreRecord = {
  id: 'r1',
  digest: '0a1b2c3d4e5f',
  instance: BLUE.name,
  repository: 'repo1',
  target: 'time 2026-11-22T10:00:00Z',
  state: 'Failed',
  requestedAt: '2026-11-22T11:00:00.000Z',
  startedAt: '2026-11-22T11:02:00.000Z',
  clientsOffAt: '2026-11-22T11:01:00.000Z',
  before: { point: 'before-r1', lsn: '0/5000000', timeline: 3, at: '2026-11-22T11:01:30Z', label: '20261122-010000F' },
  roles: [],
  recovery: { label: '20261122-010000F', timeline: 3, reaches: '2026-11-22T10:00:00Z', options: [] },
  reason: 'restore-failed: its Job failed',
};

type Target = NonNullable<StepRequest['restore']>['target'];

class Rescue {
  readonly world: World;
  readonly context: StepContext;

  constructor(target: Target, status: Status = { serving: SERVING, restores: [failed] }) {
    this.world = worldAtRest(status);
    const restore = { id: 'r2', repository: 'repo1', target };
    this.context = this.world.context(requestFor('Restore', { restore }));
  }

  get record(): RestoreRecord | undefined {
    return restoreOf(this.world.ledger.status, 'r2');
  }

  prepare(): Promise<unknown> {
    return prepareRestore(this.context, wantedRestore(this.context.request));
  }
}

test.each<[string, Target, readonly string[]]>([
  [
    'what was before the one that failed',
    { undo: 'r1' },
    ['--type=name', '--target=before-r1', '--set=20261122-010000F', '--target-timeline=3'],
  ],
  [
    'the newest state that served',
    { latest: true },
    ['--type=name', '--target=before-r1', '--set=20261122-010000F', '--target-timeline=3'],
  ],
  [
    'a moment',
    { time: '2026-11-22T10:30:00Z' },
    ['--type=time', '--target="2026-11-22 10:30:00+00"', '--target-timeline=3'],
  ],
  ['a backup', { backup: '20261121-010000F' }, ['--type=immediate', '--set=20261121-010000F']],
])('the ledger alone leads to %s', async (_what, target, options) => {
  const rescue = new Rescue(target);
  await rescue.prepare();
  expect(await backupBefore(rescue.context)).toEqual({ skipped: 'the database is down since restore r1' });
  await pause(rescue.context);
  // The way back is the earlier one: nothing was written since.
  expect(rescue.record).toMatchObject({ state: 'Paused', before: failed.before, recovery: { options } });
  expect(rescue.world.cluster.services.get('bestie')).toMatchObject({ [LABEL.paused]: 'r2' });
  await restoreInPlace(rescue.context, BLUE.cluster, wantedRestore(rescue.context.request));
  expect(rescue.record?.state).toBe('Restored');
  expect(rescue.world.cluster.operator.restores).toEqual(['r2']);
});

test.each<[string, Target]>([
  ['a moment after the pause, when nobody wrote any more', { time: '2026-11-22T11:30:00Z' }],
  ['a restore that is not on record', { undo: 'r0' }],
])('%s is refused', async (_what, target) => {
  const rescue = new Rescue(target);
  await expect(rescue.prepare()).rejects.toMatchObject({ code: 'restore-target-unknown' });
  expect(rescue.record).toBeUndefined();
});

test('a sync that failed before the second one began leaves clients off: there is nothing to go back to', async () => {
  const rescue = new Rescue({ undo: 'r1' });
  await rescue.prepare();
  await pause(rescue.context);
  expect(await resume(rescue.context)).toEqual({ restore: 'Paused', traffic: 'off' });
  expect(rescue.world.cluster.services.get('bestie')).toMatchObject({ [LABEL.paused]: 'r2' });
});

test.each(['Restored', 'Failed', 'Restoring'] as const)(
  'a hook after one that is %s does not touch it',
  async (state) => {
    const rescue = new Rescue({ latest: true }, { serving: SERVING, restores: [{ ...failed, id: 'r2', state }] });
    rescue.world.cluster.operator.setRestore(BLUE.cluster, { id: 'r2', repository: 'repo1', options: [] });
    await trafficOff(rescue.context, 'r2');
    expect(await resume(rescue.context)).toEqual({ restore: state, traffic: 'off' });
    expect(rescue.world.ledger.status).toMatchObject({
      phase: 'TrafficOff',
      message: expect.stringMatching(/^clients are off: /),
    });
    expect(rescue.record?.state).toBe(state);
  },
);

test('what has not begun does not begin behind another one that has', async () => {
  const rescue = new Rescue({ undo: 'r1' });
  await rescue.prepare();
  await pause(rescue.context);
  const { ledger } = rescue.world;
  const third: RestoreRecord = { ...failed, id: 'r3', state: 'Paused', startedAt: undefined };
  ledger.write({ ...ledger.status, restores: [third, ...(ledger.status.restores ?? [])] });
  ledger.write(moveRestore(ledger.status, 'r3', 'Restoring', { startedAt: '2026-11-22T12:00:00.000Z' }) ?? {});
  const now = (id: string): RestoreRecord | undefined => restoreOf(ledger.status, id);
  expect(now('r2')).toMatchObject({ state: 'Failed', reason: 'replaced by restore r3' });
  expect(now('r2')?.before).toBeUndefined();
  // What r1 left is there until the other one has ended well.
  expect(now('r1')).toEqual(failed);
  // The last one counts.
  expect(ledger.status.restores?.at(-1)?.id).toBe('r3');
  const view = await ledger.read();
  expect([downBy(view, BLUE.name)?.id, leftPaused(view, BLUE.name)]).toEqual(['r3', undefined]);
  await expect(
    restoreInPlace(rescue.context, BLUE.cluster, wantedRestore(rescue.context.request)),
  ).rejects.toMatchObject({ code: 'restore-failed' });
});

test('one that ends well ends all others with it', async () => {
  const unconfirmed = { ...failed, id: 'r0', state: 'Restored' } as const;
  const rescue = new Rescue({ undo: 'r1' }, { serving: SERVING, restores: [unconfirmed, failed] });
  await rescue.prepare();
  await pause(rescue.context);
  await restoreInPlace(rescue.context, BLUE.cluster, wantedRestore(rescue.context.request));
  const { annotations, status } = await rescue.world.ledger.read();
  const closed = noteRestore(status, 'r2', ['Restored'], { clientsBackAt: '2026-11-22T13:00:00.000Z' }) ?? {};
  expect(lastOpen({ annotations, status: closed }, BLUE.name)).toBeUndefined();
});

test('a rescue whose request was refused leaves clients off: what failed before it is still there', async () => {
  const rescue = new Rescue({ undo: 'r1' });
  await rescue.prepare();
  await pause(rescue.context);
  const { ledger } = rescue.world;
  ledger.write(moveRestore(ledger.status, 'r2', 'Restoring', { startedAt: '2026-11-22T12:00:00.000Z' }) ?? {});
  expect(await resume(rescue.context)).toEqual({ restore: 'Restoring', traffic: 'off' });
  expect(rescue.record).toMatchObject({ state: 'Paused', before: failed.before });
  expect(ledger.status.message).toMatch(/^clients are off: restore-failed/);
});

test('nobody is sent to what was restored and not confirmed, whatever becomes of the next one', async () => {
  const rescue = new Rescue({ undo: 'r1' }, { serving: SERVING, restores: [{ ...failed, state: 'Restored' }] });
  const requested: RestoreRecord = { ...failed, id: 'r2', state: 'Requested', startedAt: undefined };
  const { ledger, cluster } = rescue.world;
  ledger.write({ ...ledger.status, restores: [...(ledger.status.restores ?? []), requested] });
  await trafficOff(rescue.context, 'r2');
  expect(await resume(rescue.context)).toEqual({ restore: 'Requested', traffic: 'off' });
  expect(cluster.services.get('bestie')).toMatchObject({ [LABEL.paused]: 'r2' });
});

test('a backup of another repository is not looked for in this one', async () => {
  const rescue = new Rescue({ undo: 'r1' }, { serving: SERVING, restores: [{ ...failed, repository: 'repo2' }] });
  await rescue.prepare();
  expect(rescue.record?.recovery.options).toEqual(['--type=name', '--target=before-r1', '--target-timeline=3']);
});

test('where somebody has brought the database back by hand and the file says so, nothing is done blindly', async () => {
  const accepted = { [ANNOTATION.acceptFailedRestore]: 'r1' };
  const view = await worldAtRest({ serving: SERVING, restores: [failed] }, accepted).ledger.read();
  expect(downBy(view, BLUE.name)).toBeUndefined();
});

describe('a restore that goes on under another attempt', () => {
  const restored = { ...failed, id: 'r2', state: 'Restored', target: 'latest', applicationVersion: '1.3' } as const;
  const attempt = (more: Partial<RestoreRecord>): Rescue =>
    new Rescue({ latest: true }, { serving: SERVING, restores: [{ ...restored, digest: 'before', ...more }] });

  test('may say which version fits as long as clients are off', async () => {
    const rescue = attempt({ applicationVersion: '1.2' });
    await rescue.prepare();
    expect(rescue.record).toMatchObject({ applicationVersion: BLUE.version, digest: rescue.context.request.digest });
  });

  test('may not when they are back: that is an upgrade', async () => {
    const rescue = attempt({ applicationVersion: '1.2', clientsBackAt: '2026-11-22T12:00:00.000Z' });
    await expect(rescue.prepare()).rejects.toMatchObject({ code: 'restore-version' });
    expect(await resume(rescue.context)).toEqual({ restore: 'Restored', traffic: 'on' });
    expect(rescue.world.ledger.status.phase).toBeUndefined();
  });
});
