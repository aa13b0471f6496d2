import { describe, expect, test } from '@jest/globals';
import type { LifecycleError } from '../../errors/errors.ts';
import type { RestoreRecord, Status } from '../../lifecycle/status.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import { ANNOTATION } from '../../plan/labels.ts';
import { BLUE, DIGEST, GREEN, requestFor, SERVING, worldAtRest } from '../testing/world.ts';
import { guard as guardStep, waitForLedger } from './guard.ts';

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
  guardStep(worldAtRest({ serving: SERVING, restores: [{ ...restored, ...more }] }).context(requestFor('AtRest')));

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
    await expect(guardStep(paused.context(requestFor(plan)))).resolves.toEqual({ restore: 'none begun' });
    const failed = worldAtRest({ serving: SERVING, restores: [{ ...restored, state: 'Failed' }] });
    await expect(guardStep(failed.context(requestFor(plan)))).rejects.toMatchObject({ code: 'other-plan-open' });
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
  await expect(guardStep(world.context(requestFor('AtRest')))).resolves.toEqual({ restore: 'none under way' });
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

describe('a restore beside', () => {
  const clone = {
    ...{ id: 'r1', digest: DIGEST, instance: GREEN.name, source: BLUE.name, repository: 'repo1', target: 'latest' },
    ...{ requestedAt: AT, recovery: { label: '20261122-010000F', timeline: 1, options: [] } },
  };
  const decision = { digest: DIGEST, attempt: 1, blue: BLUE.name, green: GREEN.name, openedAt: AT };
  const codeOf = (plan: StepRequest['plan'], status: Status, annotations?: Record<string, string>): Promise<string> =>
    guardStep(worldAtRest(status, annotations).context(requestFor(plan))).then(
      () => 'passes',
      (error: unknown) => (error as LifecycleError).code,
    );

  test('that serves is no preview any more, and no other attempt’s', async () => {
    const status: Status = { serving: SERVING, decision: { ...decision, state: 'Committed' } };
    expect(await codeOf('RestoreBeside', status)).toBe('not-serving');
    expect(await codeOf('SwitchRestored', status)).toBe('passes');
    const other = { ...status, decision: { ...decision, state: 'Committed', digest: 'another' } } as const;
    expect(await codeOf('SwitchRestored', other)).toBe('not-serving');
  });

  test('whose switch has been begun does not go back to its preview, where nobody would end the window', async () => {
    for (const state of ['Open', 'Fenced'] as const)
      expect(await codeOf('RestoreBeside', { serving: SERVING, decision: { ...decision, state } })).toBe(
        'other-plan-open',
      );
    expect(await codeOf('RestoreBeside', { serving: SERVING, decision: { ...decision, state: 'Aborted' } })).toBe(
      'passes',
    );
  });

  test('that has begun does not go with a token that is gone; what was not begun, and another one, may', async () => {
    const awaiting = (id: string) => ({
      [ANNOTATION.awaitingApproval]: `restore ${id}, request 0a1b (approval-missing: x)`,
    });
    const status = (state: 'Requested' | 'Cloned'): Status => ({ serving: SERVING, clones: [{ ...clone, state }] });
    expect(await codeOf('AtRest', status('Cloned'), awaiting('r1'))).toBe('approval-missing');
    expect(await codeOf('AtRest', status('Requested'), awaiting('r1'))).toBe('passes');
    expect(await codeOf('AtRest', status('Cloned'), awaiting('r2'))).toBe('passes');
    expect(await codeOf('AtRest', status('Cloned'))).toBe('passes');
  });

  test('at rest nothing is made of an instance that does not serve', async () => {
    expect(await codeOf('AtRest', { serving: { ...SERVING, instance: GREEN.name } })).toBe('not-serving');
  });
});
