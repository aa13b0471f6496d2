import { describe, expect, test } from '@jest/globals';
import { atRest, preparing, switching, type Changes } from '../../plugin/plan/testing/lifecycles.ts';
import type { KubernetesObject } from '../../plugin/render/kubernetes-object.ts';
import { field, find, render } from './rendered.ts';

/** What the operator's contract asks of a renderer; each test quotes the line that it is for. */
const S3 = { s3: { bucket: 'backups', endpoint: 'e', region: 'r' }, credentials: 'c' };
const CLOUD: Changes = {
  backup: { repositories: [{ name: 'repo1', ...S3, encryption: { cipher: 'aes-256-cbc', secret: 'k' } }] },
};

const clusters = (objects: readonly KubernetesObject[]): readonly KubernetesObject[] =>
  objects.filter(({ kind }) => kind === 'PostgresCluster');
const cluster = (objects: readonly KubernetesObject[], name: string | RegExp): KubernetesObject =>
  find(objects, 'PostgresCluster', name);
const pgbackrest = (object: KubernetesObject, path: string): unknown =>
  field(object, `spec.backups.pgbackrest.${path}`);
const pathOf = (object: KubernetesObject): unknown => pgbackrest(object, 'global.repo1-path');

const PLANS = [
  ['at rest', render(atRest())],
  ['Prepare', render(preparing())],
  ['Switch', render(switching())],
  ['Switch, cloud repository', render(switching(CLOUD))],
] as const;

describe.each(PLANS)('%s', (_, objects) => {
  test('"Never dataSource together with an enabled restore"', () => {
    for (const each of clusters(objects)) expect(pgbackrest(each, 'restore')).toBeUndefined();
  });

  test('"The backup annotation always with manual": the steps set the annotation, manual is always there', () => {
    for (const each of clusters(objects)) {
      expect(pgbackrest(each, 'manual.repoName')).toBe('repo1');
      expect(Object.keys(each.metadata.annotations ?? {}).join()).not.toContain('pgbackrest-backup');
    }
  });

  test('"Clones with explicit backups and users, without databaseInitSQL"', () => {
    for (const each of clusters(objects)) {
      expect(field(each, 'spec.users')).toEqual([{ name: 'bestie', databases: ['bestie'] }, { name: 'postgres' }]);
      expect(pgbackrest(each, 'repos')).toHaveLength(1);
    }
  });

  test('"No shutdown, paused or read-only with restore, clone or promotion"', () => {
    for (const each of clusters(objects)) {
      expect(field(each, 'spec.shutdown') ?? field(each, 'spec.paused') ?? field(each, 'spec.standby')).toBeUndefined();
      expect(JSON.stringify(each)).not.toContain('default_transaction_read_only');
    }
  });

  test('"List defaults (instances[].name, replicas) emitted to avoid diffs; global values are strings"', () => {
    for (const each of clusters(objects)) {
      expect(field(each, 'spec.instances.0')).toMatchObject({ name: 'set1', replicas: 1 });
      const global = Object.values(pgbackrest(each, 'global') as object) as unknown[];
      expect(global.every((value) => typeof value === 'string')).toBe(true);
    }
  });

  test('"start-fast: y or a backup waits for the next regular checkpoint"', () => {
    for (const each of clusters(objects)) expect(pgbackrest(each, 'global.start-fast')).toBe('y');
  });
});

test('"dataSource only for a new CR": green and the rehearsal have it, blue never', () => {
  expect(field(cluster(render(switching()), 'bestie-pgo'), 'spec.dataSource')).toBeUndefined();
  expect(field(cluster(render(switching()), 'bestie2-pgo'), 'spec.dataSource')).toMatchObject({
    postgresCluster: { clusterName: 'bestie-pgo', repoName: 'repo1' },
  });
});

test('"Unescaped input is shell injection": options are the plan\'s own, with nothing of the file but a digest', () => {
  const options = field(cluster(render(switching()), 'bestie2-pgo'), 'spec.dataSource.postgresCluster.options');
  expect(options).toEqual(['--type=name', expect.stringMatching(/^--target=lifecycle-[0-9a-f]{12}$/)]);
});

test('"Ids deterministic, never reused": restore point and backup carry the attempt\'s digest', () => {
  const target = (attempt: number): unknown =>
    field(
      cluster(render(switching({ green: { attempt } })), 'bestie2-pgo'),
      'spec.dataSource.postgresCluster.options.1',
    );
  expect(new Set([target(1), target(2), target(3)]).size).toBe(3);
  expect(target(2)).toBe(target(2));
});

test('"Clones without databaseInitSQL": it runs again on a clone otherwise', () => {
  const objects = render(switching({ database: { spec: { databaseInitSQL: { name: 'init', key: 'sql' } } } }));
  expect(field(cluster(objects, 'bestie-pgo'), 'spec.databaseInitSQL')).toEqual({ name: 'init', key: 'sql' });
  expect(field(cluster(objects, 'bestie2-pgo'), 'spec.databaseInitSQL')).toBeUndefined();
});

