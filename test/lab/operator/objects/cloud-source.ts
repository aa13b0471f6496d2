import type { Cluster, CloudSource } from '../core/cluster.ts';

/** The cluster with the repository of its source in place of its own ones: nothing of its own is told to a clone's Job. */
export function asSource(cluster: Cluster, { repo, global, configuration }: CloudSource): Cluster {
  const pgbackrest = { repos: [repo], ...(global && { global }), ...(configuration && { configuration }) };
  return { ...cluster, spec: { ...cluster.spec, backups: { pgbackrest } } };
}
