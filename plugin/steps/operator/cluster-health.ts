import type { PostgresClusterView } from '../ports/ports.ts';
import { complaint, condition, operatorSpec, operatorStatus } from './operator-status.ts';
import type { OperatorSpec, OperatorStatus } from './operator-status.ts';

/** What keeps a PostgresCluster from being healthy, in words; empty when it is (`base` and `repoOK` of the contract). */
export function healthProblems(view: PostgresClusterView): readonly string[] {
  const spec = operatorSpec(view);
  const status = operatorStatus(view);
  return [
    ...(view.deleting ? ['is being deleted'] : []),
    ...(status.observedGeneration < view.generation ? ['the operator has not seen its newest spec'] : []),
    ...(condition(status, 'Progressing') === undefined ? [] : ['the operator is still at work (Progressing)']),
    ...(status.patroni.systemIdentifier === '' ? ['has not booted'] : []),
    ...missingInstances(spec, status),
    ...restoreProblems(status),
    ...repositoryProblems(spec, status),
  ];
}

/** Instances that the spec asks for and that are not ready yet, in words. */
export function instanceProblems(view: PostgresClusterView): readonly string[] {
  return missingInstances(operatorSpec(view), operatorStatus(view));
}

function missingInstances({ instances }: OperatorSpec, status: OperatorStatus): readonly string[] {
  return instances.flatMap(({ name, replicas }, index) => {
    const set = name ?? String(index).padStart(2, '0');
    const is = status.instances.find((each) => each.name === set);
    const counts = [is?.replicas ?? 0, is?.updatedReplicas ?? 0, is?.readyReplicas ?? 0];
    if (counts.every((each) => each === replicas)) return [];
    return [`instance set ${set}: ${counts[2]} of ${replicas} ready`];
  });
}

function restoreProblems(status: OperatorStatus): readonly string[] {
  if (condition(status, 'PostgresDataInitialized') === 'False') return ['its restore failed'];
  const running = condition(status, 'PGBackRestoreProgressing') === 'True';
  const { restore } = status.pgbackrest;
  return running || (restore !== undefined && !restore.finished) ? ['a restore is running'] : [];
}

function repositoryProblems(spec: OperatorSpec, status: OperatorStatus): readonly string[] {
  const backups = spec.backups?.pgbackrest;
  if (backups === undefined || spec.standby?.enabled === true) return [];
  const host = backups.repos.some(({ volume }) => volume !== undefined) ? ['PGBackRestRepoHostReady'] : [];
  const wanted = [...host, 'PGBackRestReplicaRepoReady', 'PGBackRestReplicaCreate'];
  return wanted.flatMap((type) => complaint(status, type) ?? []);
}

/** The clone's restore, by the id that the operator gives it, has finished (`restored` of the contract, `base` aside). */
export function cloneFinishedAt(view: PostgresClusterView): Date | undefined {
  const { restore } = operatorStatus(view).pgbackrest;
  if (restore?.id !== `~pgo-bootstrap-${view.name}` || !restore.finished || restore.succeeded < 1) return undefined;
  return restore.completionTime;
}
