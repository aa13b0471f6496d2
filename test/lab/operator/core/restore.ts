import { repositoryConditions } from './backups.ts';
import type { Cluster, DataSource, Status } from './cluster.ts';
import { condition, isTrue, withCondition, withoutCondition } from './conditions.ts';
import type { Step } from './decision.ts';
import { wantedInstances } from './instances.ts';
import { jobStatus } from './jobs.ts';
import { bootstrapId, digest, RESTORE } from './names.ts';
import type { Observed } from './observed.ts';
import { prepareForRestore } from './prepare-restore.ts';

export interface RestoreRequest {
  readonly id: string;
  readonly source: DataSource & { readonly clusterName: string };
  readonly inPlace: boolean;
}

/**
 * An enabled restore wins over the data source; without one the data source asks for its own id again. That is
 * the trap: a restore that is taken away while the data source stays re-clones the cluster.
 */
export function requestedRestore(cluster: Cluster): RestoreRequest | undefined {
  const { name } = cluster.metadata;
  const restore = cluster.spec.backups?.pgbackrest.restore;
  const id = cluster.metadata.annotations?.[RESTORE] ?? '';
  if (restore?.enabled === true && id !== '') {
    const clusterName = restore.clusterName ?? name;
    return { id, source: { ...restore, clusterName }, inPlace: clusterName === name };
  }
  const source = cluster.spec.dataSource?.postgresCluster;
  if (source === undefined) return undefined;
  return { id: bootstrapId(cluster), source: { ...source, clusterName: source.clusterName ?? '' }, inPlace: false };
}

/** Clone and restore in place: one machinery, told apart by the id. Stops until the data directory is initialised. */
export function reconcileRestore(observed: Observed, before: Status): Step {
  const request = requestedRestore(observed.cluster);
  if (request === undefined) return { status: before, wanted: [] };
  const configHash = hashOf(request.source);
  const status = observeJob(observed, before, request, configHash);
  if (mustPrepare(observed, status, request, configHash)) return prepareForRestore(observed, status, request.id);
  if (isTrue(status, 'PostgresDataInitialized')) {
    return { status, wanted: finishedJob(observed) };
  }
  return { ...restoreData(observed, status, request, configHash), stop: true };
}

function hashOf({ clusterName, clusterNamespace = '', repoName, options = [] }: RestoreRequest['source']): string {
  return digest(clusterName, clusterNamespace, repoName, ...options);
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
  if (!request.inPlace && !(observed.sourceRepos?.has(source.repoName) ?? false)) {
    const message = `PostgresCluster ${source.clusterName} with repository ${source.repoName} not found`;
    return { status: before, wanted: [{ want: 'warn', reason: 'InvalidDataSource', message }] };
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
