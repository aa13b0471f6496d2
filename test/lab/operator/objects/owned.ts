import { V1OwnerReference } from '@kubernetes/client-node';
import type { Cluster } from '../core/cluster.ts';
import type { Manifest } from '../edge/kinds.ts';
import { API_VERSIONS } from '../edge/kinds.ts';
import { clusterLabels } from './labels.ts';

/** The object as one of this cluster. It goes when the cluster goes, but for volumes, which linger (VolumeCollector). */
export function owned(cluster: Cluster, manifest: Manifest): Manifest {
  const { name } = cluster.metadata;
  const { metadata, kind } = manifest;
  return {
    ...manifest,
    metadata: {
      ...metadata,
      labels: { ...clusterLabels(name), ...metadata.labels },
      ...(kind === 'PersistentVolumeClaim' ? {} : { ownerReferences: [ownerReference(cluster)] }),
    },
  };
}

function ownerReference({ metadata: { name, uid } }: Cluster): V1OwnerReference {
  const owner = { apiVersion: API_VERSIONS.PostgresCluster, kind: 'PostgresCluster', name, uid };
  return Object.assign(new V1OwnerReference(), { ...owner, controller: true, blockOwnerDeletion: true });
}
