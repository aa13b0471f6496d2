import type { Cluster, Status } from '../core/cluster.ts';
import { follow } from './follow.ts';

export interface Recorder {
  /** Every status that the cluster has gone through since `mark`, or from the start. */
  statuses(cluster: string): readonly Status[];
  /** Forgets what was seen of the cluster but its present status. */
  mark(cluster: string): void;
  stop(): Promise<void>;
}

/** Watches the clusters of a namespace; the API server leaves no state out. */
export async function record(namespace: string): Promise<Recorder> {
  const seen = new Map<string, Status[]>();
  const path = `/apis/postgres-operator.crunchydata.com/v1beta1/namespaces/${namespace}/postgresclusters?watch=1`;
  const stop = await follow(['get', '--raw', path], (line) => {
    const { object } = JSON.parse(line) as { readonly object: Cluster };
    const { name } = object.metadata;
    seen.set(name, [...(seen.get(name) ?? []), object.status ?? {}]);
  });
  return {
    statuses: (cluster) => seen.get(cluster) ?? [],
    mark: (cluster) => {
      seen.set(cluster, (seen.get(cluster) ?? []).slice(-1));
    },
    stop,
  };
}
