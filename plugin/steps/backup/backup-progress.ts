import { complaint, condition, operatorSpec, operatorStatus } from '../operator/operator-status.ts';
import type { OperatorStatus } from '../operator/operator-status.ts';
import type { PostgresClusterView } from '../ports/ports.ts';

/** How far the one-off backup of an id is, as `status.pgbackrest.manualBackup` tells it. */
export type BackupProgress =
  /** Not begun: the status tells of another id or of none, or the Job has not started. */
  | { readonly state: 'requested'; readonly text: string }
  /** A Job runs, or pauses after `failures` failed tries: a failing Job is not a finished one. */
  | { readonly state: 'running'; readonly failures: number; readonly text: string }
  /** Seconds from the Job's start to its completion. */
  | { readonly state: 'succeeded'; readonly seconds: number }
  | { readonly state: 'failed'; readonly text: string };

const SUCCESSFUL = 'PGBackRestManualBackupSuccessful';

/** Ids are compared, because an annotation does not raise the generation: an old success would pass for the new one. */
export function backupProgress(view: PostgresClusterView, id: string): BackupProgress {
  const status = operatorStatus(view);
  const is = status.pgbackrest.manualBackup;
  if (is?.id !== id) return { state: 'requested', text: hindrance(view, status) };
  const { active, failed, finished, startTime, completionTime } = is;
  if (finished) {
    if (condition(status, SUCCESSFUL) !== 'True' || startTime === undefined || completionTime === undefined) {
      return { state: 'failed', text: `backup ${id}: ${complaint(status, SUCCESSFUL) ?? 'it never ran'}` };
    }
    return { state: 'succeeded', seconds: (completionTime.getTime() - startTime.getTime()) / 1000 };
  }
  if (failed > 0) return { state: 'running', failures: failed, text: `backup ${id}: its Job failed ${failed} times` };
  if (active > 0) return { state: 'running', failures: 0, text: 'running' };
  return { state: 'requested', text: hindrance(view, status) };
}

/** What the operator waits for before it makes a Job, or why it never will. */
function hindrance(view: PostgresClusterView, status: OperatorStatus): string {
  const manual = operatorSpec(view).backups?.pgbackrest?.manual;
  if (manual === undefined) return 'spec.backups.pgbackrest.manual is missing, so the operator ignores the request';
  const repo = status.pgbackrest.repos.find(({ name }) => name === manual.repoName);
  if (repo?.stanzaCreated !== true) return `the stanza of ${manual.repoName} is not created`;
  return complaint(status, 'PGBackRestReplicaCreate') ?? 'requested, the operator has not started it';
}
