import { expect, it } from '@jest/globals';
import type { Cluster, CloudSource, Status } from './cluster.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import type { JobFacts, Observed } from './observed.ts';
import { requestedRestore, sourceHash } from './restore-source.ts';

const ID = '~pgo-bootstrap-green';
const SOURCE: CloudSource = {
  repo: { name: 'repo2', s3: { bucket: 'backups', endpoint: 's3.example.com', region: 'eu' } },
  options: ['--type=default'],
};

const green = (pgbackrest: CloudSource | undefined, status: Status): Cluster => ({
  metadata: { name: 'green', namespace: 'demo', uid: 'u', generation: 1 },
  spec: {
    postgresVersion: 15,
    instances: [{ name: 'set1', dataVolumeClaimSpec: {} }],
    backups: { pgbackrest: { repos: [{ name: 'repo1', volume: { volumeClaimSpec: {} } }] } },
    ...(pgbackrest && { dataSource: { pgbackrest } }),
  },
  status,
});

/** A pass in which no cluster is found that a clone could be of. */
const pass = (status: Status, facts: Partial<Observed> = {}, source: CloudSource | undefined = SOURCE): Decision =>
  decide({
    now: 'now',
    cluster: green(source, status),
    instances: [],
    leadership: { exists: false, released: false },
    repoVolumes: new Set(),
    stanzas: {},
    configuration: 'c',
    ...facts,
  });

const job = (facts: Partial<JobFacts>): JobFacts => ({
  name: 'job',
  id: ID,
  configHash: sourceHash(SOURCE),
  outcome: 'running',
  active: 0,
  succeeded: 0,
  failed: 0,
  ...facts,
});

const ready = (): Status => pass({}).status;
const done = job({ outcome: 'complete', succeeded: 1 });

it('begins without a cluster that it would be of, under the id of every clone', () => {
  expect(ready()).toMatchObject({ pgbackrest: { restore: { id: ID, finished: false } }, startupInstanceSet: 'set1' });
  const { wanted } = pass(ready());
  expect(wanted).toEqual([expect.objectContaining({ want: 'restore-job', set: 'set1', source: SOURCE, id: ID })]);
});

it('is initialised by its Job, and starts its instance only then', () => {
  const running = pass(ready(), { restoreJob: job({ active: 1 }) });
  expect(running.wanted).toEqual([]);
  const { status, wanted } = pass(running.status, { restoreJob: done });
  expect(status.pgbackrest?.restore).toMatchObject({ id: ID, finished: true, succeeded: 1 });
  expect(status.conditions).toContainEqual(
    expect.objectContaining({ type: 'PostgresDataInitialized', status: 'True' }),
  );
  expect(wanted.map(({ want }) => want)).toContain('instances');
});

it('counts failures for as long as its Job tries, and begins anew with other options only', () => {
  const failing = { restoreJob: job({ failed: 2 }) };
  const { status } = pass(ready(), failing);
  expect(status.pgbackrest?.restore).toEqual({ id: ID, finished: false, failed: 2 });
  const moved = { ...SOURCE, global: { 'repo2-path': '/elsewhere' } };
  expect(pass(status, failing, moved).wanted).toEqual([]);
  const other = pass(status, failing, { ...SOURCE, options: ['--type=immediate'] });
  expect(other.wanted).toContainEqual({ want: 'delete-job', job: 'job' });
});

it('once it is there, nothing becomes of its source: changed, taken off or put back', () => {
  const { status } = pass(ready(), { restoreJob: done });
  for (const source of [{ ...SOURCE, options: [] }, undefined, SOURCE]) {
    const after = pass(status, {}, source);
    expect(after.status.pgbackrest?.restore).toEqual(status.pgbackrest?.restore);
    expect(after.wanted.map(({ want }) => want)).toContain('instances');
  }
});

it('a cluster that stands beside it wins', () => {
  const cluster = green(SOURCE, {});
  const postgresCluster = { clusterName: 'blue', repoName: 'repo1' };
  const both = { ...cluster, spec: { ...cluster.spec, dataSource: { postgresCluster, pgbackrest: SOURCE } } };
  expect(requestedRestore(both)?.source).toEqual(postgresCluster);
});
