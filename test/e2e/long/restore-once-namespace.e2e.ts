import { beforeAll, expect, it, jest } from '@jest/globals';
import { applicationStatus, setAutomated, startSync } from '../../lab/argocd/application.ts';
import { apply, getObject, kubectl, listObjects } from '../../lab/kubectl.ts';
import { s3Secrets } from '../../lab/s3/secrets.ts';
import { waitFor } from '../../lab/wait-for.ts';
import { archiveAll } from '../scenarios/archive.ts';
import { firstCommit } from '../scenarios/first-commit.ts';
import { jobsOf } from '../scenarios/heal-job.ts';
import { applySaved, breakGlass, deleteNamespace, mendGlass, putStatusBack } from '../scenarios/rebuild-namespace.ts';
import type { SavedLifecycle } from '../scenarios/rebuild-namespace.ts';
import { approve, databaseTime, recordOf, reportSteps, restoreInPlace, waitForRequest } from '../scenarios/restore.ts';
import { report } from '../world/report.ts';
import { s3Repository } from '../world/s3.ts';
import { BLUE, sampleLifecycle, type RestoreSample } from '../world/sample.ts';
import { sql } from '../world/sql.ts';
import { commitLifecycle, ledger, openWorld, waitForLedger, waitForSynced, type World } from '../world/world.ts';

/**
 * I6: a file with a restore that is done, in a namespace that was made again: without its ledger, with it, and the database
 * brought back from S3. The restore never runs there, and no empty database is made.
 */
jest.setTimeout(600_000);

const LIFECYCLE = 'bestie';
const CLUSTER = `${BLUE}-pgo`;
const options = { repositories: [s3Repository('repo1', 'restore-once')] };
const secrets = (namespace: string): readonly unknown[] => s3Secrets(namespace, 'repo1');
let world: World;
let wanted: RestoreSample;
let saved: SavedLifecycle;

beforeAll(async () => {
  world = await openWorld('restore-once-namespace', sampleLifecycle(options), secrets);
});

const ask = (statement: string, cluster = CLUSTER): Promise<string> => sql(world.name, cluster, statement);
const write = (table: string): Promise<string> => ask(`CREATE TABLE bestie.${table} ()`);
const kept = (cluster = CLUSTER): Promise<string> =>
  ask(`SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relname ~ '^kept|^lost'`, cluster);

const makeNamespace = (): Promise<void> =>
  apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: world.name } }, ...secrets(world.name)]);

/** Until a sync has failed with these words; it has made no database. */
async function expectRefused(words: string): Promise<void> {
  await waitFor(
    async () => {
      const { operation, sync } = await applicationStatus(world.name);
      const { message = '' } = await ledger(world);
      const said = `${JSON.stringify(operation ?? {})} ${message}`;
      if (operation?.phase === 'Failed' && said.includes(words)) return true;
      throw new Error(`${sync} ${said}`);
    },
    { what: `refused: ${words}`, timeoutSeconds: 180, everyMilliseconds: 1000 },
  );
  expect(await listObjects('postgresclusters', world.name)).toEqual([]);
  expect(await listObjects('persistentvolumeclaims', world.name)).toEqual([]);
}

it('a restore, and a write after it', async () => {
  await firstCommit(world);
  await write('kept_before');
  wanted = { id: 'r1', target: { time: await databaseTime(world, CLUSTER) } };
  await write('lost');
  await restoreInPlace(world, wanted, options);
  await write('kept_after');
  expect(await kept()).toBe('kept_after,kept_before');
  await archiveAll(world, CLUSTER);
});

it('the namespace is not deleted while its Lifecycle holds a record, until somebody breaks the glass', async () => {
  await expect(kubectl(['delete', 'namespace', world.name, '--timeout=60s'])).rejects.toThrow('I7: the databases of');
  const object = await getObject<SavedLifecycle>('lifecycle', LIFECYCLE, world.name);
  if (!object) throw new Error('no Lifecycle');
  saved = object;
  await setAutomated(world.name, false);
  await deleteNamespace(world.name);
});

it('made again, its ledger lost: the restore in the file is refused, and no database is made', async () => {
  await makeNamespace();
  // By itself Argo CD syncs what is missing, without hooks; by hand everything.
  await setAutomated(world.name, true);
  await expectRefused('ledger-empty');
  await startSync(world.name);
  await expectRefused('ledger-empty');
  expect((await ledger(world)).restores).toBeUndefined();
  // Nothing behind the proof of the target.
  for (const step of ['pause', 'restore']) expect(await jobsOf(world, step)).toEqual([]);
});

it('made again, its ledger put back: it has run, and the database is not made again empty', async () => {
  await setAutomated(world.name, false);
  await deleteNamespace(world.name);
  await makeNamespace();
  await applySaved(saved, world.name);
  await expect(putStatusBack(saved, world.name)).rejects.toThrow('I12: only the steps of Lifecycle');
  await breakGlass(LIFECYCLE, world.name);
  await putStatusBack(saved, world.name);
  await mendGlass(LIFECYCLE, world.name);
  const record = recordOf(await ledger(world), wanted.id);
  expect(record).toMatchObject({ state: 'Restored' });
  // By itself Argo CD does not try again what has failed at this commit.
  await startSync(world.name);
  await expectRefused('would be an empty one');
  await setAutomated(world.name, true);
  expect(recordOf(await ledger(world), wanted.id)).toEqual(record);
});

it('comes back from S3, as it was after the restore, which does not run again', async () => {
  const recovery: RestoreSample = {
    ...{ id: 'lost', name: 'bestie-r1', mode: 'Clone', stage: 'Switch', sourceLost: true, target: { latest: true } },
  };
  const file = sampleLifecycle({ ...options, restore: recovery });
  const begun = Date.now();
  await commitLifecycle(world, file, 'Come back');
  await waitForRequest(world, recovery);
  await approve(world, file);
  const status = await waitForLedger(world, 'recovered', ({ phase }) => phase === 'Recovered', 420);
  await waitForSynced(world, 180);
  reportSteps('namespace made again', status, status.decision?.digest ?? '');
  report('namespace made again', { 'commit to Synced': `${((Date.now() - begun) / 1000).toFixed(1)} s` });
  expect(await kept('bestie-r1-pgo')).toBe('kept_after,kept_before');
  expect(recordOf(status, wanted.id)).toMatchObject({ state: 'Restored' });
  expect(status.restores).toHaveLength(1);
});
