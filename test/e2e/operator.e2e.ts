import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { apply, kubectl } from '../lab/kubectl.ts';
import { readRecording } from '../lab/operator/contract/recording.ts';
import type { DataSource } from '../lab/operator/core/cluster.ts';
import { GROUP } from '../lab/operator/core/names.ts';
import { LiveCluster, type Spec } from '../lab/operator/live/live-cluster.ts';
import type { Side } from '../lab/operator/live/milestones.ts';
import { milestones, missedMilestones } from '../lab/operator/live/milestones.ts';
import type { Recorder } from '../lab/operator/live/recorder.ts';
import { record } from '../lab/operator/live/recorder.ts';
import { createBucket, ENDPOINT, REGION } from '../lab/s3/place.ts';
import { s3Secrets, SECRETS } from '../lab/s3/secrets.ts';
import { waitFor } from '../lab/wait-for.ts';

/**
 * The stand-in for the Crunchy operator over real data: what its core is tested for against the recording, here with
 * PostgreSQL and pgBackRest in pods. Every scenario asserts rows, and that the statuses pass through the recorded ones.
 */
const NAMESPACE = `e-operator-${process.pid}`;
const cluster = (name: string): LiveCluster => new LiveCluster(NAMESPACE, name);
const source = (clusterName: string, ...options: readonly string[]): { readonly postgresCluster: DataSource } => ({
  postgresCluster: { clusterName, repoName: 'repo1', options },
});
const blue = cluster('blue');
const green = cluster('green');
const recording = readRecording();
let recorder: Recorder;

/** What the recorded scenario passes through and this cluster, since its mark, did not. */
function missed(live: LiveCluster, scenario: string, side: Side): readonly string[] {
  const events = recording.find((each) => each.scenario.startsWith(scenario))?.events ?? [];
  const recorded = events.filter(({ event }) => event === 'MODIFIED').map(({ status }) => status);
  expect(recorded.length).toBeGreaterThan(1);
  return missedMilestones(milestones(recorded, side), milestones(recorder.statuses(live.name), side));
}

/** The rows so far are in the archive, so that a clone has them. */
async function archived(live: LiveCluster): Promise<void> {
  const segment = await live.sql('SELECT pg_walfile_name(pg_switch_wal())');
  const last = (): Promise<string> => live.sql('SELECT last_archived_wal FROM pg_stat_archiver');
  await waitFor(async () => (await last()) >= segment, { what: `${segment} archived`, timeoutSeconds: 30 });
}

const rows = (live: LiveCluster): Promise<string> => live.sql("SELECT string_agg(word, ' ' ORDER BY id) FROM words");
const write = (live: LiveCluster, word: string): Promise<string> =>
  live.sqlAsClient(`INSERT INTO words (word) VALUES ('${word}')`);

jest.setTimeout(240_000);

beforeAll(async () => {
  await kubectl(['create', 'namespace', NAMESPACE]);
  recorder = await record(NAMESPACE);
});

afterAll(async () => {
  await recorder.stop();
  await kubectl(['delete', 'namespace', NAMESPACE, '--wait=false']);
});

describe('a cluster of its own', () => {
  it('is made, has its Secrets, and takes the application’s writes over TLS through the Service', async () => {
    await blue.apply({ replicas: 2, manual: { options: ['--type=full'] } });
    await blue.ready(2);
    const { host, ...secret } = await blue.secret();
    expect(Object.keys({ host, ...secret }).sort()).toEqual([
      'dbname',
      'host',
      'jdbc-uri',
      'password',
      'port',
      'uri',
      'user',
      'verifier',
    ]);
    expect(host).toBe(`blue-primary.${NAMESPACE}.svc`);
    expect(Object.keys(await blue.secret('postgres')).sort()).toEqual([
      'host',
      'password',
      'port',
      'uri',
      'user',
      'verifier',
    ]);
    await blue.sqlAsClient('CREATE TABLE words (id serial PRIMARY KEY, word text)');
    await write(blue, 'one');
    expect(await rows(blue)).toBe('one');
    expect(await blue.sql("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")).toBe('1');
    await blue.backedUp();
    expect(missed(blue, 'create', 'repository')).toEqual([]);
    expect(await blue.kubectl('get', 'cronjobs', '-o', 'name')).toBe('cronjob.batch/blue-repo1-full');
  });

  it('is writable again after its primary was deleted by force, and has lost nothing', async () => {
    const before = await blue.primary();
    await blue.kubectl('delete', 'pod', before, '--force', '--grace-period=0');
    const begun = performance.now();
    await waitFor(() => write(blue, 'two').then(() => true), { what: 'writable', timeoutSeconds: 30 });
    process.stdout.write(`writable again after ${((performance.now() - begun) / 1000).toFixed(1)} s\n`);
    expect(await rows(blue)).toBe('one two');
    await blue.ready(2);
  });

  it('hands over to its replica when its primary is shut down in order', async () => {
    const before = await blue.primary();
    await blue.kubectl('delete', 'pod', before, '--wait=false');
    const successor = async (): Promise<boolean> => ![before, ''].includes(await blue.primary());
    await waitFor(successor, { what: 'another primary', timeoutSeconds: 30 });
    await waitFor(() => write(blue, 'three').then(() => true), { what: 'writable', timeoutSeconds: 30 });
    await blue.ready(2);
    expect(await rows(blue)).toBe('one two three');
    expect(await blue.sql("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")).toBe('1');
  });
});

