import { beforeAll, expect, it, jest } from '@jest/globals';
import type { CloneRecord } from '../../../plugin/lifecycle/status.ts';
import { applicationStatus } from '../../lab/argocd/application.ts';
import { getObject, listObjects } from '../../lab/kubectl.ts';
import { loadWrites, stopLoad } from '../../lab/load/start.ts';
import { missingWrites } from '../../lab/load/verify.ts';
import { waitFor } from '../../lab/wait-for.ts';
import { copyTable } from '../scenarios/copy-table.ts';
import { firstCommit } from '../scenarios/first-commit.ts';
import { lifecycleNext } from '../scenarios/lifecycle-next.ts';
import { commitApproved, databaseTime, reportSteps } from '../scenarios/restore.ts';
import { startClients } from '../world/clients.ts';
import { report } from '../world/report.ts';
import { BLUE, sampleLifecycle, type RestoreSample } from '../world/sample.ts';
import { sql } from '../world/sql.ts';
import { commitLifecycle, ledger, openWorld, waitForLedger, waitForSynced, type World } from '../world/world.ts';

/** A dropped table, and what serves goes on: an instance beside it to look at and to copy from; and a switch to another one. */
jest.setTimeout(600_000);

const CLUSTER = `${BLUE}-pgo`;
let world: World;

beforeAll(async () => {
  world = await openWorld('beside', sampleLifecycle());
});

const ask = (statement: string, cluster = CLUSTER): Promise<string> => sql(world.name, cluster, statement);
const keepsake = (cluster?: string): Promise<string> =>
  ask(`SELECT to_regclass('bestie.keepsake') IS NOT NULL`, cluster);
const cluster = (name: string) => getObject<{ spec: object }>('postgrescluster', `${name}-pgo`, world.name);

const restored = async (id: string): Promise<CloneRecord | undefined> =>
  (await ledger(world)).clones?.find((each) => each.id === id);

async function laterWrites(): Promise<void> {
  const { length } = await loadWrites(world.name);
  await waitFor(async () => (await loadWrites(world.name)).length > length + 50, {
    what: 'later writes',
    timeoutSeconds: 30,
  });
}

const LOOK: RestoreSample = { id: 'look', mode: 'Clone', name: 'bestie-r1', stage: 'Prepare', target: { time: '' } };
let target: string;
let preview: RestoreSample;
let wanted: RestoreSample;

it('the first commit, clients, and a table that somebody drops', async () => {
  await firstCommit(world);
  await ask('CREATE TABLE bestie.keepsake AS SELECT generate_series(1, 1000) AS n');
  await startClients(world, { writers: 2, readers: 2, overriders: 0 });
  target = await databaseTime(world, CLUSTER);
  await laterWrites();
  await ask('DROP TABLE bestie.keepsake');
  expect(await keepsake()).toBe('f');
  preview = { ...LOOK, target: { time: target } };
});

it('a commit brings an instance up beside, read-only for the application, and nothing that serves is touched', async () => {
  await commitApproved(world, preview);
  const status = await waitForLedger(world, 'previewed', ({ phase }) => phase === 'Previewed', 300);
  await waitForSynced(world, 120);
  reportSteps('restore beside', status, (await restored('look'))?.digest ?? '');
  expect(await restored('look')).toMatchObject({ state: 'Cloned', approvedBy: ['alice', 'bob'] });
  expect(await keepsake('bestie-r1-pgo')).toBe('t');
  expect(await keepsake()).toBe('f');
  // What it was cloned from is not asked for any more: no other change clones again.
  expect((await cluster('bestie-r1'))?.spec).not.toHaveProperty('dataSource');
  const readOnly = `SELECT rolconfig::text FROM pg_roles WHERE rolname = 'bestie'`;
  expect(await ask(readOnly, 'bestie-r1-pgo')).toContain('default_transaction_read_only=on');
});

it('the table is copied back while clients go on', async () => {
  await copyTable(world, { from: 'bestie-r1-pgo', to: CLUSTER, table: 'bestie.keepsake' });
  expect(await ask('SELECT count(*) FROM bestie.keepsake')).toBe('1000');
});

