import type { Path } from '../finding.ts';

/** A field of a rendered object that a merge patch of the file may not touch. */
export interface OwnedField {
  readonly path: Path;
  /** Why, as a clause. */
  readonly why: string;
  /** Where the file says the same. */
  readonly instead?: string;
}

/** Of the Deployment's pod template (manifests/application.hbs). */
export const POD_FIELDS: readonly OwnedField[] = [
  { path: ['metadata', 'name'], why: 'pods are named by their Deployment' },
  { path: ['metadata', 'generateName'], why: 'pods are named by their Deployment' },
  { path: ['metadata', 'namespace'], why: 'Argo CD says where an Application goes' },
  { path: ['metadata', 'labels'], why: 'the Services select by exactly these labels' },
  { path: ['spec', 'serviceAccountName'], why: 'the application has no rights in the cluster' },
  { path: ['spec', 'serviceAccount'], why: 'the application has no rights in the cluster' },
  { path: ['spec', 'automountServiceAccountToken'], why: 'the application has no rights in the cluster' },
  { path: ['spec', 'hostNetwork'], why: 'blue and green would fight for one port' },
  { path: ['spec', 'restartPolicy'], why: 'a Deployment restarts its pods' },
];

const PATRONI: Path = ['patroni', 'dynamicConfiguration'];
const PGBACKREST: Path = ['backups', 'pgbackrest'];

/** Of the PostgresCluster's spec (manifests/postgrescluster.hbs). */
export const DATABASE_FIELDS: readonly OwnedField[] = [
  { path: ['postgresVersion'], why: 'a clone has the version of its source', instead: 'spec.database.postgresVersion' },
  { path: ['users'], why: 'a patch replaces the whole list', instead: 'spec.database.user and databases' },
  { path: ['dataSource'], why: 'added to a cluster that exists it overwrites the data' },
  { path: ['databaseInitSQL'], why: 'it runs again on every clone', instead: 'spec.application.migrations' },
  { path: ['standby'], why: 'the steps need a primary' },
  { path: ['shutdown'], why: 'the steps need a database that runs' },
  { path: ['paused'], why: 'the steps need an operator that acts' },
  { path: ['customTLSSecret'], why: "the steps trust the operator's own certificate" },
  { path: [...PGBACKREST, 'repos'], why: 'a patch replaces the whole list', instead: 'spec.backup.repositories' },
  {
    path: [...PGBACKREST, 'global'],
    why: 'no two clusters may share a repository',
    instead: 'spec.backup.repositories',
  },
  {
    path: [...PGBACKREST, 'configuration'],
    why: 'a patch replaces the whole list',
    instead: 'credentials, encryption and s3.ca',
  },
  { path: [...PGBACKREST, 'manual'], why: 'the backup steps rely on it', instead: 'spec.backup.onDemand' },
  { path: [...PGBACKREST, 'restore'], why: 'an enabled restore runs again on a new cluster', instead: 'spec.restore' },
  { path: [...PATRONI, 'postgresql', 'parameters'], why: 'the plan sets them', instead: 'spec.database.parameters' },
  { path: ['patroni', 'switchover'], why: 'a failover inside the window undoes it' },
  { path: [...PATRONI, 'standby_cluster'], why: 'the steps need a primary' },
  { path: ['config', 'parameters'], why: 'it overrides what the plan sets', instead: 'spec.database.parameters' },
];
