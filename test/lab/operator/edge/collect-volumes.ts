import type { V1PersistentVolumeClaim } from '@kubernetes/client-node';
import { clusterLabels } from '../objects/labels.ts';
import type { Api } from './api.ts';

/** For so long a cluster that is made again under the name of a deleted one takes over its volumes, as was seen. */
const LINGER_MILLISECONDS = 3_000;

/** Deletes the volumes of clusters that are gone. */
export class VolumeCollector {
  private readonly api: Api;
  private readonly goneSince = new Map<string, number>();

  constructor(api: Api) {
    this.api = api;
  }

  /** The cluster is there: its volumes are its own again. */
  keep(namespace: string, cluster: string): void {
    this.goneSince.delete(`${namespace}/${cluster}`);
  }

  /** @returns after how many milliseconds to look again; undefined: there is nothing left. */
  async collect(namespace: string, cluster: string): Promise<number | undefined> {
    const claims = await this.api.list<V1PersistentVolumeClaim>(
      'PersistentVolumeClaim',
      namespace,
      clusterLabels(cluster),
    );
    const left = claims.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
    if (left.length === 0) {
      this.keep(namespace, cluster);
      return undefined;
    }
    const key = `${namespace}/${cluster}`;
    const since = this.goneSince.get(key) ?? Date.now();
    this.goneSince.set(key, since);
    const rest = since + LINGER_MILLISECONDS - Date.now();
    if (rest > 0) return rest;
    for (const { metadata } of left) await this.api.remove('PersistentVolumeClaim', namespace, metadata?.name ?? '');
    return undefined;
  }
}
