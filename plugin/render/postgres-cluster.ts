import type { LifecycleSpec, Repository } from '../lifecycle/model.ts';
import { manualBackup } from '../plan/plan.ts';
import type { StepInstance } from '../plan/step-request.ts';

const BACKUP_TYPES = { full: 'full', differential: 'diff', incremental: 'incr' } as const;

export interface ClusterOptions {
  readonly instance: StepInstance;
  /** Set for a clone: blue's cluster and the restore point. */
  readonly source?: { readonly cluster: string; readonly restorePoint: string };
  /** `repoN-path`; absent where the operator decides. */
  readonly pathOf: (repository: Repository) => string | undefined;
}

/** The data of `postgrescluster.hbs`. Every value of `global` is a string, as the operator's schema demands. */
export function clusterData(
  spec: LifecycleSpec,
  { instance, source, pathOf }: ClusterOptions,
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
    configuration: configuration(repositories),
    global: Object.assign({ 'start-fast': 'y' }, ...repositories.map((each) => globals(each, pathOf(each)))) as unknown,
    manual: {
      repoName: manual.repository,
      options: [`--type=${BACKUP_TYPES[manual.type as keyof typeof BACKUP_TYPES]}`],
    },
    repos: repositories.map(repo),
  };
}

/** A `dataSource.pgbackrest` without its options: a repository in the cloud, whose database need not be there (PGO's API, v1beta1). */
export function cloudSource(repository: Repository, path: string | undefined): object {
  const { name } = repository;
  return {
    stanza: 'db',
    configuration: configuration([repository]),
    global: globals(repository, path),
    repo: { name, ...cloudOf(repository) },
  };
}

/** Where the operator mounts every file of `configuration`. */
const CONFIGURATION = '/etc/pgbackrest/conf.d';

/**
 * Whole objects, never `items` of them: a restore's Job lists the sources of both clusters, in place those of one twice,
 * and the API server refuses a volume that has a path of `items` twice. Files of one name are no error: the last counts.
 */
function configuration(repositories: readonly Repository[]): readonly unknown[] {
  const sources = repositories.flatMap(({ credentials, encryption, s3 }) => [
    ...named('secret', credentials, encryption?.secret, s3?.ca?.secret),
    ...named('configMap', s3?.ca?.configMap),
  ]);
  return [...new Map(sources.map((source) => [JSON.stringify(source), source])).values()];
}

const named = (kind: 'secret' | 'configMap', ...names: readonly (string | undefined)[]): readonly object[] =>
  names.flatMap((name) => (name === undefined ? [] : [{ [kind]: { name } }]));

function globals({ name, retention, encryption, s3 }: Repository, path: string | undefined): Record<string, string> {
  return {
    ...(path === undefined ? {} : { [`${name}-path`]: path }),
    ...(s3?.uriStyle === 'path' && { [`${name}-s3-uri-style`]: s3.uriStyle }),
    ...(s3?.ca && { [`${name}-storage-ca-file`]: `${CONFIGURATION}/${s3.ca.key}` }),
    ...(retention && {
      [`${name}-retention-full`]: String(retention.full),
      [`${name}-retention-full-type`]: retention.fullType,
      ...(retention.differential !== undefined && { [`${name}-retention-diff`]: String(retention.differential) }),
    }),
    ...(encryption && { [`${name}-cipher-type`]: encryption.cipher }),
  };
}

function repo(repository: Repository): unknown {
  const { name, schedules, volume } = repository;
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
    ...cloudOf(repository),
  };
}

const cloudOf = ({ s3, gcs, azure }: Repository): object => ({
  ...(s3 && { s3: { bucket: s3.bucket, endpoint: s3.endpoint, region: s3.region } }),
  ...(gcs && { gcs }),
  ...(azure && { azure }),
});