describe('one-off backups', () => {
  it('run once for each id', async () => {
    recorder.mark('blue');
    await blue.annotate('backup', 'b1');
    await blue.until(
      'b1',
      ({ pgbackrest }) => pgbackrest?.manualBackup?.id === 'b1' && pgbackrest.manualBackup.finished,
    );
    expect(missed(blue, 'manual backup b1 ok', 'backup')).toEqual([]);
    expect(await backups(blue)).toEqual(['full', 'full']);
  });

  it('that fail are not finished, and hold up the next id until their Job is deleted', async () => {
    await blue.apply({ replicas: 2, manual: { options: ['--type=nonsense'] } });
    await blue.annotate('backup', 'b2');
    await blue.until('b2 failed', ({ pgbackrest }) => {
      return pgbackrest?.manualBackup?.id === 'b2' && (pgbackrest.manualBackup.failed ?? 0) > 0;
    });
    await blue.apply({ replicas: 2, manual: { options: ['--type=incr'] } });
    recorder.mark('blue');
    await blue.annotate('backup', 'b3');
    const waiting = await blue.until('b3 asked for', ({ pgbackrest }) => pgbackrest?.manualBackup?.id === 'b3');
    expect(waiting.pgbackrest?.manualBackup).toEqual({ id: 'b3', finished: false });
    await blue.kubectl('delete', 'jobs', '-l', 'postgres-operator.crunchydata.com/pgbackrest-backup=manual');
    await blue.until('b3', ({ pgbackrest }) => pgbackrest?.manualBackup?.succeeded === 1);
    expect(missed(blue, 'delete the failing Job of b2', 'backup')).toEqual([]);
    expect(await backups(blue)).toEqual(['full', 'full', 'incr']);
  });
});

async function backups(live: LiveCluster): Promise<readonly string[]> {
  const host = `${live.name}-repo-host-0`;
  const info = await live.kubectl('exec', host, '-c', 'pgbackrest', '--', 'pgbackrest', 'info', '--output=json');
  const [stanza] = JSON.parse(info) as readonly { readonly backup: readonly { readonly type: string }[] }[];
  return (stanza?.backup ?? []).map(({ type }) => type);
}

describe('a clone', () => {
  it('holds what its source held at the restore point, and no more', async () => {
    const lsn = await blue.sql("SELECT pg_create_restore_point('here')");
    await write(blue, 'four');
    await archived(blue);
    await green.apply({ dataSource: source('blue', '--type=name', '--target=here') });
    await green.restored('~pgo-bootstrap-green');
    expect(missed(green, 'clone bestie2-pgo', 'restore')).toEqual([]);
    expect(await rows(green)).toBe('one two three');
    const history = "SELECT pg_read_file('pg_wal/' || max(name)) FROM pg_ls_waldir() WHERE name LIKE '%.history'";
    expect(await green.sql(history)).toMatch(new RegExp(`${lsn}\\s+at restore point "here"`, 'u'));
    expect((await green.object()).status?.patroni).toEqual((await blue.object()).status?.patroni);
    expect((await green.secret())['password']).not.toBe((await blue.secret())['password']);
    await write(green, 'mine');
    await green.backedUp();
    expect(await backups(green)).toEqual(['full']);
    expect(await rows(blue)).toBe('one two three four');
  });

  it('keeps its data when dataSource is removed, and when it is put back', async () => {
    for (const dataSource of [undefined, source('blue')]) {
      await green.apply(dataSource === undefined ? {} : { dataSource });
      const { generation } = (await green.object()).metadata;
      await green.until('observed', ({ observedGeneration }) => observedGeneration === generation);
    }
    expect(await rows(green)).toBe('one two three mine');
  });

  it('trap 1: is cloned again when an enabled restore is removed while dataSource is there', async () => {
    await archived(green);
    await green.annotate('restore', 'r1');
    await green.apply({ dataSource: source('blue'), restore: { options: ['--type=default'] } });
    await green.restored('r1');
    expect(await rows(green)).toBe('one two three mine');
    await green.sql("INSERT INTO words (word) VALUES ('doomed')");
    await green.apply({ dataSource: source('blue') });
    await green.restored('~pgo-bootstrap-green');
    expect(await rows(green)).toBe('one two three four');
  });
});

