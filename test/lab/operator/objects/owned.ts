import { V1OwnerReference } from '@kubernetes/client-node';
import type { Cluster } from '../core/cluster.ts';
import type { Manifest } from '../edge/kinds.ts';
import { clusterLabels } from './labels.ts';

/**
 * The object as one of this cluster: it goes when the cluster goes. The volume claims, too: a cluster that is made
 * again under the same name takes those over that the garbage collector has not reached yet.
 */
export function owned(cluster: Cluster, manifest: Manifest): Manifest {
  const { name, uid } = cluster.metadata;
  const owner = Object.assign(new V1OwnerReference(), {
    apiVersion: 'postgres-operator.crunchydata.com/v1beta1',
    kind: 'PostgresCluster',
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  });
  const { metadata } = manifest;
  return {
    ...manifest,
    metadata: {
      ...metadata,
      labels: { ...clusterLabels(name), ...metadata.labels },
      ownerReferences: [owner],
    },
  };
}
