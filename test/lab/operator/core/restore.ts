import { repositoryConditions } from './backups.ts';
import type { Status } from './cluster.ts';
import { condition, isTrue, withCondition, withoutCondition } from './conditions.ts';
import type { Step } from './decision.ts';
import { wantedInstances } from './instances.ts';
import { jobStatus } from './jobs.ts';
import type { Observed } from './observed.ts';
import { prepareForRestore } from './prepare-restore.ts';
import { isCloud, requestedRestore, sourceHash, type RestoreRequest, type RestoreSource } from './restore-source.ts';

/** Clone and restore in place: one machinery, told apart by the id. Stops until the data directory is initialised. */
export function reconcileRestore(observed: Observed, before: Status): Step {
  const request = requestedRestore(observed.cluster);
  if (request === undefined) return { status: before, wanted: [] };
  const configHash = sourceHash(request.source);
  const status = observeJob(observed, before, request, configHash);
  if (mustPrepare(observed, status, request, configHash)) return prepareForRestore(observed, status, request.id);
  if (isTrue(status, 'PostgresDataInitialized')) {
    return { status, wanted: finishedJob(observed) };
  }
  return { ...restoreData(observed, status, request, configHash), stop: true };
}

function observeJob(observed: Observed, status: Status, request: RestoreRequest, configHash: string): Status {
  const job = observed.restoreJob;
  const known = status.pgbackrest?.restore;
  if (job === undefined || known === undefined || known.finished) return status;
  if (known.id !== job.id || job.configHash !== configHash) return status;
  const next = { ...status, pgbackrest: { ...status.pgbackrest, restore: jobStatus(request.id, job) } };
  if (job.outcome === 'failed') return withCondition(next, observed, 'PGBackRestRestoreFailed');
  if (job.outcome === 'running') return next;
  const initialised = withCondition(next, observed, 'PGBackRestRestoreComplete');
  return withoutCondition(initialised, 'PGBackRestoreProgressing');
}

function mustPrepare(observed: Observed, status: Status, request: RestoreRequest, configHash: string): boolean {
  const progressing = condition(status, 'PGBackRestoreProgressing');
  const changed = observed.restoreJob !== undefined && observed.restoreJob.configHash !== configHash;
  return (
    status.pgbackrest?.restore?.id !== request.id ||
    (progressing !== undefined && (progressing.reason !== 'ReadyForRestore' || changed))
  );
}

function finishedJob(observed: Observed): Step['wanted'] {
  return observed.restoreJob === undefined ? [] : [{ want: 'delete-job', job: observed.restoreJob.name }];
}

function restoreData(observed: Observed, before: Status, request: RestoreRequest, configHash: string): Step {
  const { source } = request;
  const missing = request.inPlace ? undefined : missingSource(observed, source);
  if (missing !== undefined) {
    return { status: before, wanted: [{ want: 'warn', reason: 'InvalidDataSource', message: missing }] };
  }
  const step: Step = request.inPlace ? repositoryConditions(observed, before) : { status: before, wanted: [] };
  const startup = wantedInstances(observed, step.status).find(({ name }) => name === before.startupInstance);
  if (observed.restoreJob !== undefined || startup === undefined) return step;
  const { name: instance, set } = startup;
  return {
    status: step.status,
    wanted: [...step.wanted, { want: 'restore-job', instance, set, source, id: request.id, configHash }],
  };
}

/** Whether a repository in the cloud is there only its Job finds out. */
function missingSource({ sourceRepos }: Observed, source: RestoreSource): string | undefined {
  if (isCloud(source) || sourceRepos?.has(source.repoName) === true) return undefined;
  return `PostgresCluster ${source.clusterName} with repository ${source.repoName} not found`;
}
