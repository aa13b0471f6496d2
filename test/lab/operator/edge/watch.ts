import type { KubernetesObject, KubernetesListObject } from '@kubernetes/client-node';
import { KubernetesObjectApi, makeInformer } from '@kubernetes/client-node';
import type { KubeConfig } from '@kubernetes/client-node';
import { LABELS } from '../objects/labels.ts';
import type { Kind } from './kinds.ts';
import { API_VERSIONS } from './kinds.ts';

/** What is watched, by the path of its list; all of it in every namespace. */
const WATCHED: readonly { readonly kind: Kind; readonly path: string; readonly selector?: string }[] = [
  { kind: 'PostgresCluster', path: '/apis/postgres-operator.crunchydata.com/v1beta1/postgresclusters' },
  { kind: 'Pod', path: '/api/v1/pods', selector: LABELS.data },
  { kind: 'Job', path: '/apis/batch/v1/jobs', selector: LABELS.cluster },
  { kind: 'PersistentVolumeClaim', path: '/api/v1/persistentvolumeclaims', selector: LABELS.cluster },
  { kind: 'StatefulSet', path: '/apis/apps/v1/statefulsets', selector: LABELS.cluster },
];

const RETRY_MILLISECONDS = 1_000;

/** Calls `changed` with the cluster that a changed object belongs to. Only a trigger: nothing is read from here. */
export async function watchClusters(
  config: KubeConfig,
  changed: (namespace: string, cluster: string) => void,
): Promise<void> {
  const objects = KubernetesObjectApi.makeApiClient(config);
  const start = async ({ kind, path, selector }: (typeof WATCHED)[number]): Promise<void> => {
    const list = (): Promise<KubernetesListObject<KubernetesObject>> =>
      objects.list(
        API_VERSIONS[kind],
        kind,
        ...([undefined, undefined, undefined, undefined, undefined] as const),
        selector,
      );
    const informer = makeInformer(config, path, list, selector);
    informer.on('change', ({ metadata }) => {
      const cluster = kind === 'PostgresCluster' ? metadata?.name : metadata?.labels?.[LABELS.cluster];
      if (metadata?.namespace !== undefined && cluster !== undefined) changed(metadata.namespace, cluster);
    });
    informer.on('error', () => {
      setTimeout(() => void informer.start(), RETRY_MILLISECONDS);
    });
    await informer.start();
  };
  await Promise.all(WATCHED.map(start));
}