it('what was looked at goes away when the file drops it, and does not come back under its id', async () => {
  await commitLifecycle(world, sampleLifecycle(), 'Looked at');
  await waitForSynced(world, 180);
  await waitFor(async () => (await cluster('bestie-r1')) === undefined, {
    what: 'end of bestie-r1',
    timeoutSeconds: 60,
  });
  // Its approval still stands in the Application.
  await commitLifecycle(world, sampleLifecycle({ restore: preview }), 'Look again');
  await waitFor(
    async () => ((await applicationStatus(world.name)).operation?.message ?? '').includes('takes a new id'),
    {
      what: 'look is refused',
      timeoutSeconds: 180,
    },
  );
  expect(await cluster('bestie-r1')).toBeUndefined();
});

it('a switch to another one: every read is answered, the window is short, and what came after the target is counted and on blue', async () => {
  const moment = await databaseTime(world, CLUSTER);
  await laterWrites();
  wanted = { ...LOOK, id: 'back', name: 'bestie-r2', target: { time: moment } };
  await commitApproved(world, wanted);
  await waitForLedger(world, 'previewed', ({ phase, message }) => phase === 'Previewed' && message !== '', 300);
  await waitFor(async () => (await restored('back'))?.state === 'Cloned', { what: 'a clone', timeoutSeconds: 300 });
  await waitForSynced(world, 180);
  const uid = (await restored('back'))?.uid;
  wanted = { ...wanted, stage: 'Switch' };
  await commitApproved(world, wanted);
  const { decision } = await waitForLedger(world, 'switched', ({ phase }) => phase === 'Confirmed', 300);
  await waitForSynced(world, 180);
  const stats = await stopLoad(world.name);
  const record = await restored('back');
  report('switch to what was restored', {
    window: `${decision?.windowSeconds} s`,
    ...decision?.window,
    'given up': `${record?.givenUpTransactions} transactions, ${record?.givenUpRows?.inserted} rows inserted, ${record?.givenUpRows?.updated} updated`,
    'failed reads': stats.reads.failed - stats.reads.missing,
    'reads of what was given up': stats.reads.missing,
  });
  expect(record?.uid).toBe(uid);
  expect(decision?.windowSeconds).toBeLessThanOrEqual(15);
  // What is not there any more is what came after the target, and only since the flip.
  expect(stats.reads.failed - stats.reads.missing).toBe(0);
  const flipped = Date.parse(decision?.flipped ?? '') - 1000;
  expect(stats.seconds.filter(({ at, failedReads }) => at < flipped && failedReads > 0)).toEqual([]);
  const fenced = Date.parse(decision?.fencedAt ?? '');
  const writes = await loadWrites(world.name);
  const between = writes.filter(({ at }) => at > Date.parse(moment) + 1000 && at < fenced);
  expect(between.length).toBeGreaterThan(50);
  expect(record?.givenUpTransactions).toBeGreaterThanOrEqual(between.length);
  // A row each, in the archive.
  const { inserted: rowsInserted = 0, updated: rowsUpdated = 0 } = record?.givenUpRows ?? {};
  expect(record?.givenUpRowsUnknown).toBeUndefined();
  expect(rowsInserted).toBeGreaterThanOrEqual(between.filter(({ kind }) => kind === 'insert').length);
  expect(rowsUpdated).toBeGreaterThanOrEqual(between.filter(({ kind }) => kind === 'update').length);
  // On blue, which is kept; and everything before the target and after the commit on what serves.
  expect(await missingWrites(between, (query) => ask(query, CLUSTER))).toEqual([]);
  const kept = writes.filter(({ at }) => at < Date.parse(moment) || at > Date.parse(decision?.committedAt ?? ''));
  const inserted = kept.filter(({ kind }) => kind === 'insert').map((each) => ({ ...each, seq: 0 }));
  expect(await missingWrites(inserted, (query) => ask(query, 'bestie-r2-pgo'))).toEqual([]);
});

it('lifecycle next makes it blue, whose database is the same, and not cloned again', async () => {
  const pods = (): Promise<readonly { metadata: { uid: string } }[]> =>
    listObjects('pods', world.name, 'postgres-operator.crunchydata.com/cluster=bestie-r2-pgo');
  const before = (await pods()).map(({ metadata }) => metadata.uid).sort();
  await commitLifecycle(world, await lifecycleNext(world, sampleLifecycle({ restore: wanted })), 'Back at rest');
  await waitForLedger(world, 'at rest', ({ phase }) => phase === 'AtRest', 180);
  await waitForSynced(world, 120);
  expect((await pods()).map(({ metadata }) => metadata.uid).sort()).toEqual(before);
  expect((await ledger(world)).serving).toMatchObject({ instance: 'bestie-r2' });
});
