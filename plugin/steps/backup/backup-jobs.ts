import type { Cluster, JobView } from '../ports/ports.ts';

const PREFIX = 'postgres-operator.crunchydata.com/';

/** Labels of the operator's backup Jobs: one-off and initial ones, and those of its CronJobs. */
const BACKUP_LABELS = [`${PREFIX}pgbackrest-backup`, `${PREFIX}pgbackrest-cronjob`];

/** Backup Jobs of a PostgresCluster that run or will try again. */
export async function unfinishedBackupJobs(cluster: Cluster, name: string): Promise<readonly JobView[]> {
  const jobs = await cluster.jobs({ [`${PREFIX}cluster`]: name });
  return jobs.filter(({ labels, finished }) => !finished && BACKUP_LABELS.some((label) => labels[label] !== undefined));
}
