import type { Cluster, CloudSource, DataSource } from './cluster.ts';
import { bootstrapId, digest, RESTORE, STANZA } from './names.ts';

/** What a restore takes its data from: a repository of a cluster that is there, or one in the cloud by itself. */
export type RestoreSource = ClusterSource | CloudSource;
type ClusterSource = DataSource & { readonly clusterName: string };

export interface RestoreRequest {
  readonly id: string;
  readonly source: RestoreSource;
  readonly inPlace: boolean;
}

export const isCloud = (source: RestoreSource): source is CloudSource => 'repo' in source;

/**
 * An enabled restore wins over the data source; without one the data source asks for its own id again. That is
 * the trap: a restore that is taken away while the data source stays re-clones the cluster.
 */
export function requestedRestore(cluster: Cluster): RestoreRequest | undefined {
  const { name } = cluster.metadata;
  const restore = cluster.spec.backups?.pgbackrest.restore;
  const id = cluster.metadata.annotations?.[RESTORE] ?? '';
  if (restore?.enabled === true && id !== '') {
    const clusterName = restore.clusterName ?? name;
    return { id, source: { ...restore, clusterName }, inPlace: clusterName === name };
  }
  const { postgresCluster: source, pgbackrest } = cluster.spec.dataSource ?? {};
  if (source === undefined && pgbackrest === undefined) return undefined;
  const clone = { id: bootstrapId(cluster), inPlace: false };
  if (source !== undefined) return { ...clone, source: { ...source, clusterName: source.clusterName ?? '' } };
  return pgbackrest && { ...clone, source: pgbackrest };
}

/**
 * What of a source makes another restore of one that has begun. Of one in the cloud neither bucket nor path does: a Job
 * that fails by them goes on trying, with what its configuration says by then.
 */
export function sourceHash(source: RestoreSource): string {
  const { options = [] } = source;
  if (isCloud(source)) return digest(source.stanza ?? STANZA, source.repo.name, ...options);
  return digest(source.clusterName, source.clusterNamespace ?? '', source.repoName, ...options);
}
