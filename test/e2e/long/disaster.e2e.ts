import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parse, stringify } from 'yaml';
import type { Status } from '../../../plugin/lifecycle/status.ts';
import { applicationStatus } from '../../lab/argocd/application.ts';
import { headOf } from '../../lab/argocd/repository.ts';
import { getObject, listObjects } from '../../lab/kubectl.ts';
import type { AcknowledgedWrite } from '../../lab/load/acknowledged.ts';
import { loadWrites, stopLoad } from '../../lab/load/start.ts';
import { missingWrites } from '../../lab/load/verify.ts';
import { createBucket } from '../../lab/s3/place.ts';
import { s3Secrets } from '../../lab/s3/secrets.ts';
import { waitFor } from '../../lab/wait-for.ts';
import { archiveAll, stopArchiving } from '../scenarios/archive.ts';
import { firstCommit } from '../scenarios/first-commit.ts';
import { lifecycleNext } from '../scenarios/lifecycle-next.ts';
import { expectNotMadeAgain, loseDatabase } from '../scenarios/lose-database.ts';
import { approve, reportSteps, waitForRequest } from '../scenarios/restore.ts';
import { selected } from '../world/attempts.ts';
import { startClients } from '../world/clients.ts';
import { report } from '../world/report.ts';
import { repositoryInfo } from '../world/repository-info.ts';
import { s3Repository } from '../world/s3.ts';
import { BLUE, sampleLifecycle, type RestoreSample } from '../world/sample.ts';
import { sql } from '../world/sql.ts';
import { commitLifecycle, ledger, openWorld, waitForLedger, waitForSynced, type World } from '../world/world.ts';

/** The database that serves is gone with its volumes, and comes back from S3: where it was, and in an empty namespace. */
jest.setTimeout(600_000);

const BUCKET = 'disaster';
const options = { repositories: [s3Repository('repo1', BUCKET)] };
const secrets = (namespace: string): readonly unknown[] => s3Secrets(namespace, 'repo1');
const lost = (id: string, name: string): RestoreSample => ({
  ...{ id, name, mode: 'Clone', stage: 'Switch', sourceLost: true, target: { latest: true } },
});
const fileOf = (restore: RestoreSample): string => sampleLifecycle({ ...options, restore });

/** Objects of an instance's repository, by their keys below its path. */
const objectsBelow = (...path: readonly string[]): readonly string[] =>
  readdirSync(join(createBucket(BUCKET), 'pgbackrest', ...path), { recursive: true, encoding: 'utf8' }).sort();
/** The name of the file's Lifecycle. */
const LIFECYCLE = 'bestie';
const LOST_PATH = [BLUE, '1/repo1'] as const;

/** Rows that reach no archive, at least. */
const UNARCHIVED = 20;
const insertsSince = (since: number, writes: readonly AcknowledgedWrite[]): readonly AcknowledgedWrite[] =>
  writes.filter(({ at, kind }) => at > since && kind === 'insert');

/** What clients had been told is committed before everything was archived. */
let archived: readonly AcknowledgedWrite[];
let archivedAt: number;
/** What the repository of the lost database held when it was gone. */
let left: readonly string[];

const isThere = async (kind: string, name: string, { name: namespace }: World): Promise<boolean> =>
  (await getObject(kind, name, namespace)) !== undefined;

/** Argo CD has nothing to do, and made no database, new or old. */
async function expectNothingMade(world: World): Promise<void> {
  await waitFor(
    async () => {
      const { sync, revision, operation } = await applicationStatus(world.name);
      const done = sync === 'Synced' && operation?.phase === 'Succeeded';
      if (done && revision === (await headOf(world.repository))) return true;
      throw new Error(`${sync} ${operation?.phase}: ${operation?.message}`);
    },
    { what: `${world.name}: Synced`, timeoutSeconds: 120 },
  );
  expect(await listObjects('postgresclusters', world.name)).toEqual([]);
}

/** From the approval to Synced. */
async function recover(world: World, restore: RestoreSample): Promise<Status> {
  const begun = Date.now();
  await approve(world, fileOf(restore));
  const status = await waitForLedger(world, 'recovered', ({ phase }) => phase === 'Recovered', 420);
  await waitForSynced(world, 180);
  reportSteps(restore.id, status, status.decision?.digest ?? '');
  report(restore.id, { 'approval to Synced': `${((Date.now() - begun) / 1000).toFixed(1)} s` });
  return status;
}

async function expectRecovered(world: World, { id, name = '' }: RestoreSample): Promise<void> {
  const { clones, serving, decision } = await ledger(world);
  expect(clones).toEqual([
    expect.objectContaining({ id, state: 'Cloned', sourceLost: true, approvedBy: ['alice', 'bob'] }),
  ]);
  expect(serving).toMatchObject({ instance: name, version: '1.3' });
  expect(decision).toMatchObject({ state: 'Committed', blue: BLUE, green: name });
  expect(await selected(world)).toBe(name);
  const cluster = await getObject<{ spec: object }>('postgrescluster', `${name}-pgo`, world.name);
  expect(cluster?.spec).not.toHaveProperty('dataSource');
  expect(await missingWrites(archived, (query) => sql(world.name, `${name}-pgo`, query))).toEqual([]);
  expect(await sql(world.name, `${name}-pgo`, 'SELECT count(*) FROM bestie.keepsake')).toBe('1000');
  // Nobody has written to the path that it was read from.
  expect(objectsBelow(...LOST_PATH)).toEqual(left);
}

