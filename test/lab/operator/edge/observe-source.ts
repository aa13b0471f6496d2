import { isCloud, type RestoreRequest } from '../core/restore-source.ts';
import type { Scope } from './scope.ts';

/** The operator's resync; nothing else makes it look again for a data source that it did not find. */
const RESYNC_MILLISECONDS = 3_600_000;

/**
 * Repositories of the cluster that a restore takes its data from; undefined: it is not there, or none is asked for. The stand-in mounts the
 * source's volume, so a source in another namespace is not found either.
 */
export async function observeSource(
  { api, cluster, memory }: Scope,
  request: RestoreRequest | undefined,
): Promise<ReadonlySet<string> | undefined> {
  if (request === undefined || isCloud(request.source)) return undefined;
  const { namespace, generation } = cluster.metadata;
  const { clusterName, clusterNamespace = namespace, repoName } = request.source;
  const missing = memory.sourceMissing;
  if (missing?.generation === generation && Date.now() - missing.at < RESYNC_MILLISECONDS) return undefined;
  const source = clusterNamespace === namespace ? await api.cluster(namespace, clusterName) : undefined;
  const repos = source?.spec.backups?.pgbackrest.repos.map(({ name }) => name);
  const found = repos?.includes(repoName) ?? false;
  memory.sourceMissing = found ? undefined : { generation, at: Date.now() };
  return repos === undefined ? undefined : new Set(repos);
}
