import type { JobStatus, Status } from './cluster.ts';
import { isTrue, withCondition, withoutCondition } from './conditions.ts';
import type { Step } from './decision.ts';
import { jobStatus } from './jobs.ts';
import { primaryPod } from './leader.ts';
import { BACKUP } from './names.ts';
import type { JobFacts, Observed } from './observed.ts';
import { isHostReady } from './repositories.ts';

/**
 * The one-off backup: asked for by an id in an annotation, ignored without `manual` and without saying so. Only the
 * last id is remembered, and a new one waits until the Job of the old one has ended for good.
 */
export function reconcileManualBackup(observed: Observed, before: Status): Step {
  const job = observed.manualJob;
  const id = observed.cluster.metadata.annotations?.[BACKUP] ?? '';
  const followed = follow(observed, before, job);
  if (job !== undefined && job.outcome !== 'running' && id !== '' && job.id !== id) {
    return { status: followed, wanted: [{ want: 'delete-job', job: job.name }] };
  }
  const manual = observed.cluster.spec.backups?.pgbackrest.manual;
  if (id === '' || manual === undefined || primaryPod(observed) === undefined) return { status: followed, wanted: [] };
  const status =
    followed.pgbackrest?.manualBackup?.id === id ? followed : withRequest(followed, { id, finished: false });
  if (
    status.pgbackrest?.manualBackup?.finished === true ||
    job !== undefined ||
    !possible(observed, status, manual.repoName)
  ) {
    return { status, wanted: [] };
  }
  const options = manual.options ?? [];
  if (options.some((option) => option.includes('--repo'))) {
    const message = 'Option "--repo" is not allowed: please use the "repoName" field instead';
    return { status, wanted: [{ want: 'warn', reason: 'InvalidManualBackup', message }] };
  }
  return { status, wanted: [{ want: 'backup-job', purpose: 'manual', id, repo: manual.repoName, options }] };
}

function possible(observed: Observed, status: Status, repoName: string): boolean {
  const repo = status.pgbackrest?.repos?.find(({ name }) => name === repoName);
  return repo?.stanzaCreated === true && isHostReady(observed) && isTrue(status, 'PGBackRestReplicaCreate');
}

function follow(observed: Observed, status: Status, job: JobFacts | undefined): Status {
  const known = status.pgbackrest?.manualBackup;
  if (job === undefined || known === undefined || known.id !== job.id) return status;
  const next = { ...status, pgbackrest: { ...status.pgbackrest, manualBackup: jobStatus(known.id, job) } };
  if (job.outcome === 'running') return next;
  return withCondition(next, observed, job.outcome === 'complete' ? 'ManualBackupComplete' : 'ManualBackupFailed');
}

function withRequest(status: Status, manualBackup: JobStatus): Status {
  return withoutCondition(
    { ...status, pgbackrest: { ...status.pgbackrest, manualBackup } },
    'PGBackRestManualBackupSuccessful',
  );
}
