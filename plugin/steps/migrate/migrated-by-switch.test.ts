import { expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Status } from '../../lifecycle/status.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import { recordOf, withDone } from '../ledger/step-records.ts';
import { confirmAtRest } from '../confirm/confirm-at-rest.ts';
import { instanceSelector } from '../../plan/labels.ts';
import { addGreen, BLUE, GREEN, requestFor, worldAtRest, type World } from '../testing/world.ts';
import { createMigrateGuard } from './migrate-guard.ts';
import { createMigrateRecord } from './migrate-record.ts';

/** The plan at rest after a switch: green is its blue, and its digest is none that the ledger knows. */
const SWITCH = 'aaaaaaaaaaaa';
const AT_REST = 'bbbbbbbbbbbb';
const request = (more: Partial<StepRequest> = {}): StepRequest =>
  requestFor('AtRest', { digest: AT_REST, blue: GREEN, ...more });

const now = new Date('2026-11-22T10:00:00Z');
const at = now.toISOString();

function switched(...done: readonly string[]): Status {
  const status: Status = {
    serving: { instance: GREEN.name, version: GREEN.version, since: at, digest: SWITCH },
    decision: {
      digest: SWITCH,
      state: 'Committed',
      attempt: 1,
      blue: BLUE.name,
      green: GREEN.name,
      openedAt: at,
      blueClosed: at,
    },
  };
  return done.reduce((before, step) => withDone(before, SWITCH, step, now, {}), status);
}

const nothing = (): Promise<void> => Promise.resolve();

/** @returns whether the migration's container would run, as the launcher decides by the marker. */
async function migrates(world: World, wanted: StepRequest): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'lifecycle-'));
  const program = join(folder, 'program');
  writeFileSync(program, 'launcher');
  try {
    await createMigrateGuard({ program, folder }, { waitForLogin: nothing, openGreen: nothing })(world.context(wanted));
    const runs = !existsSync(join(folder, 'done'));
    await createMigrateRecord(nothing)(world.context(wanted));
    return runs;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('what the switch has migrated is not migrated again when green becomes blue', async () => {
  const world = worldAtRest(switched('verify', 'migrate', 'confirm'));
  expect(await migrates(world, request())).toBe(false);
  expect(recordOf(world.ledger.status, AT_REST, 'migrate')).toMatchObject({
    state: 'Done',
    evidence: { switch: SWITCH },
  });
  // A resync, a renamed Job.
  expect(await migrates(world, request())).toBe(false);
});

test.each<[string, Partial<StepRequest>]>([
  ['another version', { blue: { ...GREEN, version: '1.5' } }],
  ['another command, which is another digest', {}],
])('%s is a migration of its own, once', async (_name, more) => {
  const world = worldAtRest(switched('verify', 'migrate', 'confirm'));
  expect(await migrates(world, request())).toBe(false);
  const later = request({ ...more, digest: 'cccccccccccc' });
  expect(await migrates(world, later)).toBe(true);
  expect(await migrates(world, later)).toBe(false);
});

test.each<[string, Status]>([
  ['the switch had nothing to migrate', switched('verify', 'confirm')],
  ['what serves was not brought by a switch', switched('migrate', 'confirm')],
  [
    'what serves has another version',
    { ...switched('verify', 'migrate'), serving: { instance: GREEN.name, version: '1.3', since: at, digest: SWITCH } },
  ],
])('it is migrated when %s', async (_name, status) => {
  expect(await migrates(worldAtRest(status), request())).toBe(true);
});

test('the blue that was switched away from is not migrated at all', async () => {
  const world = worldAtRest(switched('verify', 'migrate', 'confirm'));
  await expect(migrates(world, request({ blue: BLUE }))).rejects.toMatchObject({ code: 'not-serving' });
});

test('the rest of the plan at rest takes the new blue, and does not say that it serves since now', async () => {
  const status = switched('verify', 'migrate', 'confirm');
  const world = worldAtRest(status);
  addGreen(world);
  world.cluster.services.set('bestie', instanceSelector('bestie', GREEN.name));
  world.cluster.deployments.set(GREEN.application, { instance: GREEN.name, wanted: 3, ready: 3 });
  expect(await confirmAtRest(world.context(request()))).toMatchObject({ serving: GREEN.name, replicas: 3 });
  expect(world.ledger.status).toMatchObject({ phase: 'AtRest', serving: status.serving });
});
