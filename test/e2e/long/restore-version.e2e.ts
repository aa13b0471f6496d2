import { beforeAll, expect, it, jest } from '@jest/globals';
import { applicationStatus } from '../../lab/argocd/application.ts';
import { getObject, kubectl } from '../../lab/kubectl.ts';
import { waitFor } from '../../lab/wait-for.ts';
import { firstCommit } from '../scenarios/first-commit.ts';
import { lifecycleNext } from '../scenarios/lifecycle-next.ts';
import { databaseTime, restoreInPlace } from '../scenarios/restore.ts';
import { BLUE, GREEN, sampleLifecycle, type RestoreSample } from '../world/sample.ts';
import { sql } from '../world/sql.ts';
import { commitLifecycle, ledger, openWorld, waitForLedger, waitForSynced, type World } from '../world/world.ts';

/** A release that went wrong: schema, version and passwords are newer than the moment that the database goes back to. */
jest.setTimeout(600_000);

const CLUSTER = `${BLUE}-pgo`;
let world: World;
let target: string;
let restore: RestoreSample;

beforeAll(async () => {
  world = await openWorld('restore-version', sampleLifecycle());
});

const schemaOf = (cluster: string): Promise<string> =>
  sql(world.name, cluster, 'SELECT string_agg(version, $$,$$ ORDER BY ordinal) FROM bestie.schema_version');

async function servedVersion(instance: string): Promise<string | undefined> {
  const deployment = await getObject<{
    spec: { template: { spec: { containers: readonly { readonly name: string; readonly image: string }[] } } };
  }>('deployment', `${instance}-app`, world.name);
  return deployment?.spec.template.spec.containers.find(({ name }) => name === 'application')?.image;
}

/** What the operator does when the password of a Secret is emptied: it makes another. */
async function rotate(user: string): Promise<void> {
  const secret = `${CLUSTER}-pguser-${user}`;
  const password = async (): Promise<string | undefined> =>
    (await getObject<{ data?: { password?: string } }>('secret', secret, world.name))?.data?.password;
  const before = await password();
  const empty = JSON.stringify({ data: { password: '', verifier: '' } });
  await kubectl(['patch', 'secret', secret, '-n', world.name, '--type', 'merge', '-p', empty]);
  await waitFor(
    async () => {
      const now = (await password()) ?? '';
      return now !== '' && now !== before;
    },
    { what: `another password of ${user}`, timeoutSeconds: 60 },
  );
}

it('version 1.3, then other passwords, then 1.4 with its schema', async () => {
  await firstCommit(world);
  target = await databaseTime(world, CLUSTER);
  for (const user of ['bestie', 'postgres']) await rotate(user);
  await commitLifecycle(world, sampleLifecycle({ blueVersion: '1.4' }), 'Version 1.4');
  await waitForLedger(world, 'version 1.4', ({ serving }) => serving?.version === '1.4', 240);
  await waitForSynced(world, 120);
  expect(await schemaOf(CLUSTER)).toBe('1.3,1.4');
});

it('the moment before it comes back with the version that fits, and with the passwords of now', async () => {
  restore = { id: 'before-1-4', target: { time: target }, applicationVersion: '1.3' };
  const { applicationVersion } = await restoreInPlace(world, restore, { blueVersion: '1.4' });
  expect(applicationVersion).toBe('1.3');
  expect(await schemaOf(CLUSTER)).toBe('1.3');
  expect(await servedVersion(BLUE)).toBe('localhost/bestie:1.3');
  // Smoke has written as the application's role, and what serves answers: both log in with what their Secrets say.
  expect((await ledger(world)).serving).toMatchObject({ instance: BLUE, version: '1.3' });
});

it('taken out without writing that version, the newer one is refused: it would meet the older schema', async () => {
  await commitLifecycle(world, sampleLifecycle({ blueVersion: '1.4' }), 'Taken out by hand');
  await waitFor(
    async () => {
      const { operation } = await applicationStatus(world.name);
      const said = [operation?.message, (await ledger(world)).message].join(' ');
      return /brought back data of version 1\.3|restore-version/.test(said);
    },
    { what: 'the refusal', timeoutSeconds: 180 },
  );
  expect(await servedVersion(BLUE)).toBe('localhost/bestie:1.3');
  expect(await schemaOf(CLUSTER)).toBe('1.3');
});

it('lifecycle next writes it, and green 1.4 then migrates once more', async () => {
  const file = await lifecycleNext(world, sampleLifecycle({ blueVersion: '1.4', restore }));
  await commitLifecycle(world, file, 'Back at rest');
  await waitForLedger(
    world,
    'at rest',
    ({ restores = [] }) => restores.every((each) => each.settledAt !== undefined),
    180,
  );
  await waitForSynced(world, 120);
  await commitLifecycle(world, sampleLifecycle({ green: { stage: 'Switch' } }), 'Switch to 1.4');
  const { serving } = await waitForLedger(world, 'switched', ({ phase }) => phase === 'Confirmed', 420);
  expect(serving).toMatchObject({ instance: GREEN, version: '1.4' });
  expect(await schemaOf(`${GREEN}-pgo`)).toBe('1.3,1.4');
});