describe('a restore in place', () => {
  it('brings back the rows of a time, all the instances, and the backup’s status', async () => {
    const time = await blue.sql("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US+00')");
    await write(blue, 'mistake');
    await archived(blue);
    recorder.mark('blue');
    await blue.annotate('restore', 'r2');
    const restore = { options: ['--type=time', `--target="${time}"`] };
    await blue.apply({ replicas: 2, manual: { options: ['--type=incr'] }, restore });
    await blue.restored('r2', 2);
    expect(missed(blue, 'restore in place r1', 'restore')).toEqual([]);
    expect(await rows(blue)).toBe('one two three four');
    await blue.until('b3 again', ({ pgbackrest }) => pgbackrest?.manualBackup?.id === 'b3');
    await blue.apply({ replicas: 2, manual: { options: ['--type=incr'] } });
    await write(blue, 'five');
    expect(await rows(blue)).toMatch(/^one two three four five$/u);
  });
});

describe('what goes wrong with the real operator goes wrong here', () => {
  it('trap 2: dataSource on an established cluster overwrites it', async () => {
    const third = cluster('third');
    await third.apply({});
    await third.backedUp();
    await third.sqlAsClient('CREATE TABLE words (id serial PRIMARY KEY, word text)');
    await write(third, 'its own');
    recorder.mark('third');
    await archived(blue);
    await third.apply({ dataSource: source('blue') });
    await third.restored('~pgo-bootstrap-third');
    expect(missed(third, 'TRAP2: dataSource added to established third-pgo', 'restore')).toEqual([]);
    expect(await rows(third)).toBe('one two three four five');
    await third.delete();
  });

  it('a source that does not exist: an event, and nothing else', async () => {
    const four = cluster('four');
    await four.apply({ dataSource: source('nobody') });
    const events = (): Promise<string> =>
      four.kubectl(
        'get',
        'events',
        '--field-selector',
        'involvedObject.name=four',
        '-o',
        'jsonpath={.items[*].reason}',
      );
    await waitFor(async () => (await events()).includes('InvalidDataSource'), { what: 'event', timeoutSeconds: 20 });
    expect(missed(four, 'clone from a cluster that does not exist', 'restore')).toEqual([]);
    expect((await four.object()).status?.pgbackrest?.restore).toEqual({ id: '~pgo-bootstrap-four', finished: false });
    await four.delete();
  });

  it('dataSource removed in the middle of a clone: instances start, the restore never finishes', async () => {
    const six = cluster('six');
    await six.apply({ dataSource: source('blue') });
    await six.until('clone begun', ({ pgbackrest }) => pgbackrest?.restore?.active === 1);
    await six.apply({});
    await six.ready();
    expect(missed(six, 'dataSource removed in the middle', 'restore')).toEqual([]);
    expect((await six.object()).status?.pgbackrest?.restore).toMatchObject({ active: 1, finished: false });
    await six.delete();
  });

  it('a cluster that is made again at once under its name takes over the old volumes', async () => {
    await green.sql("INSERT INTO words (word) VALUES ('left behind')");
    await green.delete();
    await green.apply({});
    await green.ready();
    expect(await rows(green)).toBe('one two three four left behind');
    const usable = async (): Promise<boolean> => (await green.sqlAsClient('SELECT 1')) === '1';
    await waitFor(usable, { what: 'the Secret’s password works', timeoutSeconds: 30 });
  });
});

describe('a repository in S3, encrypted', () => {
  const repository = (name: string): NonNullable<Spec['repository']> => ({
    repos: [{ name: 'repo1', s3: { bucket: NAMESPACE, endpoint: ENDPOINT, region: REGION } }],
    configuration: Object.values(SECRETS).map((secret) => ({ secret: { name: secret } })),
    global: {
      'repo1-path': `/${name}`,
      'repo1-s3-uri-style': 'path',
      'repo1-storage-ca-file': '/etc/pgbackrest/conf.d/ca.crt',
      'repo1-cipher-type': 'aes-256-cbc',
    },
  });
  const cloud = cluster('cloud');

  it('has stanza and backups without a repository host', async () => {
    createBucket(NAMESPACE);
    await apply(s3Secrets(NAMESPACE, 'repo1'));
    await cloud.apply({ repository: repository('cloud') });
    await cloud.backedUp();
    expect(await cloud.kubectl('get', 'statefulsets', '-l', `${GROUP}/cluster=cloud`, '-o', 'name')).not.toContain(
      'repo-host',
    );
    const { conditions = [], pgbackrest } = (await cloud.object()).status ?? {};
    expect(conditions.map(({ type }) => type)).not.toContain('PGBackRestRepoHostReady');
    expect(pgbackrest?.repos).toEqual([expect.objectContaining({ name: 'repo1', stanzaCreated: true })]);
  });

  it('is what a clone and a restore in place are made from', async () => {
    await cloud.sql('CREATE TABLE words AS SELECT 1 AS id, text $$one$$ AS word');
    await archived(cloud);
    const clone = cluster('cloud2');
    await clone.apply({ repository: repository('cloud2'), dataSource: source('cloud') });
    await clone.restored('~pgo-bootstrap-cloud2');
    expect(await rows(clone)).toBe('one');
    await clone.backedUp();
    await clone.delete();
    await cloud.annotate('restore', 'r1');
    await cloud.apply({ repository: repository('cloud'), restore: { options: ['--type=default'] } });
    await cloud.restored('r1');
    expect(await rows(cloud)).toBe('one');
    await cloud.delete();
  });
});
