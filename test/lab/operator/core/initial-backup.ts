import type { Status } from './cluster.ts';
import { withCondition } from './conditions.ts';
import type { Step } from './decision.ts';
import type { Observed } from './observed.ts';

/** The first backup, into the first repository only; the schedules come after it. */
export function reconcileInitialBackup(observed: Observed, before: Status): Step {
  const [first, ...others] = before.pgbackrest?.repos ?? [];
  const job = observed.initialBackupJob;
  const possible = first?.stanzaCreated === true;
  if (possible && (first.replicaCreateBackupComplete === true || job?.outcome === 'complete')) {
    const repos = [{ ...first, replicaCreateBackupComplete: true } as const, ...others];
    const status = { ...before, pgbackrest: { ...before.pgbackrest, repos } };
    return { status: withCondition(status, observed, 'RepoBackupComplete'), wanted: [{ want: 'schedules' }] };
  }
  const status = withCondition(before, observed, 'RepoBackupNotComplete');
  if (!possible || job !== undefined) return { status, wanted: [] };
  return { status, wanted: [{ want: 'backup-job', purpose: 'replica-create', repo: first.name, options: [] }] };
}
