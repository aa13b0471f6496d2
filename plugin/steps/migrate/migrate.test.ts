import { describe, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LifecycleError } from '../../errors/errors.ts';
import type { Decision, Status } from '../../lifecycle/status.ts';
import { rehearsedBlue } from '../../plan/names.ts';
import { createMigrateGuard, type LauncherPlaces } from './migrate-guard.ts';
import { createMigrateRecord } from './migrate-record.ts';
import { createMigrated } from './migrated.ts';
import { isDone, recordOf, withDone, withFailed, withStarted } from '../ledger/step-records.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import type { Evidence } from '../ports/step.ts';
import { BLUE, DIGEST, GREEN, requestFor, SERVING, worldAtRest } from '../testing/world.ts';

const request = requestFor('Switch');
const now = new Date('2026-11-22T10:00:00Z');
const fenced: Decision = {
  digest: DIGEST,
  state: 'Fenced',
  attempt: 1,
  blue: BLUE.name,
  green: GREEN.name,
  openedAt: now.toISOString(),
};
const verified: Status = withDone({ serving: SERVING, decision: fenced }, DIGEST, 'verify', now, {});

const nothing = (): Promise<void> => Promise.resolve();
const ports = { waitForLogin: nothing, openGreen: nothing };

async function withPlaces(use: (places: LauncherPlaces) => Promise<void>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'lifecycle-'));
  const program = join(root, 'run-unless-in-image');
  writeFileSync(program, 'launcher');
  try {
    await use({ program, folder: root });
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('guard: records started, hands over the launcher, and leaves no marker', async () => {
  await withPlaces(async (places) => {
    const world = worldAtRest(verified);
    expect(await createMigrateGuard(places, ports)(world.context(request))).toEqual({ migrate: 'started' });
    expect(recordOf(world.ledger.status, DIGEST, 'migrate')?.state).toBe('Started');
    expect(readFileSync(join(places.folder, 'run-unless'), 'utf8')).toBe('launcher');
    expect(statSync(join(places.folder, 'run-unless')).mode & 0o111).toBe(0o111);
    expect(existsSync(join(places.folder, 'done'))).toBe(false);
  });
});

test('guard: ends the rehearsal of blue, whose version does not fit the migrated clone', async () => {
  await withPlaces(async (places) => {
    const world = worldAtRest(verified);
    const { instance, application: name } = rehearsedBlue(GREEN.name);
    world.cluster.deployments.set(name, { instance, wanted: 1, ready: 1 });
    await createMigrateGuard(places, ports)(world.context(requestFor('Prepare')));
    expect(world.cluster.deployments.get(name)?.wanted).toBe(0);
    expect(recordOf(world.ledger.status, DIGEST, 'drain')).toMatchObject({ state: 'Done' });
  });
});

test('guard: a role that cannot log in yet leaves no record, so that the migration can still run', async () => {
  await withPlaces(async (places) => {
    const world = worldAtRest(verified);
    const refusal = new LifecycleError('not-in-time', 'password authentication failed');
    const guard = createMigrateGuard(places, { ...ports, waitForLogin: () => Promise.reject(refusal) })(
      world.context(request),
    );
    await expect(guard).rejects.toBe(refusal);
    expect(recordOf(world.ledger.status, DIGEST, 'migrate')).toBeUndefined();
  });
});

describe('guard: after a restore in place', () => {
  const atRest = requestFor('AtRest');
  const restored = (reaches: string, more: object = {}): Status => ({
    ...withDone({ serving: SERVING }, DIGEST, 'migrate', now, { exitCode: 0 }),
    restores: [
      {
        id: 'r1',
        digest: 'another',
        instance: BLUE.name,
        repository: 'repo1',
        target: 'time',
        state: 'Restored',
        requestedAt: now.toISOString(),
        before: { point: 'before-r1', lsn: '0/1', timeline: 1, at: '2026-11-22T11:00:00Z' },
        recovery: { label: 'x', timeline: 1, reaches, options: [] },
        ...more,
      },
    ],
  });

  test.each([
    ['to a moment before it, it runs again', '2026-11-22T09:00:00Z', 'started'],
    ['to a moment after it, it does not', '2026-11-22T10:30:00Z', 'done before'],
  ])('%s', async (_name, reaches, migrate) => {
    await withPlaces(async (places) => {
      const world = worldAtRest(restored(reaches));
      expect(await createMigrateGuard(places, ports)(world.context(atRest))).toEqual({ migrate });
    });
  });

  test('what the restore has migrated is not migrated again by the plan at rest that goes on with it, nor the other way round', async () => {
    const under = (digest: string, evidence: Evidence): Status => ({
      ...restored('2026-11-22T09:00:00Z', { clientsBackAt: now.toISOString() }),
      steps: withDone({}, digest, 'migrate', new Date('2026-11-22T12:00:00Z'), evidence).steps ?? [],
    });
    const taken = async (status: Status, of: StepRequest): Promise<unknown> => {
      const world = worldAtRest(status);
      await withPlaces(async (places) => {
        expect(await createMigrateGuard(places, ports)(world.context(of))).toEqual({ migrate: 'done before' });
      });
      return recordOf(world.ledger.status, DIGEST, 'migrate')?.evidence;
    };
    expect(await taken(under('restore', { atRest: DIGEST }), atRest)).toMatchObject({
      plan: 'restore',
      doneAt: '2026-11-22T12:00:00.000Z',
    });
    const restore = { id: 'r1', repository: 'repo1', target: { latest: true } } as const;
    const before = under('at-rest', {});
    const verifiedBefore = withDone(before, DIGEST, 'verify', now, {});
    expect(await taken(verifiedBefore, requestFor('Restore', { restore, atRest: 'at-rest' }))).toMatchObject({
      plan: 'at-rest',
      atRest: 'at-rest',
    });
  });

  test('one that was started and did not end under another attempt is not started again, unless the data has lost it', async () => {
    const restore = { id: 'r1', repository: 'repo1', target: { latest: true } } as const;
    const second = requestFor('Restore', { restore, atRest: 'at-rest' });
    const started = (at: string): Status =>
      withDone(
        {
          ...restored('2026-11-22T09:00:00Z'),
          steps: withStarted({}, 'attempt-1', 'migrate', new Date(at), { atRest: 'at-rest' }).steps ?? [],
        },
        DIGEST,
        'verify',
        now,
        {},
      );
    await withPlaces(async (places) => {
      const guard = createMigrateGuard(places, ports);
      await expect(guard(worldAtRest(started('2026-11-22T12:00:00Z')).context(second))).rejects.toMatchObject({
        code: 'migration-started-before',
      });
      const lost = worldAtRest(started('2026-11-22T10:00:00Z')).context(second);
      expect(await guard(lost)).toEqual({ migrate: 'started' });
    });
  });

  test('a version that does not fit what was restored is refused', async () => {
    await withPlaces(async (places) => {
      const world = worldAtRest(restored('2026-11-22T09:00:00Z', { applicationVersion: '1.2' }));
      const guard = createMigrateGuard(places, ports)(world.context(atRest));
      await expect(guard).rejects.toMatchObject({
        code: 'restore-version',
        message: expect.stringContaining('write blue.version: "1.2"'),
      });
    });
  });
});

test.each<[string, Status]>([
  ['started', withStarted(verified, DIGEST, 'migrate', now)],
  ['failed', withFailed(verified, DIGEST, 'migrate', now, 'migration-failed: exit 1')],
])('guard: %s before and not done, it is never run again', async (_name, status) => {
  await withPlaces(async (places) => {
    const world = worldAtRest(status);
    const guard = createMigrateGuard(places, ports)(world.context(request));
    await expect(guard).rejects.toMatchObject({ code: 'migration-started-before' });
    expect(existsSync(join(places.folder, 'run-unless'))).toBe(false);
  });
});

test('guard: of two that start at the same time, one runs the migration', async () => {
  await withPlaces(async (places) => {
    const world = worldAtRest(verified);
    const guards = [1, 2].map(() => createMigrateGuard(places, ports)(world.context(request)));
    const outcomes = await Promise.allSettled(guards);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

test('guard: done on record, a renamed Job is a no-op by the marker', async () => {
  await withPlaces(async (places) => {
    const status = withDone(withStarted(verified, DIGEST, 'migrate', now), DIGEST, 'migrate', now, {});
    const world = worldAtRest(status);
    expect(await createMigrateGuard(places, ports)(world.context(request))).toEqual({ migrate: 'done before' });
    expect(existsSync(join(places.folder, 'done'))).toBe(true);
    expect(world.ledger.status).toEqual(status);
  });
});

test.each<[string, Status, string]>([
  ['the window is not open', withDone({ serving: SERVING }, DIGEST, 'verify', now, {}), 'step-out-of-order'],
  ['the switch was aborted', { ...verified, decision: { ...fenced, state: 'Aborted' } }, 'aborted'],
  ['the clone is not verified', { serving: SERVING, decision: fenced }, 'step-out-of-order'],
])('guard: refuses when %s', async (_name, status, code) => {
  const guard = createMigrateGuard({ program: '', folder: '' }, ports)(worldAtRest(status).context(request));
  await expect(guard).rejects.toMatchObject({ code });
});

test.each<[string, Status, string]>([
  ['a window is open', { serving: SERVING, decision: fenced }, 'other-plan-open'],
  ['another instance serves', { serving: { ...SERVING, instance: 'other' } }, 'not-serving'],
  [
    'the traffic was switched away',
    { serving: SERVING, decision: { ...fenced, state: 'Committed', blueClosed: now.toISOString() } },
    'not-serving',
  ],
])('guard at rest: refuses when %s', async (_name, status, code) => {
  const guard = createMigrateGuard(
    { program: '', folder: '' },
    ports,
  )(worldAtRest(status).context(requestFor('AtRest')));
  await expect(guard).rejects.toMatchObject({ code });
});

test('record: done only after started, and after green was closed', async () => {
  const closed: (string | undefined)[] = [];
  const migrateRecord = createMigrateRecord(({ ledger }) =>
    ledger.read().then(({ status }) => void closed.push(recordOf(status, DIGEST, 'migrate')?.state)),
  );
  const world = worldAtRest(verified);
  await expect(migrateRecord(world.context(request))).rejects.toMatchObject({ code: 'step-out-of-order' });
  world.ledger.write(withStarted(verified, DIGEST, 'migrate', now));
  await world.clock.sleep(8000);
  expect(await migrateRecord(world.context(request))).toEqual({ migrate: 'done', seconds: 8 });
  expect(isDone(world.ledger.status, DIGEST, 'migrate')).toBe(true);
  expect(await migrateRecord(world.context(request))).toEqual({ migrate: 'done', seconds: 8 });
  expect(closed).toEqual(['Started']);
});

test('migrated: waits for the record of the instance that is migrated', async () => {
  const world = worldAtRest(verified);
  let left = 5;
  world.clock.everySecond(() => {
    if ((left -= 1) === 0) world.ledger.write(withDone(world.ledger.status, DIGEST, 'migrate', now, {}));
  });
  expect(await createMigrated(GREEN.name)(world.context(request))).toEqual({ migrated: GREEN.name });
  expect(world.lines).toHaveLength(5);
});

test('migrated: gives up when it never comes', async () => {
  const migrated = createMigrated()(worldAtRest(verified).context(request));
  await expect(migrated).rejects.toMatchObject({ code: 'not-in-time' });
});

test.each([
  ['blue of a switch', requestFor('Switch'), BLUE.name],
  ['a plan without migrations', requestFor('Switch', { migrations: false }), GREEN.name],
  ['what serves at rest', requestFor('AtRest'), BLUE.name],
])('migrated: %s needs no record', async (_name, wanted, instance) => {
  expect(await createMigrated(instance)(worldAtRest().context(wanted))).toEqual({ migrated: instance });
});
