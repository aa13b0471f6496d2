import type { Cluster } from '../core/cluster.ts';
import { CONFIG_HASH, RESTORE, STANZA, restoreJobName } from '../core/names.ts';
import { isCloud, type RestoreSource } from '../core/restore-source.ts';
import type { Manifest } from '../edge/kinds.ts';
import type { Instance } from './instance.ts';
import { clusterLabels, LABELS } from './labels.ts';
import { dataClaim, repoIndex } from './names.ts';
import { configurationOf, container, PGDATA, podSpec } from './pod.ts';

export interface RestoreJobRequest {
  readonly instance: Instance;
  readonly id: string;
  readonly configHash: string;
  readonly source: RestoreSource;
}

/**
 * Restores from the repository of `from`, into the volume of one instance of `cluster`. As the operator's Job does it
 * has the configuration of both, also where they are one cluster; of a source in the cloud it has the source's only.
 */
export function restoreJob(cluster: Cluster, from: Cluster, request: RestoreJobRequest): Manifest {
  const { instance, id, configHash, source } = request;
  const isFromCloud = isCloud(source);
  const restore = container(from, {
    name: 'pgbackrest-restore',
    command: ['/scripts/restore.sh', restoreOptions(source)],
    side: isFromCloud ? 'source' : 'instance',
    mounts: [{ name: 'pgdata', mountPath: '/pgdata' }],
    env: { PGBACKREST_LOG_LEVEL_CONSOLE: 'info' },
  });
  const configuration = [...(isFromCloud ? [] : configurationOf(cluster)), ...configurationOf(from)];
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
          ...podSpec(from, [restore], [claim], configuration),
          // Its shell leaves SIGTERM to the server it waits for.
          terminationGracePeriodSeconds: 1,
          restartPolicy: 'Never',
        },
      },
    },
  };
}

/** With a target, recovery must not pause there. */
export function restoreOptions(source: RestoreSource): string {
  const { options = [] } = source;
  const [stanza, repo] = isCloud(source) ? [source.stanza ?? STANZA, source.repo.name] : [STANZA, source.repoName];
  const all = options.join(' ');
  const targeted = /--target[= ]/u.test(all);
  return [
    `--stanza=${stanza} --pg1-path=${PGDATA} --repo=${repoIndex(repo)}`,
    ...options,
    ...(targeted ? ['--target-action=promote'] : []),
    ...(all.includes('--delta') ? [] : ['--delta']),
  ].join(' ');
}
