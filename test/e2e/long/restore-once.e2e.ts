import { beforeAll, expect, it, jest } from '@jest/globals';
import { applyApplication, refresh, startSync } from '../../lab/argocd/application.ts';
import { NEXT_PLUGIN_VERSION } from '../../lab/argocd/plugin.ts';
import { startPlugin } from '../../lab/argocd/processes.ts';
import { binaries } from '../../lab/build/binaries.ts';
import { getObject } from '../../lab/kubectl.ts';
import { waitFor } from '../../lab/wait-for.ts';
import { firstCommit } from '../scenarios/first-commit.ts';
import { healJob, jobsOf } from '../scenarios/heal-job.ts';
import { expectNotMadeAgain, loseDatabase } from '../scenarios/lose-database.ts';
import { databaseTime, recordOf, restoreInPlace } from '../scenarios/restore.ts';
import { syncJob, syncSelected } from '../scenarios/selective-sync.ts';
import { BLUE, sampleLifecycle, type RestoreSample } from '../world/sample.ts';
import { sql } from '../world/sql.ts';
import { commitLifecycle, ledger, openWorld, waitForLedger, waitForSynced, type World } from '../world/world.ts';

/** I6: a restore runs once, whatever Argo CD or a person does afterwards. Each restore is a timeline more. */
jest.setTimeout(600_000);

const CLUSTER = `${BLUE}-pgo`;
let world: World;
let wanted: RestoreSample;

beforeAll(async () => {
  world = await openWorld('restore-once', sampleLifecycle());
});

const timeline = (): Promise<string> => sql(world.name, CLUSTER, 'SELECT timeline_id FROM pg_control_checkpoint()');
const write = (table: string): Promise<string> => sql(world.name, CLUSTER, `CREATE TABLE bestie.${table} ()`);
const kept = (): Promise<string> =>
  sql(world.name, CLUSTER, `SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relname ~ '^kept'`);

/** Neither the database nor the record has moved, and clients reach it. */
async function expectNothingHappened(what: () => Promise<unknown>): Promise<void> {
  const look = async (): Promise<unknown> => {
    // That a plan at rest has named the version since is no restore.
    const record = { ...recordOf(await ledger(world), wanted.id), settledAt: undefined };
    return [await timeline(), await kept(), record];
  };
  const before = await look();
  await what();
  await waitForSynced(world, 180);
  expect(await look()).toEqual(before);
  const service = await getObject<{ spec: { selector: object } }>('service', 'bestie', world.name);
  expect(Object.keys(service?.spec.selector ?? {})).toHaveLength(2);
}

it('a restore, and a write after it', async () => {
  await firstCommit(world);
  await write('kept_before');
  wanted = { id: 'r1', target: { time: await databaseTime(world, CLUSTER) } };
  await write('lost');
  await restoreInPlace(world, wanted);
  await write('kept_after');
  expect(await kept()).toBe('kept_after,kept_before');
});

it('not again at a resync', async () => {
  await expectNothingHappened(() => startSync(world.name));
});

it('not again at a hard refresh', async () => {
  await expectNothingHappened(() => refresh(world.name, 'hard'));
});

it.each(['preflight', 'pause', 'restore'])('not again when the Job of step %s is deleted and healed', async (step) => {
  await expectNothingHappened(() => healJob(world, step));
});

it.each([
  { group: 'postgres-operator.crunchydata.com', kind: 'PostgresCluster', name: CLUSTER },
  { group: 'apps', kind: 'Deployment', name: `${BLUE}-app` },
  { kind: 'Service', name: 'bestie' },
])('not again at a sync of its $kind alone', async (resource) => {
  await expectNothingHappened(() => syncSelected(world, [resource]));
});

it.each(['restore', 'pause'])('not again when the Job of step %s is deleted and synced alone', async (step) => {
  await expectNothingHappened(() => syncJob(world, step));
});

it('not again when another commit leaves it in the file', async () => {
  await expectNothingHappened(() =>
    commitLifecycle(world, sampleLifecycle({ restore: wanted, replicas: 3 }), 'Replicas'),
  );
});

it('not again when it is taken out and put back with the same id, approved as before', async () => {
  await expectNothingHappened(async () => {
    await commitLifecycle(world, sampleLifecycle({ replicas: 3 }), 'Revert');
    await waitForLedger(world, 'at rest', ({ phase }) => phase === 'AtRest', 180);
    await commitLifecycle(world, sampleLifecycle({ restore: wanted, replicas: 3 }), 'Revert the revert');
  });
});

it('not again when the plugin is upgraded', async () => {
  await expectNothingHappened(async () => {
    const names = async (): Promise<readonly string[]> =>
      (await jobsOf(world, 'restore')).map(({ metadata }) => metadata.name);
    const before = await names();
    await startPlugin(await binaries(), NEXT_PLUGIN_VERSION);
    const { name, repository } = world;
    await applyApplication({ name, namespace: name, repository, pluginVersion: NEXT_PLUGIN_VERSION });
    await waitFor(async () => (await names()).some((each) => !before.includes(each)), {
      what: 'the Job of the new version',
      timeoutSeconds: 120,
    });
  });
});

it('another id to a later moment runs, once', async () => {
  const before = Number(await timeline());
  wanted = { id: 'r2', target: { time: await databaseTime(world, CLUSTER) } };
  await write('lost_too');
  await restoreInPlace(world, wanted, { replicas: 3 });
  expect(Number(await timeline())).toBeGreaterThan(before);
  expect(await kept()).toBe('kept_after,kept_before');
});

it('a database that is gone is not made again empty', async () => {
  await loseDatabase(world);
  await expectNotMadeAgain(world);
});
