import type { Cluster } from '../core/cluster.ts';
import type { Manifest } from '../edge/kinds.ts';
import { ANNOTATIONS, clusterLabels, LABELS } from './labels.ts';
import { haService, podsService, primaryService } from './names.ts';
import { PGBACKREST_PORT } from './pod.ts';

const PORTS = [
  { name: 'postgres', port: 5432, targetPort: 5432, protocol: 'TCP' },
  { name: 'pgbackrest', port: PGBACKREST_PORT, targetPort: PGBACKREST_PORT, protocol: 'TCP' },
] as const;

const service = (name: string, spec: Readonly<Record<string, unknown>>): Manifest => ({
  kind: 'Service',
  metadata: { name },
  spec: { ports: PORTS, ...spec },
});

/** `-ha` has an address and no selector: its endpoint is moved with the leader. */
export function services(cluster: Cluster): readonly Manifest[] {
  const { name } = cluster.metadata;
  const selector = clusterLabels(name);
  return [
    service(haService(name), { type: 'ClusterIP' }),
    service(primaryService(name), { clusterIP: 'None' }),
    service(`${name}-replicas`, { type: 'ClusterIP', selector: { ...selector, [LABELS.role]: 'replica' } }),
    service(podsService(name), { clusterIP: 'None', selector, publishNotReadyAddresses: true }),
  ];
}

function slice(
  name: string,
  address: string | undefined,
  annotations: Readonly<Record<string, string>> = {},
): Manifest {
  return {
    kind: 'EndpointSlice',
    metadata: { name, annotations, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints: address === undefined ? [] : [{ addresses: [address], conditions: { ready: true } }],
    ports: PORTS.map(({ name: port, port: number, protocol }) => ({ name: port, port: number, protocol })),
  };
}

/** The headless `-primary` leads to the address of `-ha`, so that its name never resolves to a pod that is gone. */
export const primaryEndpoint = (cluster: Cluster, address: string): Manifest =>
  slice(primaryService(cluster.metadata.name), address);

export interface Leader {
  readonly leader: string;
  readonly address?: string | undefined;
  readonly systemIdentifier?: string | undefined;
}

/** What Patroni records about its leader, in one object together with the endpoint that follows from it. */
export function leaderRecord(cluster: Cluster, { leader, address, systemIdentifier }: Leader): Manifest {
  return slice(haService(cluster.metadata.name), address, {
    [ANNOTATIONS.leader]: leader,
    ...(systemIdentifier === undefined ? {} : { [ANNOTATIONS.systemIdentifier]: systemIdentifier }),
  });
}
