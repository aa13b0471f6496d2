import type { Cluster } from '../core/cluster.ts';
import { setName } from '../core/names.ts';
import type { Manifest } from '../edge/kinds.ts';
import { LABELS } from './labels.ts';
import { dataClaim, haService, podsService } from './names.ts';
import { operatorRoleContainers, operatorRoleVolumes } from './operator-roles.ts';
import { container, pgbackrestServer, podSpec } from './pod.ts';

export interface Instance {
  readonly name: string;
  readonly set: string;
}

const labelsOf = (cluster: Cluster, { name, set }: Instance): Record<string, string> => ({
  [LABELS.cluster]: cluster.metadata.name,
  [LABELS.instance]: name,
  [LABELS.instanceSet]: set,
  [LABELS.data]: 'postgres',
});

const specOf = (cluster: Cluster, set: string): Cluster['spec']['instances'][number] | undefined =>
  cluster.spec.instances.find((spec, index) => setName(spec, index) === set);

/** The volume of one instance; it outlives its StatefulSet. */
export function dataVolume(cluster: Cluster, instance: Instance): Manifest {
  return {
    kind: 'PersistentVolumeClaim',
    metadata: { name: dataClaim(instance.name), labels: { ...labelsOf(cluster, instance), [LABELS.role]: 'pgdata' } },
    spec: specOf(cluster, instance.set)?.dataVolumeClaimSpec,
  };
}

/** A StatefulSet of one pod. Its role stands in no template: it is put on the pod once the pod has it. */
export function instanceRunner(cluster: Cluster, instance: Instance): Manifest {
  const { name } = cluster.metadata;
  const labels = labelsOf(cluster, instance);
  const data = { name: 'pgdata', mountPath: '/pgdata' };
  const containers = [
    container(cluster, {
      name: 'database',
      command: ['/scripts/instance.sh'],
      side: 'instance',
      mounts: [data],
      ports: [{ name: 'postgres', containerPort: 5432 }],
      readinessProbe: { tcpSocket: { port: 'postgres' }, periodSeconds: 1, failureThreshold: 2 },
      resources: specOf(cluster, instance.set)?.resources ?? {},
    }),
    pgbackrestServer(cluster, 'instance', [data]),
    ...operatorRoleContainers(cluster),
  ];
  const claim = { name: 'pgdata', persistentVolumeClaim: { claimName: dataClaim(instance.name) } };
  return {
    kind: 'StatefulSet',
    metadata: { name: instance.name, labels },
    spec: {
      replicas: cluster.spec.shutdown === true ? 0 : 1,
      serviceName: podsService(name),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels: { ...labels, [LABELS.patroni]: haService(name) } },
        spec: podSpec(cluster, containers, [claim, ...operatorRoleVolumes(cluster)]),
      },
    },
  };
}
