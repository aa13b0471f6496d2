import { POSTGRES_UID } from '../../build/images.ts';
import type { Cluster } from '../core/cluster.ts';
import { STANZA } from '../core/names.ts';
import { volumeRepos } from '../core/repositories.ts';
import { certificateSecret, configMap, primaryService, repoClaim, replicationSecret } from './names.ts';

const IMAGE = 'localhost/postgres:15';
export const PGDATA = '/pgdata/pg15';
/** Where `pgbackrest server` listens, for backups that run elsewhere. */
export const PGBACKREST_PORT = 8432;

type Json = Readonly<Record<string, unknown>>;

const env = (values: Readonly<Record<string, string>>): readonly Json[] =>
  Object.entries(values).map(([name, value]) => ({ name, value }));

/** Which configuration of pgBackRest: next to the data directory, next to the repository, or of what is cloned from a cloud. */
export type Side = 'instance' | 'repo' | 'source';

export interface ContainerOptions {
  readonly name: string;
  readonly command: readonly string[];
  readonly side: Side;
  readonly mounts?: readonly Json[];
  readonly ports?: readonly Json[];
  readonly readinessProbe?: Json;
  readonly resources?: unknown;
  readonly env?: Readonly<Record<string, string>>;
}

/** A container of any of the cluster's pods; its root file system is read-only, so a repository elsewhere fails. */
export function container(cluster: Cluster, options: ContainerOptions): Json {
  const { side, mounts = [], env: extra = {}, ...rest } = options;
  return {
    ...rest,
    image: IMAGE,
    env: env({
      PATH: '/usr/lib/postgresql/15/bin:/usr/bin:/bin',
      PGDATA,
      PGHOST: '/tmp',
      PGUSER: 'postgres',
      PGDATABASE: 'postgres',
      LC_ALL: 'C.UTF-8',
      PGBACKREST_STANZA: STANZA,
      PGBACKREST_CONFIG: `/config/pgbackrest_${side}.conf`,
      PGBACKREST_CONFIG_INCLUDE_PATH: '/etc/pgbackrest/conf.d',
      ...extra,
    }),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      ...['tmp', 'config', 'scripts', 'certs'].map((name) => ({ name, mountPath: `/${name}` })),
      { name: 'pgbackrest-config', mountPath: '/etc/pgbackrest/conf.d' },
      ...volumeRepos(cluster).map((repo) => ({ name: repo, mountPath: `/pgbackrest/${repo}` })),
      ...mounts,
    ],
  };
}

/** Answers the remote ends of pgBackRest's processes, with the cluster's own certificate as the only key. */
export function pgbackrestServer(cluster: Cluster, side: Side, mounts: readonly Json[] = []): Json {
  return container(cluster, {
    name: 'pgbackrest',
    command: ['pgbackrest', 'server'],
    side,
    mounts,
    ports: [{ name: 'pgbackrest', containerPort: PGBACKREST_PORT }],
    env: {
      PGBACKREST_TLS_SERVER_ADDRESS: '0.0.0.0',
      PGBACKREST_TLS_SERVER_PORT: String(PGBACKREST_PORT),
      PGBACKREST_TLS_SERVER_CERT_FILE: '/certs/tls.crt',
      PGBACKREST_TLS_SERVER_KEY_FILE: '/certs/tls.key',
      PGBACKREST_TLS_SERVER_CA_FILE: '/certs/ca.crt',
      PGBACKREST_TLS_SERVER_AUTH: `${primaryService(cluster.metadata.name)}=*`,
    },
  });
}

/** Sources of the volume of pgBackRest's further files: credentials, passphrases, CAs. */
export const configurationOf = ({ spec }: Cluster): readonly unknown[] => spec.backups?.pgbackrest.configuration ?? [];

/** What the pods of instances, of the repository host and of Jobs have in common; `cluster` lends its repositories. */
export function podSpec(
  cluster: Cluster,
  containers: readonly Json[],
  volumes: readonly Json[] = [],
  configuration = configurationOf(cluster),
): Json {
  const { name } = cluster.metadata;
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 10,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: POSTGRES_UID,
      runAsGroup: POSTGRES_UID,
      fsGroup: POSTGRES_UID,
      // Otherwise every mount opens the data directory to the group, and PostgreSQL refuses it.
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers,
    volumes: [
      { name: 'tmp', emptyDir: {} },
      { name: 'config', configMap: { name: configMap(name) } },
      { name: 'scripts', configMap: { name: `${name}-scripts`, defaultMode: 0o555 } },
      {
        name: 'certs',
        projected: {
          // libpq and pgBackRest refuse a key that others can read.
          defaultMode: 0o440,
          sources: [
            { secret: { name: certificateSecret(name) } },
            {
              secret: {
                name: replicationSecret(name),
                items: ['tls.crt', 'tls.key'].map((key) => ({ key, path: `replication/${key}` })),
              },
            },
          ],
        },
      },
      {
        name: 'pgbackrest-config',
        projected: { defaultMode: 0o440, sources: configuration },
      },
      ...volumeRepos(cluster).map((repo) => ({
        name: repo,
        persistentVolumeClaim: { claimName: repoClaim(name, repo) },
      })),
      ...volumes,
    ],
  };
}
