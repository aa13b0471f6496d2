import { beforeAll, expect, it, jest } from '@jest/globals';
import type { RestoreRecord } from '../../../plugin/lifecycle/status.ts';
import { loadWrites, stopLoad } from '../../lab/load/start.ts';
import { missingWrites } from '../../lab/load/verify.ts';
import { getObject, listObjects } from '../../lab/kubectl.ts';
import { waitFor } from '../../lab/wait-for.ts';
import { firstCommit } from '../scenarios/first-commit.ts';
import { lifecycleNext } from '../scenarios/lifecycle-next.ts';
import { commitApproved, databaseTime, recordOf, restoreInPlace } from '../scenarios/restore.ts';
import { startClients } from '../world/clients.ts';
import { BLUE, DATABASE, sampleLifecycle, type RestoreSample, type SampleOptions } from '../world/sample.ts';
import { sql } from '../world/sql.ts';
import { commitLifecycle, ledger, openWorld, waitForLedger, waitForSynced, type World } from '../world/world.ts';

/** A dropped table, driven by commits: back to the moment before it under load, in every database, and undone. */
jest.setTimeout(600_000);

const CLUSTER = `${BLUE}-pgo`;
/** Of the same role, and not the application's. */
const OTHER = 'archive';
/** A standby besides: the operator makes it again after each restore. */
const SAMPLE: SampleOptions = { instances: 2, databases: [DATABASE, OTHER] };
let world: World;

beforeAll(async () => {
  world = await openWorld('restore', sampleLifecycle(SAMPLE));
});

const ask = (statement: string): Promise<string> => sql(world.name, CLUSTER, statement);
const now = (): Promise<string> => databaseTime(world, CLUSTER);
const keepsake = (): Promise<string> => ask(`SELECT to_regclass('bestie.keepsake') IS NOT NULL`);
/** What the other database holds: how many boxes, and of which moment. */
const boxes = (): Promise<string> => sql(world.name, CLUSTER, `SELECT count(*) || ' ' || max(state) FROM boxes`, OTHER);
const BOXES = { before: '1000 before the target', after: '700 after the target' };
async function restore(wanted: RestoreSample): Promise<RestoreRecord> {
  const record = await restoreInPlace(world, wanted, SAMPLE);
  expect(record.approvedBy).toEqual(['alice', 'bob']);
  return record;
}

const uids = async (): Promise<readonly string[]> => {
  const pods = await listObjects<{ metadata: { uid: string } }>(
    'pods',
    world.name,
    `postgres-operator.crunchydata.com/cluster=${CLUSTER}`,
  );
  return pods.map(({ metadata }) => metadata.uid).sort();
};

const UNDO: RestoreSample = { id: 'r2', target: { undo: 'r1' } };
let target: string;
let dropped: string;

it('the first commit, clients, and a table that somebody drops', async () => {
  await firstCommit(world);
  await ask('CREATE TABLE bestie.keepsake AS SELECT generate_series(1, 1000) AS n');
  await sql(
    world.name,
    CLUSTER,
    `CREATE TABLE boxes AS SELECT generate_series(1, 1000) AS n, 'before the target' AS state`,
    OTHER,
  );
  expect(await boxes()).toBe(BOXES.before);
  await startClients(world, { writers: 2, readers: 2, overriders: 0 });
  target = await now();
  await sql(world.name, CLUSTER, `DELETE FROM boxes WHERE n > 700; UPDATE boxes SET state = 'after the target'`, OTHER);
  expect(await boxes()).toBe(BOXES.after);
  const { length } = await loadWrites(world.name);
  await waitFor(async () => (await loadWrites(world.name)).length > length + 50, {
    what: 'later writes',
    timeoutSeconds: 30,
  });
  await ask('DROP TABLE bestie.keepsake');
  dropped = await now();
  expect(await keepsake()).toBe('f');
});

it('a commit brings it back, with every row that was committed before the target and none that came after', async () => {
  const { before } = await restore({ id: 'r1', target: { time: target } });
  expect(await keepsake()).toBe('t');
  expect(await ask('SELECT count(*) FROM bestie.keepsake')).toBe('1000');
  expect(await boxes()).toBe(BOXES.before);
  const until = Date.parse(before?.at ?? '');
  const writes = await loadWrites(world.name);
  const kept = writes.filter(({ at }) => at < Date.parse(target));
  expect(kept.length).toBeGreaterThan(50);
  expect(
    await missingWrites(
      kept.map((each) => ({ ...each, seq: 0 })),
      ask,
    ),
  ).toEqual([]);
  const given = writes.filter(({ at, kind }) => kind === 'insert' && at > Date.parse(dropped) && at < until);
  expect((await missingWrites(given, ask)).length).toBe(given.length);
});

it('another one undoes it, on a quiet database: all that was acknowledged before the first is there, the table is dropped', async () => {
  const { before } = recordOf(await ledger(world), 'r1') ?? {};
  await stopLoad(world.name);
  await restore(UNDO);
  expect(await keepsake()).toBe('f');
  expect(await boxes()).toBe(BOXES.after);
  const writes = (await loadWrites(world.name)).filter(({ at }) => at < Date.parse(before?.at ?? ''));
  expect(writes.length).toBeGreaterThan(100);
  expect(await missingWrites(writes, ask)).toEqual([]);
});

it('what stays in the file runs only once', async () => {
  const running = await uids();
  await commitLifecycle(world, sampleLifecycle({ ...SAMPLE, restore: UNDO, replicas: 3 }), 'One more replica');
  await waitForSynced(world, 120);
  expect(await uids()).toEqual(running);
});

it('a target that cannot be reached is refused, and nothing is touched', async () => {
  const before = await uids();
  await commitApproved(world, { id: 'r4', target: { time: '2020-01-01T00:00:00Z' } }, SAMPLE);
  await waitForLedger(world, 'refused', ({ message = '' }) => message.includes('restore-target-too-early'), 120);
  expect(await uids()).toEqual(before);
  const service = await getObject<{ spec: { selector: object } }>('service', 'bestie', world.name);
  expect(service?.spec.selector).toEqual({
    'lifecycle.bestie.com/lifecycle': 'bestie',
    'lifecycle.bestie.com/instance': BLUE,
  });
});

it('lifecycle next takes the restore out, and the plan at rest goes on with the version that fits', async () => {
  await commitLifecycle(
    world,
    await lifecycleNext(world, sampleLifecycle({ ...SAMPLE, restore: UNDO, replicas: 3 })),
    'Back at rest',
  );
  await waitForLedger(world, 'at rest', ({ phase }) => phase === 'AtRest', 180);
  await waitForSynced(world, 120);
  expect(
    (await ledger(world)).restores?.every(({ state, settledAt }) => state !== 'Restored' || settledAt !== undefined),
  ).toBe(true);
});
