import type { Cluster } from '../core/cluster.ts';
import { digest } from '../core/names.ts';
import type { Api } from './api.ts';
import type { Kind, Manifest } from './kinds.ts';
import type { Memory } from './memory.ts';
import { owned } from '../objects/owned.ts';

/** What one pass over one cluster works with. */
export interface Scope {
  readonly api: Api;
  readonly cluster: Cluster;
  readonly memory: Memory;
}

const RESYNC_MILLISECONDS = 60_000;

/** Applies an object that belongs to the cluster, unless the same was applied a moment ago. */
export async function applyOwned({ api, cluster, memory }: Scope, manifest: Manifest): Promise<void> {
  const { namespace } = cluster.metadata;
  const object = owned(cluster, manifest);
  const key = `${manifest.kind}/${manifest.metadata.name}`;
  const content = digest(JSON.stringify(object));
  if (Date.now() - memory.appliedSince > RESYNC_MILLISECONDS) {
    memory.applied.clear();
    memory.appliedSince = Date.now();
  }
  if (memory.applied.get(key) === content) return;
  await api.apply(namespace, object);
  memory.applied.set(key, content);
}

/** Deletes an object of the cluster, so that it is made anew when it is wanted again. */
export async function forget({ api, cluster, memory }: Scope, kind: Kind, name: string): Promise<void> {
  memory.applied.delete(`${kind}/${name}`);
  await api.remove(kind, cluster.metadata.namespace, name);
}
