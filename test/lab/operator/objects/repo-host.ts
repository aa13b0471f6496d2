import type { Cluster } from '../core/cluster.ts';
import type { Manifest } from '../edge/kinds.ts';
import { LABELS } from './labels.ts';
import { podsService, repoClaim, repoHost } from './names.ts';
import { pgbackrestServer, podSpec } from './pod.ts';

/** The repository host and the volumes of its repositories. */
export function repositoryHost(cluster: Cluster): readonly Manifest[] {
  const { name } = cluster.metadata;
  const labels = { [LABELS.cluster]: name, [LABELS.data]: 'pgbackrest' };
  return [
    ...repositoryVolumes(cluster),
    {
      kind: 'StatefulSet',
      metadata: { name: repoHost(name), labels },
      spec: {
        replicas: cluster.spec.shutdown === true ? 0 : 1,
        serviceName: podsService(name),
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: podSpec(cluster, [pgbackrestServer(cluster, 'repo')]) },
      },
    },
  ];
}

function repositoryVolumes(cluster: Cluster): readonly Manifest[] {
  const repos = cluster.spec.backups?.pgbackrest.repos ?? [];
  return repos.flatMap(({ name, volume }): readonly Manifest[] =>
    volume === undefined
      ? []
      : [
          {
            kind: 'PersistentVolumeClaim',
            metadata: { name: repoClaim(cluster.metadata.name, name), labels: { [LABELS.repo]: name } },
            spec: volume.volumeClaimSpec,
          },
        ],
  );
}
