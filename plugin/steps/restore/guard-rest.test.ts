import { expect, test } from '@jest/globals';
import type { RestoreRecord } from '../../lifecycle/status.ts';
import { ANNOTATION } from '../../plan/labels.ts';
import { BLUE, requestFor, SERVING, worldAtRest } from '../testing/world.ts';
import { guardRest, waitForLedger } from './guard-rest.ts';

const AT = '2026-11-22T11:00:00.000Z';
const restored: RestoreRecord = {
  id: 'r1',
  digest: '0a1b2c3d4e5f',
  instance: BLUE.name,
  repository: 'repo1',
  target: 'latest',
  state: 'Restored',
  requestedAt: AT,
  clientsOffAt: AT,
  startedAt: AT,
  recovery: { label: '20261122-010000F', timeline: 1, options: [] },
  applicationVersion: BLUE.version,
};

const guard = (more: Partial<RestoreRecord>): Promise<unknown> =>
  guardRest(worldAtRest({ serving: SERVING, restores: [{ ...restored, ...more }] }).context(requestFor('AtRest')));

test.each<[string, Partial<RestoreRecord>]>([
  ['is paused and not begun', { state: 'Paused', startedAt: undefined }],
  ['is under way', { state: 'Restoring' }],
  ['has failed', { state: 'Failed', reason: 'restore-failed: no space' }],
  ['is done, and nobody has confirmed it', {}],
])('clients stay off for a restore that %s', async (_, more) => {
  await expect(guard(more)).rejects.toMatchObject({ code: 'other-plan-open' });
});

test.each(['Prepare', 'Switch'] as const)(
  '%s leaves a pause to its preflight, and does not begin beside a restore',
  async (plan) => {
    const paused = worldAtRest({
      serving: SERVING,
      restores: [{ ...restored, state: 'Paused', startedAt: undefined }],
    });
    await expect(guardRest(paused.context(requestFor(plan)))).resolves.toEqual({ restore: 'none begun' });
    const failed = worldAtRest({ serving: SERVING, restores: [{ ...restored, state: 'Failed' }] });
    await expect(guardRest(failed.context(requestFor(plan)))).rejects.toMatchObject({ code: 'other-plan-open' });
  },
);

test('another version than the one that fits does not run on what was restored', async () => {
  await expect(guard({ clientsBackAt: AT, applicationVersion: '1.2' })).rejects.toMatchObject({
    code: 'restore-version',
  });
});

test('what somebody has brought back by hand after a failure is of the version that the file says', async () => {
  const failed = { ...restored, id: 'r2', state: 'Failed', applicationVersion: '1.4' } as const;
  const status = {
    serving: SERVING,
    restores: [{ ...restored, clientsBackAt: AT, applicationVersion: '1.2' }, failed],
  };
  const world = worldAtRest(status, { [ANNOTATION.acceptFailedRestore]: 'r2' });
  await expect(guardRest(world.context(requestFor('AtRest')))).resolves.toEqual({ restore: 'none under way' });
});

test.each<[string, Partial<RestoreRecord>]>([
  ['that is confirmed', { clientsBackAt: AT }],
  ['that was only asked for', { state: 'Requested', clientsOffAt: undefined, startedAt: undefined }],
])('a restore %s is in nobody’s way', async (_, more) => {
  await expect(guard(more)).resolves.toEqual({ restore: 'none under way' });
});

test('a Lifecycle that comes a moment later is waited for', async () => {
  const world = worldAtRest({});
  let looks = 0;
  const ledger = {
    update: world.ledger.update.bind(world.ledger),
    read: () => ((looks += 1) < 3 ? Promise.reject(new Error('404')) : world.ledger.read()),
  };
  await waitForLedger(world.context(requestFor('AtRest'), { ledger, cluster: world.cluster }));
  expect(looks).toBe(3);
});