describe('where it was', () => {
  const restore = lost('lost', 'bestie-r1');
  const CLUSTER = `${BLUE}-pgo`;
  let world: World;

  beforeAll(async () => {
    world = await openWorld('disaster', sampleLifecycle(options), secrets);
  });

  it('clients write, everything is archived; then the archive is out of reach, and they go on', async () => {
    await firstCommit(world);
    await sql(world.name, CLUSTER, 'CREATE TABLE bestie.keepsake AS SELECT generate_series(1, 1000) AS n');
    await startClients(world, { writers: 2, readers: 2, overriders: 0 });
    archived = await loadWrites(world.name);
    archivedAt = Date.now();
    expect(archived.length).toBeGreaterThan(50);
    await archiveAll(world, CLUSTER);
    await stopArchiving(world, CLUSTER);
    const stoppedAt = Date.now();
    await waitFor(async () => insertsSince(stoppedAt, await loadWrites(world.name)).length > UNARCHIVED, {
      what: 'writes that reach no archive',
      timeoutSeconds: 60,
    });
  });

  it('the database is gone, and is not made again empty', async () => {
    await loseDatabase(world);
    await expectNotMadeAgain(world);
    left = objectsBelow(...LOST_PATH);
  });

  it('until it is approved no database is made; application and Service stay', async () => {
    await commitLifecycle(world, fileOf(restore), 'Come back');
    await waitForRequest(world, restore);
    await expectNothingMade(world);
    expect(await isThere('deployment', `${BLUE}-app`, world)).toBe(true);
    expect(await selected(world)).toBe(BLUE);
  });

  it('comes back as another instance, with every write that was archived, and takes writes', async () => {
    const { decision } = await recover(world, restore);
    await expectRecovered(world, restore);
    const committedAt = Date.parse(decision?.committedAt ?? '');
    const after = async (): Promise<readonly AcknowledgedWrite[]> =>
      insertsSince(committedAt, await loadWrites(world.name));
    await waitFor(async () => (await after()).length > 50, { what: 'writes on it', timeoutSeconds: 60 });
    await stopLoad(world.name);
    const query = (statement: string): Promise<string> => sql(world.name, `${restore.name}-pgo`, statement);
    expect(await missingWrites(await after(), query)).toEqual([]);
    const writes = await loadWrites(world.name);
    const before = writes.filter(({ at, kind }) => at < committedAt && kind === 'insert');
    const gone = await missingWrites(before, query);
    expect(gone.length).toBeGreaterThan(UNARCHIVED);
    expect(gone.filter(({ at }) => at < archivedAt)).toEqual([]);
    const [last = 0, next = 0] = [before.at(-1)?.at, (await after())[0]?.at];
    report('what clients saw', {
      'without writes': `${((next - last) / 1000).toFixed(1)} s`,
      'acknowledged, and in no archive': gone.length,
    });
  });

  it('lifecycle next makes it blue, and its backups go to a path of its own', async () => {
    const file = await lifecycleNext(world, fileOf(restore));
    await commitLifecycle(world, file, 'Back at rest');
    await waitForLedger(world, 'at rest', ({ phase }) => phase === 'AtRest', 180);
    await waitForSynced(world, 180);
    const lifecycle = parse(file) as { spec: { backup: object } };
    const onDemand = { id: 'b1', repository: 'repo1', type: 'full' };
    const spec = { ...lifecycle.spec, backup: { ...lifecycle.spec.backup, onDemand } };
    await commitLifecycle(world, stringify({ ...lifecycle, spec }), 'Back up');
    const isDone = ({ steps = [] }: Status): boolean =>
      steps.some(({ step, state }) => step === 'backup/b1' && state === 'Done');
    await waitForLedger(world, 'backup b1', isDone, 180);
    await waitForSynced(world, 120);
    const { backup } = await repositoryInfo(world, `${restore.name}-pgo`, 'repo1');
    const [path, label] = [
      join('pgbackrest', LIFECYCLE, restore.name ?? '', restore.id, 'repo1'),
      backup.at(-1)?.label ?? '',
    ];
    expect(existsSync(join(createBucket(BUCKET), path, 'backup/db', label, 'backup.manifest'))).toBe(true);
    expect(objectsBelow(...LOST_PATH)).toEqual(left);
  });
});

describe('in an empty namespace', () => {
  const restore = lost('elsewhere', 'bestie-r2');
  let world: World;

  beforeAll(async () => {
    world = await openWorld('disaster-empty', fileOf(restore), secrets);
  });

  it('until it is approved no database is made', async () => {
    await waitForRequest(world, restore);
    await expectNothingMade(world);
  });

  it('comes back with one commit', async () => {
    await recover(world, restore);
    await expectRecovered(world, restore);
  });
});
