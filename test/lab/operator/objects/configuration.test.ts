import { describe, expect, it } from '@jest/globals';
import type { CloudSource, Cluster, ClusterSpec } from '../core/cluster.ts';
import { asSource } from './cloud-source.ts';
import { configuration as configurationMaps, configurationRevision } from './configuration.ts';
import { pgbackrestConf } from './pgbackrest-conf.ts';
import { postgresqlConf } from './postgresql-conf.ts';
import { restoreJob, restoreOptions } from './restore-job.ts';

function cluster(spec: Partial<ClusterSpec> = {}): Cluster {
  return {
    metadata: { name: 'blue', namespace: 'demo', uid: 'u', generation: 1 },
    spec: {
      postgresVersion: 15,
      instances: [{ dataVolumeClaimSpec: {} }],
      backups: { pgbackrest: { repos: [{ name: 'repo1', volume: { volumeClaimSpec: {} } }] } },
      ...spec,
    },
  };
}

const dynamic = (parameters: Readonly<Record<string, string>>): NonNullable<ClusterSpec['patroni']> => ({
  dynamicConfiguration: { postgresql: { parameters } },
});

describe('postgresql.conf', () => {
  it('has the operator’s defaults', () => {
    const lines = postgresqlConf(cluster()).split('\n');
    for (const line of ["wal_level = 'logical'", "max_replication_slots = '10'", "archive_timeout = '60s'"]) {
      expect(lines).toContain(line);
    }
  });

  it('takes config.parameters before Patroni’s, and neither where the operator insists', () => {
    const conf = postgresqlConf(
      cluster({
        patroni: dynamic({ work_mem: '1MB', search_path: "a'b" }),
        config: { parameters: { work_mem: '2MB', archive_mode: 'off' } },
      }),
    );
    expect(conf).toContain("work_mem = '2MB'\n");
    expect(conf).toContain("search_path = 'a''b'\n");
    expect(conf).toContain("archive_mode = 'on'\n");
  });
});

describe('pgbackrest.conf', () => {
  it('takes what global says before the operator’s own path', () => {
    const backups = {
      pgbackrest: {
        repos: [{ name: 'repo1', volume: { volumeClaimSpec: {} } }],
        global: { 'repo1-path': '/elsewhere', 'start-fast': 'y' },
      },
    };
    const conf = pgbackrestConf(cluster({ backups }), 'instance');
    expect(conf).toContain('repo1-path=/elsewhere\n');
    expect(conf).not.toContain('repo1-path=/pgbackrest/repo1\n');
    expect(conf).toContain('start-fast=y\n');
  });

  it('does not honour start-fast unless it is asked to', () => {
    expect(pgbackrestConf(cluster(), 'instance')).not.toContain('start-fast');
  });

  it('reaches the primary from the repository’s side only', () => {
    expect(pgbackrestConf(cluster(), 'repo')).toContain('pg1-host=blue-primary.demo.svc\n');
    expect(pgbackrestConf(cluster(), 'instance')).not.toContain('pg1-host');
  });
});

describe('a repository in S3', () => {
  const s3 = { bucket: 'backups', endpoint: 's3.example.com', region: 'eu' };
  const configuration = [{ secret: { name: 'login' } }];
  const cloud = cluster({ backups: { pgbackrest: { repos: [{ name: 'repo1', s3 }], configuration } } });

  it('is known to pgBackRest on both sides', () => {
    for (const side of ['instance', 'repo'] as const) {
      const conf = pgbackrestConf(cloud, side);
      for (const line of ['type=s3', 's3-bucket=backups', 's3-endpoint=s3.example.com', 's3-region=eu'])
        expect(conf).toContain(`repo1-${line}\n`);
    }
  });

  it('is restored with the configuration of both clusters, also of the one twice', () => {
    const instance = { name: 'blue-set1-abcd', set: 'set1' };
    const request = { instance, id: 'r1', configHash: 'h', source: { clusterName: 'blue', repoName: 'repo1' } };
    const text = JSON.stringify(restoreJob(cloud, cloud, request));
    expect(text).toContain(JSON.stringify([...configuration, ...configuration]));
  });
});

describe('a clone of a repository in S3', () => {
  const s3 = { bucket: 'backups', endpoint: 's3.example.com', region: 'eu' };
  const own = [{ secret: { name: 'own' } }];
  const configuration = [{ secret: { name: 'login' } }];
  const pgbackrest: CloudSource = { repo: { name: 'repo2', s3 }, global: { 'repo2-path': '/lost' }, configuration };
  const backups = {
    pgbackrest: { repos: [{ name: 'repo2', s3 }], global: { 'repo2-path': '/own' }, configuration: own },
  };
  const clone = cluster({ backups, dataSource: { pgbackrest } });

  it('is restored with the configuration of its source, and nothing of its own', () => {
    const request = {
      instance: { name: 'blue-set1-abcd', set: 'set1' },
      id: 'r1',
      configHash: 'h',
      source: pgbackrest,
    };
    const text = JSON.stringify(restoreJob(clone, asSource(clone, pgbackrest), request));
    expect(text).toContain(`"sources":${JSON.stringify(configuration)}`);
    expect(text).toContain('/config/pgbackrest_source.conf');
    const [{ data } = {}] = configurationMaps(clone) as readonly { data?: Readonly<Record<string, string>> }[];
    expect(data?.['pgbackrest_source.conf']).toContain('repo2-path=/lost\n');
    expect(data?.['pgbackrest_instance.conf']).toContain('repo2-path=/own\n');
  });

  it('runs with the same revision when its source is taken off', () => {
    expect(configurationRevision(cluster({ backups }))).toBe(configurationRevision(clone));
  });
});

describe('the configuration’s revision', () => {
  it('moves with what the pods run with, and with nothing else', () => {
    const revision = configurationRevision(cluster());
    expect(configurationRevision(cluster({ patroni: dynamic({ work_mem: '1MB' }) }))).not.toBe(revision);
    expect(configurationRevision(cluster({ shutdown: true }))).toBe(revision);
  });
});

describe('options of a restore', () => {
  const clusterName = 'blue';

  it('name the stanza and the repository of a source in the cloud', () => {
    const repo = { name: 'repo3', s3: { bucket: 'backups', endpoint: 's3.example.com', region: 'eu' } };
    expect(restoreOptions({ stanza: 'main', repo })).toBe('--stanza=main --pg1-path=/pgdata/pg15 --repo=3 --delta');
  });

  it('are joined as they are, and recovery promotes at a target', () => {
    expect(
      restoreOptions({ clusterName, repoName: 'repo2', options: ['--type=time', '--target="2026-01-02 03:04:05+00"'] }),
    ).toBe(
      '--stanza=db --pg1-path=/pgdata/pg15 --repo=2 --type=time --target="2026-01-02 03:04:05+00" --target-action=promote --delta',
    );
  });

  it('have no action without a target, which pgBackRest refuses', () => {
    expect(restoreOptions({ clusterName, repoName: 'repo1', options: ['--target-timeline=2', '--delta'] })).toBe(
      '--stanza=db --pg1-path=/pgdata/pg15 --repo=1 --target-timeline=2 --delta',
    );
  });
});
