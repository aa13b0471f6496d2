import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { getObject, listObjects } from '../../lab/kubectl.ts';
import { createBucket } from '../../lab/s3/place.ts';
import { s3Secrets } from '../../lab/s3/secrets.ts';
import { waitFor } from '../../lab/wait-for.ts';
import { backUp } from '../scenarios/back-up.ts';
import { firstCommit } from '../scenarios/first-commit.ts';
import { lifecycleJson } from '../scenarios/lifecycle-cli.ts';
import { prepare } from '../scenarios/prepare.ts';
import { commitApproved, databaseTime, reportSteps, restoreInPlace } from '../scenarios/restore.ts';
import { report } from '../world/report.ts';
import { repositoryInfo } from '../world/repository-info.ts';
import { s3Repository } from '../world/s3.ts';
import { BLUE, sampleLifecycle, VOLUME, type RestoreSample } from '../world/sample.ts';
import { sql } from '../world/sql.ts';
import { commitLifecycle, openWorld, waitForLedger, waitForSynced, type World } from '../world/world.ts';

/** Backups in S3 over TLS, encrypted, with a CA and addresses of one's own: made, expired and restored by commits. */
jest.setTimeout(600_000);

const CLUSTER = `${BLUE}-pgo`;
/** What is restored beside it. */
const BESIDE = 'bestie-r1';

/** A table of a thousand rows that somebody drops. @returns the moment before. */
async function dropTable(world: World): Promise<string> {
  await sql(world.name, CLUSTER, 'CREATE TABLE bestie.keepsake AS SELECT generate_series(1, 1000) AS n');
  const moment = await databaseTime(world, CLUSTER);
  await sql(world.name, CLUSTER, 'DROP TABLE bestie.keepsake');
  expect(await sql(world.name, CLUSTER, `SELECT to_regclass('bestie.keepsake') IS NULL`)).toBe('t');
  return moment;
}

async function expectTable(world: World): Promise<void> {
  expect(await sql(world.name, CLUSTER, 'SELECT count(*) FROM bestie.keepsake')).toBe('1000');
}

