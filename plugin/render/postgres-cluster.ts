import type { LifecycleSpec, Repository } from '../lifecycle/model.ts';
import { manualBackup } from '../plan/plan.ts';
import type { StepInstance } from '../plan/step-request.ts';

const BACKUP_TYPES = { full: 'full', differential: 'diff', incremental: 'incr' } as const;

export interface ClusterOptions {
  readonly instance: StepInstance;
  /** Set for a clone: blue's cluster and the restore point. */
  readonly source?: { readonly cluster: string; readonly restorePoint: string };
  readonly attempt: number;
  /** It existed before this lifecycle: its cloud paths stay exactly as the file says. */
  readonly adopted: boolean;
}

/** The data of `postgrescluster.hbs`. Every value of `global` is a string, as the operator's schema demands. */
export function clusterData(
  spec: LifecycleSpec,
  { instance, source, attempt, adopted }: ClusterOptions,
): Record<string, unknown> {
  const { database, backup } = spec;
  const manual = manualBackup(spec);
  const repositories = backup.repositories;
  return {
    name: instance.cluster,
    postgresVersion: database.postgresVersion,
    user: database.user,
    databases: database.databases ?? [database.user],
    replicas: database.replicas,
    storage: database.storage,
    parameters: database.parameters,
    dataSource: source && {
      clusterName: source.cluster,
      repoName: manual.repository,
      options: ['--type=name', `--target=${source.restorePoint}`],
    },
    configuration: repositories.flatMap(({ credentials, encryption }) =>
      [credentials, encryption?.secret].filter((name) => name !== undefined).map((name) => ({ secret: { name } })),
    ),
    global: Object.assign(
      { 'start-fast': 'y' },
      ...repositories.map((each) => globals(each, adopted ? '' : `/${instance.name}/${attempt}/${each.name}`)),
    ) as unknown,
    manual: {
      repoName: manual.repository,
      options: [`--type=${BACKUP_TYPES[manual.type as keyof typeof BACKUP_TYPES]}`],
    },
    repos: repositories.map(repo),
  };
}

/**
 * A cloud path holds instance and attempt: two clusters of one bucket and path corrupt each other (I8). An adopted cluster
 * keeps the path that it has (default: the operator's own), because a path never changes. A volume repository keeps
 * `/pgbackrest/repoN`; anywhere else its stanza is never created (seen with PGO v6.0.3).
 */
function globals(repository: Repository, ownPath: string): Record<string, string> {
  const { name, retention, encryption, volume } = repository;
  const path = repository.path ?? (ownPath === '' ? `/pgbackrest/${name}` : '/pgbackrest');
  return {
    ...(volume ? {} : { [`${name}-path`]: `${path}${ownPath}` }),
    ...(retention && {
      [`${name}-retention-full`]: String(retention.full),
      [`${name}-retention-full-type`]: retention.fullType,
      ...(retention.differential !== undefined && { [`${name}-retention-diff`]: String(retention.differential) }),
    }),
    ...(encryption && { [`${name}-cipher-type`]: encryption.cipher }),
  };
}

function repo({ name, schedules, volume, s3, gcs, azure }: Repository): unknown {
  return {
    name,
    ...(schedules && { schedules }),
    ...(volume && {
      volume: {
        volumeClaimSpec: {
          accessModes: ['ReadWriteOnce'],
          ...(volume.storageClassName !== undefined && { storageClassName: volume.storageClassName }),
          resources: { requests: { storage: volume.storage } },
        },
      },
    }),
    ...(s3 && { s3 }),
    ...(gcs && { gcs }),
    ...(azure && { azure }),
  };
}
