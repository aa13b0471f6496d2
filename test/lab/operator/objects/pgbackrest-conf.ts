import type { Cluster, RepositorySpec } from '../core/cluster.ts';
import { STANZA } from '../core/names.ts';
import { primaryHost } from './names.ts';
import type { Side } from './pod.ts';
import { PGBACKREST_PORT, PGDATA } from './pod.ts';

type Options = Readonly<Record<string, string | number>>;

const section = (name: string, options: Options): string =>
  `[${name}]\n${Object.entries(options)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')}`;

/** `spec.backups.pgbackrest.global` wins over what the operator sets, a repository's path included. */
export function pgbackrestConf(cluster: Cluster, side: Exclude<Side, 'source'>): string {
  const repos = cluster.spec.backups?.pgbackrest.repos ?? [];
  const global = {
    'lock-path': '/tmp/pgbackrest',
    'log-level-file': 'off',
    'spool-path': '/tmp/pgbackrest-spool',
    'compress-type': 'lz4',
    ...Object.fromEntries(repos.flatMap((each) => Object.entries(repository(each)))),
    ...cluster.spec.backups?.pgbackrest.global,
  };
  return `${section('global', global)}\n${section(STANZA, side === 'instance' ? local() : remote(cluster))}`;
}

const repository = ({ name, s3 }: RepositorySpec): Options => ({
  [`${name}-path`]: `/pgbackrest/${name}`,
  // Bundled and lightly compressed: a fresh cluster has a thousand small files.
  [`${name}-bundle`]: 'y',
  ...(s3 && {
    [`${name}-type`]: 's3',
    [`${name}-s3-bucket`]: s3.bucket,
    [`${name}-s3-endpoint`]: s3.endpoint,
    [`${name}-s3-region`]: s3.region,
  }),
});

const local = (): Options => ({ 'pg1-path': PGDATA, 'pg1-port': 5432, 'pg1-socket-path': '/tmp' });

const remote = (cluster: Cluster): Options => ({
  'pg1-host': primaryHost(cluster),
  'pg1-host-type': 'tls',
  'pg1-host-port': PGBACKREST_PORT,
  'pg1-host-config': '/config/pgbackrest_instance.conf',
  'pg1-host-ca-file': '/certs/ca.crt',
  'pg1-host-cert-file': '/certs/tls.crt',
  'pg1-host-key-file': '/certs/tls.key',
  ...local(),
});