describe('"Unique bucket + repoN-path per cluster; path and cipher immutable"', () => {
  test('blue, green of each attempt and each rehearsal have a path of their own', () => {
    const paths = [1, 2].flatMap((attempt) =>
      [switching, preparing].flatMap((lifecycle) =>
        clusters(render(lifecycle({ ...CLOUD, green: { attempt } })))
          .filter(({ metadata }) => metadata.name !== 'bestie-pgo')
          .map(pathOf),
      ),
    );
    expect(new Set([...paths, '/pgbackrest/bestie/1/repo1']).size).toBe(5);
  });

  test("blue's path stays whatever green's attempt is", () => {
    const path = (attempt: number): unknown =>
      pathOf(cluster(render(switching({ ...CLOUD, green: { attempt } })), 'bestie-pgo'));
    expect([path(1), path(2)]).toEqual(['/pgbackrest/bestie/1/repo1', '/pgbackrest/bestie/1/repo1']);
  });

  test('an adopted cluster keeps the path that it has', () => {
    const blue = { names: { database: 'hippo' } };
    expect(pathOf(cluster(render(atRest({ ...CLOUD, blue })), 'hippo'))).toBe('/pgbackrest/repo1');
    const repositories = [{ name: 'repo1', ...S3, path: '/prod' }];
    expect(pathOf(cluster(render(atRest({ backup: { repositories }, blue })), 'hippo'))).toBe('/prod');
  });

  test('every clone has the cipher of its repository', () => {
    for (const each of clusters(render(switching(CLOUD)))) {
      expect(pgbackrest(each, 'global.repo1-cipher-type')).toBe('aes-256-cbc');
      expect(pgbackrest(each, 'configuration')).toEqual([{ secret: { name: 'c' } }, { secret: { name: 'k' } }]);
    }
  });
});

test('"The sources of a restore\'s Job are those of both clusters": none has items, of which a path may not stand there twice', () => {
  const ca = { secret: 'authority', key: 'authority.pem' };
  const s3 = { ...S3.s3, uriStyle: 'path', ca };
  const repositories = [
    { name: 'repo1', ...S3, s3 },
    { name: 'repo2', ...S3, s3: { ...s3, bucket: 'others', ca: { configMap: 'authority', key: 'other.crt' } } },
    { name: 'repo3', ...S3, s3: { ...s3, bucket: 'third' } },
  ];
  for (const each of clusters(render(switching({ backup: { repositories } })))) {
    expect(pgbackrest(each, 'configuration')).toEqual([
      { secret: { name: 'c' } },
      { secret: { name: 'authority' } },
      { configMap: { name: 'authority' } },
    ]);
    expect(pgbackrest(each, 'repos.0.s3')).toEqual(S3.s3);
    expect(pgbackrest(each, 'global')).toMatchObject({
      'repo1-s3-uri-style': 'path',
      'repo1-storage-ca-file': '/etc/pgbackrest/conf.d/authority.pem',
      'repo2-storage-ca-file': '/etc/pgbackrest/conf.d/other.crt',
      'repo3-storage-ca-file': '/etc/pgbackrest/conf.d/authority.pem',
    });
  }
});

test('"A volume repository is mounted at /pgbackrest/repoN: repoN-path must stay at or under it"', () => {
  for (const each of clusters(render(switching()))) expect(pathOf(each)).toBeUndefined();
});

test('"A cluster deleted and made again under the same name adopts the old volumes": each rehearsal has its own name', () => {
  const name = (attempt: number): string | undefined =>
    clusters(render(preparing({ green: { attempt } })))[1]?.metadata.name;
  expect(name(1)).not.toBe(name(2));
});

test('"Source in an earlier wave": blue is healthy before its clone is asked for', () => {
  const wave = (object: KubernetesObject): number =>
    Number(object.metadata.annotations?.['argocd.argoproj.io/sync-wave']);
  const objects = render(switching());
  expect(wave(cluster(objects, 'bestie-pgo'))).toBeLessThan(wave(cluster(objects, 'bestie2-pgo')));
});

test('"Pin v1beta1"', () => {
  for (const each of clusters(render(switching())))
    expect(each.apiVersion).toBe('postgres-operator.crunchydata.com/v1beta1');
});

test('the policy of the file reaches every repository', () => {
  const repositories = [
    {
      name: 'repo1',
      volume: { storage: '1Gi' },
      schedules: { full: '0 1 * * 0', differential: '0 1 * * 1-6' },
      retention: { full: 2, differential: 6 },
    },
    { name: 'repo2', ...S3, retention: { full: 14, fullType: 'time' } },
  ];
  const blue = cluster(render(atRest({ backup: { repositories } })), 'bestie-pgo');
  expect(pgbackrest(blue, 'repos.0.schedules')).toEqual({ full: '0 1 * * 0', differential: '0 1 * * 1-6' });
  expect(pgbackrest(blue, 'global')).toEqual({
    'start-fast': 'y',
    'repo1-retention-full': '2',
    'repo1-retention-full-type': 'count',
    'repo1-retention-diff': '6',
    'repo2-path': '/pgbackrest/bestie/1/repo2',
    'repo2-retention-full': '14',
    'repo2-retention-full-type': 'time',
  });
});
