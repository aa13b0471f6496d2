import type { Cluster } from '../core/cluster.ts';
import { CONFIG_HASH, RESTORE, STANZA, restoreJobName } from '../core/names.ts';
import type { Manifest } from '../edge/kinds.ts';
import type { Instance } from './instance.ts';
import { clusterLabels, LABELS } from './labels.ts';
import { dataClaim, repoIndex } from './names.ts';
import { configurationOf, container, PGDATA, podSpec } from './pod.ts';

export interface RestoreJobRequest {
  readonly instance: Instance;
  readonly id: string;
  readonly configHash: string;
  readonly repoName: string;
  readonly options: readonly string[];
}

/**
 * Restores from the repository of `source`, into the volume of one instance of `cluster`. As the operator's Job does it
 * has the configuration of both, also where they are one cluster.
 */
export function restoreJob(cluster: Cluster, source: Cluster, request: RestoreJobRequest): Manifest {
  const { instance, id, configHash, repoName, options } = request;
  const restore = container(source, {
    name: 'pgbackrest-restore',
    command: ['/scripts/restore.sh', restoreOptions(repoName, options)],
    side: 'instance',
    mounts: [{ name: 'pgdata', mountPath: '/pgdata' }],
    env: { PGBACKREST_LOG_LEVEL_CONSOLE: 'info' },
  });
  const claim = { name: 'pgdata', persistentVolumeClaim: { claimName: dataClaim(instance.name) } };
  return {
    kind: 'Job',
    metadata: {
      name: restoreJobName(cluster),
      labels: { [LABELS.restore]: '' },
      annotations: { [RESTORE]: id, [CONFIG_HASH]: configHash },
    },
    spec: {
      backoffLimit: 6,
      template: {
        metadata: { labels: clusterLabels(cluster.metadata.name) },
        spec: {
          ...podSpec(source, [restore], [claim], [...configurationOf(cluster), ...configurationOf(source)]),
          // Its shell leaves SIGTERM to the server it waits for.
          terminationGracePeriodSeconds: 1,
          restartPolicy: 'Never',
        },
      },
    },
  };
}

/** With a target, recovery must not pause there. */
export function restoreOptions(repoName: string, options: readonly string[]): string {
  const all = options.join(' ');
  const targeted = /--target[= ]/u.test(all);
  return [
    `--stanza=${STANZA} --pg1-path=${PGDATA} --repo=${repoIndex(repoName)}`,
    all,
    ...(targeted ? ['--target-action=promote'] : []),
    ...(all.includes('--delta') ? [] : ['--delta']),
  ].join(' ');
}
