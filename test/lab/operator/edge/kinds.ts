import type { V1OwnerReference } from '@kubernetes/client-node';
import type { GROUP } from '../core/names.ts';

/** Kinds of objects that the stand-in reads and writes, and the API versions that serve them. */
export const API_VERSIONS = {
  ConfigMap: 'v1',
  CronJob: 'batch/v1',
  EndpointSlice: 'discovery.k8s.io/v1',
  Event: 'v1',
  Job: 'batch/v1',
  PersistentVolumeClaim: 'v1',
  Pod: 'v1',
  PostgresCluster: 'postgres-operator.crunchydata.com/v1beta1' satisfies `${typeof GROUP}/v1beta1`,
  Secret: 'v1',
  Service: 'v1',
  StatefulSet: 'apps/v1',
} as const;

export type Kind = keyof typeof API_VERSIONS;

/** An object as it is sent to the API server. */
export interface Manifest {
  readonly kind: Kind;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: V1OwnerReference[];
  };
  readonly [field: string]: unknown;
}
