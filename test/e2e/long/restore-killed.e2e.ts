import { beforeAll, expect, it, jest } from '@jest/globals';
import { applicationStatus } from '../../lab/argocd/application.ts';
import { headOf } from '../../lab/argocd/repository.ts';
import { getObject } from '../../lab/kubectl.ts';
import { loadWrites } from '../../lab/load/start.ts';
import { missingWrites } from '../../lab/load/verify.ts';
import { waitFor } from '../../lab/wait-for.ts';
import { firstCommit } from '../scenarios/first-commit.ts';
import { killStep } from '../scenarios/kill-step.ts';
import { commitApproved, databaseTime, recordOf } from '../scenarios/restore.ts';
import { startClients } from '../world/clients.ts';
import { BLUE, sampleLifecycle, type RestoreSample } from '../world/sample.ts';
import { sql } from '../world/sql.ts';
import { commitLifecycle, ledger, openWorld, waitForLedger, waitForSynced, type World } from '../world/world.ts';

/** One restore in place whose step is killed, one after the other, an attempt each; the last one ends it. */
jest.setTimeout(600_000);

const CLUSTER = `${BLUE}-pgo`;
let world: World;
let wanted: RestoreSample;
let timeline: string;

beforeAll(async () => {
  world = await openWorld('killed', sampleLifecycle());
});

const ask = (statement: string): Promise<string> => sql(world.name, CLUSTER, statement);
const timelineNow = (): Promise<string> => ask('SELECT timeline_id FROM pg_control_checkpoint()');

const selector = async (): Promise<Readonly<Record<string, string>> | undefined> =>
  (await getObject<{ spec: { selector: Readonly<Record<string, string>> } }>('service', 'bestie', world.name))?.spec
    .selector;
const areClientsOff = async (): Promise<boolean> => 'lifecycle.bestie.com/paused' in ((await selector()) ?? {});

async function laterWrites(): Promise<void> {
  const { length } = await loadWrites(world.name);
  await waitFor(async () => (await loadWrites(world.name)).length > length + 20, {
    what: 'writes of clients',
    timeoutSeconds: 90,
  });
}

async function next(attempt: number): Promise<void> {
  wanted = { ...wanted, attempt };
  if (attempt === 1) await commitApproved(world, wanted);
  else await commitLifecycle(world, sampleLifecycle({ restore: wanted }), `Attempt ${attempt}`);
}

async function syncFailed(): Promise<void> {
  const head = await headOf(world.repository);
  await waitFor(
    async () => {
      const { operation, revision } = await applicationStatus(world.name);
      return operation?.phase === 'Failed' && revision === head;
    },
    { what: 'the operation is Failed', timeoutSeconds: 180 },
  );
}

it('the first commit, clients, and a table that somebody drops', async () => {
  await firstCommit(world);
  await ask('CREATE TABLE bestie.keepsake AS SELECT generate_series(1, 1000) AS n');
  await startClients(world, { writers: 2, readers: 1, overriders: 0 });
  await laterWrites();
  wanted = { id: 'k1', target: { time: await databaseTime(world, CLUSTER) } };
  timeline = await timelineNow();
  await laterWrites();
  await ask('DROP TABLE bestie.keepsake');
  expect(await timelineNow()).toBe(timeline);
});

it.each([
  ['preflight', 1],
  ['backup', 2],
  ['pause', 3],
])('killed in %s nothing was torn down: clients are back on what was there', async (step, attempt) => {
  await next(attempt);
  await killStep(world, step, 240);
  await syncFailed();
  await waitFor(async () => !(await areClientsOff()), { what: 'clients are back', timeoutSeconds: 120 });
  await laterWrites();
  expect(await timelineNow()).toBe(timeline);
});

it.each([
  ['restore', 4],
  ['verify', 5],
  ['smoke', 6],
])('killed in %s, after the teardown, clients stay off, and the ledger says what to do', async (step, attempt) => {
  await next(attempt);
  // Before the ledger's word it has not begun, and clients would be back.
  if (step === 'restore')
    await waitForLedger(world, 'begun', (status) => recordOf(status, 'k1')?.state === 'Restoring', 240);
  await killStep(world, step, 240);
  await syncFailed();
  const { message } = await waitForLedger(world, 'traffic off', ({ phase }) => phase === 'TrafficOff', 120);
  expect(message).toMatch(/clients are off: restore k1 .*; raise restore.attempt to go on/);
  expect(await areClientsOff()).toBe(true);
});

it('another attempt ends it: restored once, with every row that was committed before the target', async () => {
  await next(7);
  await waitForSynced(world, 300);
  const status = await ledger(world);
  expect(status.restores).toHaveLength(1);
  expect(recordOf(status, 'k1')).toMatchObject({ state: 'Restored', clientsBackAt: expect.any(String) });
  expect(Number(await timelineNow())).toBe(Number(timeline) + 1);
  expect(await ask('SELECT count(*) FROM bestie.keepsake')).toBe('1000');
  const until = 'time' in wanted.target ? Date.parse(wanted.target.time) : 0;
  const kept = (await loadWrites(world.name)).filter(({ at }) => at < until).map((each) => ({ ...each, seq: 0 }));
  expect(kept.length).toBeGreaterThan(20);
  expect(await missingWrites(kept, ask)).toEqual([]);
  await laterWrites();
});