describe('S3 alone', () => {
  const options = { repositories: [s3Repository('repo1', 's3-alone')] };
  const labels = async (): Promise<readonly string[]> => {
    const { backup } = await repositoryInfo(world, CLUSTER, 'repo1');
    return backup.map(({ label }) => label);
  };
  /** A file of the repository, as the bucket holds it. */
  const stored = (...path: readonly string[]): string =>
    join(createBucket('s3-alone'), 'pgbackrest', BLUE, '1/repo1/backup/db', ...path);
  let world: World;
  let first: string;

  beforeAll(async () => {
    world = await openWorld('s3-alone', sampleLifecycle(options), (namespace) => s3Secrets(namespace, 'repo1'));
  });

  it('the first commit makes a backup there, encrypted, without a repository host', async () => {
    const { seconds } = await firstCommit(world);
    const { cipher, backup } = await repositoryInfo(world, CLUSTER, 'repo1');
    report('first commit, S3', {
      'to Healthy': `${seconds.toFixed(1)} s`,
      'pgBackRest, first full backup': backup.map(({ timestamp: { start, stop } }) => `${stop - start} s`).join(),
    });
    expect(cipher).toBe('aes-256-cbc');
    expect(backup.map(({ type }) => type)).toEqual(['full']);
    first = backup[0]?.label ?? '';
    // What openssl puts before what it encrypts with a salt.
    expect(readFileSync(stored('backup.info')).subarray(0, 8).toString()).toBe('Salted__');
    expect(existsSync(stored(first, 'backup.manifest'))).toBe(true);
    const runners = await listObjects<{ metadata: { name: string } }>('statefulsets', world.name);
    expect(runners.filter(({ metadata }) => metadata.name.includes('repo-host'))).toEqual([]);
  });

  it('of three more full ones, made by commits, the newest two stay; the others and their WAL are gone', async () => {
    const { archive: before } = await repositoryInfo(world, CLUSTER, 'repo1');
    const made: string[] = [];
    for (const id of ['b1', 'b2', 'b3']) made.push((await backUp(world, id, options)).label);
    expect(await labels()).toEqual(made.slice(-2));
    for (const expired of [first, ...made.slice(0, 1)])
      expect(existsSync(stored(expired, 'backup.manifest'))).toBe(false);
    const { archive: after } = await repositoryInfo(world, CLUSTER, 'repo1');
    report('retention of two', { 'oldest WAL before': before[0]?.min ?? '', 'oldest WAL after': after[0]?.min ?? '' });
    expect(after[0]?.min).not.toBe(before[0]?.min);
  });

  it('lifecycle restorable reads it where there is no repository host', async () => {
    const { repositories } = (await lifecycleJson(world, 'restorable')) as {
      repositories: readonly { name: string; ranges: readonly unknown[]; backups: readonly { label: string }[] }[];
    };
    expect(repositories.map(({ name, backups }) => [name, backups.map(({ label }) => label)])).toEqual([
      ['repo1', await labels()],
    ]);
    expect(repositories[0]?.ranges).toHaveLength(1);
  });

  it('a rehearsal is cloned from there', async () => {
    const { parts } = await prepare(world, options);
    report('rehearsal', Object.fromEntries(Object.entries(parts).map(([part, s]) => [part, `${s.toFixed(1)} s`])));
    expect(parts['clone']).toBeGreaterThan(0);
  });

  it('a commit brings an instance up beside, from there, and another one takes it away', async () => {
    const moment = await dropTable(world);
    const look: RestoreSample = { id: 'look', mode: 'Clone', name: BESIDE, stage: 'Prepare', target: { time: moment } };
    const begun = Date.now();
    await commitApproved(world, look, options);
    const status = await waitForLedger(world, 'previewed', ({ phase }) => phase === 'Previewed', 300);
    await waitForSynced(world, 120);
    const record = status.clones?.find(({ id }) => id === look.id);
    reportSteps('restore beside, S3', status, record?.digest ?? '');
    report('restore beside, S3', { 'commit to Synced': `${((Date.now() - begun) / 1000).toFixed(1)} s` });
    expect(record).toMatchObject({ state: 'Cloned', repository: 'repo1', approvedBy: ['alice', 'bob'] });
    expect(await sql(world.name, `${BESIDE}-pgo`, 'SELECT count(*) FROM bestie.keepsake')).toBe('1000');
    expect(await sql(world.name, CLUSTER, `SELECT to_regclass('bestie.keepsake') IS NULL`)).toBe('t');
    // Encrypted as its source is, at a path of its own.
    const { cipher } = await repositoryInfo(world, `${BESIDE}-pgo`, 'repo1');
    expect(cipher).toBe('aes-256-cbc');
    const place = join(createBucket('s3-alone'), 'pgbackrest/bestie', BESIDE, look.id, 'repo1');
    expect(existsSync(join(place, 'archive/db/archive.info'))).toBe(true);
    const before = await labels();
    await commitLifecycle(world, sampleLifecycle(options), 'Looked at');
    await waitForSynced(world, 180);
    await waitFor(async () => (await getObject('postgrescluster', `${BESIDE}-pgo`, world.name)) === undefined, {
      what: `end of ${BESIDE}`,
      timeoutSeconds: 60,
    });
    // Its source's backups are as they were.
    expect(await labels()).toEqual(before);
  });

  it('a commit brings a dropped table back from there', async () => {
    const moment = await dropTable(world);
    await restoreInPlace(world, { id: 'r1', target: { time: moment } }, options);
    await expectTable(world);
  });
});

describe('a volume beside S3', () => {
  const options = { repositories: [VOLUME, s3Repository('repo2', 's3-beside')] };
  let world: World;

  beforeAll(async () => {
    world = await openWorld('s3-beside', sampleLifecycle(options), (namespace) => s3Secrets(namespace, 'repo2'));
  });

  it('the first commit makes its backup on the volume, and archives to both', async () => {
    const { seconds } = await firstCommit(world);
    report('first commit, volume and S3', { 'to Healthy': `${seconds.toFixed(1)} s` });
    const [volume, s3] = [await repositoryInfo(world, CLUSTER, 'repo1'), await repositoryInfo(world, CLUSTER, 'repo2')];
    expect(volume.backup.map(({ type }) => type)).toEqual(['full']);
    expect(s3.backup).toEqual([]);
    expect([volume.cipher, s3.cipher]).toEqual(['none', 'aes-256-cbc']);
    expect(s3.archive[0]?.max).toBe(volume.archive[0]?.max);
  });

  it('each is asked for by its name: a backup in S3 and a restore from it', async () => {
    const { label } = await backUp(world, 'b1', { ...options, onDemandRepository: 'repo2' });
    const { backup } = await repositoryInfo(world, CLUSTER, 'repo2');
    expect(backup.map((each) => each.label)).toEqual([label]);
    const moment = await dropTable(world);
    await restoreInPlace(world, { id: 'r1', repository: 'repo2', target: { time: moment } }, options);
    await expectTable(world);
  });
});
