import type { Cluster } from '../core/cluster.ts';
import { backupJobName, BACKUP, STANZA } from '../core/names.ts';
import type { Manifest } from '../edge/kinds.ts';
import { clusterLabels, LABELS } from './labels.ts';
import { repoIndex } from './names.ts';
import { container, podSpec } from './pod.ts';

const BACKOFF_LIMIT = 6;

export interface BackupRequest {
  readonly purpose: 'manual' | 'replica-create';
  readonly id?: string;
  readonly repo: string;
  readonly options: readonly string[];
}

/** As the operator's Job does, the options are joined into a command line that bash interprets. */
function backupJobSpec(cluster: Cluster, repo: string, options: readonly string[]): Readonly<Record<string, unknown>> {
  const command = ['pgbackrest', 'backup', `--stanza=${STANZA}`, `--repo=${repoIndex(repo)}`, ...options].join(' ');
  const backup = container(cluster, {
    name: 'pgbackrest',
    command: ['bash', '-xc', command],
    side: 'repo',
    env: { PGBACKREST_LOG_LEVEL_CONSOLE: 'info' },
  });
  const ttl = cluster.spec.backups?.pgbackrest.jobs?.ttlSecondsAfterFinished;
  return {
    backoffLimit: BACKOFF_LIMIT,
    ...(ttl === undefined ? {} : { ttlSecondsAfterFinished: ttl }),
    template: {
      metadata: { labels: clusterLabels(cluster.metadata.name) },
      spec: { ...podSpec(cluster, [backup]), restartPolicy: 'Never' },
    },
  };
}

export function backupJob(cluster: Cluster, { purpose, id, repo, options }: BackupRequest): Manifest {
  return {
    kind: 'Job',
    metadata: {
      name: backupJobName(cluster, purpose, id),
      labels: { [BACKUP]: purpose, [LABELS.repo]: repo },
      annotations: id === undefined ? {} : { [BACKUP]: id },
    },
    spec: backupJobSpec(cluster, repo, options),
  };
}

const TYPES = { full: 'full', differential: 'diff', incremental: 'incr' } as const;

/** One CronJob for each schedule. */
export function schedules(cluster: Cluster): readonly Manifest[] {
  const repos = cluster.spec.backups?.pgbackrest.repos ?? [];
  return repos.flatMap((repo) =>
    Object.entries(repo.schedules ?? {}).map(([kind, schedule]): Manifest => {
      const type = TYPES[kind as keyof typeof TYPES];
      return {
        kind: 'CronJob',
        metadata: {
          name: `${cluster.metadata.name}-${repo.name}-${type}`,
          labels: { [LABELS.cronJob]: type, [LABELS.repo]: repo.name },
        },
        spec: {
          schedule,
          concurrencyPolicy: 'Forbid',
          jobTemplate: { spec: backupJobSpec(cluster, repo.name, [`--type=${type}`]) },
        },
      };
    }),
  );
}
