import type { RecordedEvent } from '../../test/lab/operator/contract/recording.ts';

/** The PostgresCluster that an event was seen on; the recording leaves out what never changed: one instance, one volume. */
export function recordedObject(
  event: RecordedEvent,
  labels: Readonly<Record<string, string>> = {},
  replicas = 1,
): unknown {
  const { cluster, generation, annotations, spec, status } = event;
  const { manual, restore, dataSource } = spec;
  return {
    apiVersion: 'postgres-operator.crunchydata.com/v1beta1',
    kind: 'PostgresCluster',
    metadata: { name: cluster, generation, annotations, labels },
    spec: {
      postgresVersion: 15,
      instances: [{ name: 'set1', replicas }],
      ...(dataSource ? { dataSource } : {}),
      backups: { pgbackrest: { manual, restore, repos: [{ name: 'repo1', volume: { volumeClaimSpec: {} } }] } },
    },
    ...(Object.keys(status).length > 0 ? { status } : {}),
  };
}
