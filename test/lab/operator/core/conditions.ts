import type { Condition, Status } from './cluster.ts';
import type { Observed } from './observed.ts';

export type ConditionType =
  | 'Progressing'
  | 'PGBackRestRepoHostReady'
  | 'PGBackRestReplicaRepoReady'
  | 'PGBackRestReplicaCreate'
  | 'PGBackRestManualBackupSuccessful'
  | 'PGBackRestoreProgressing'
  | 'PostgresDataInitialized';

/** The wording of the operator, v6.0.3. */
const SAYS = {
  RepoHostReady: ['PGBackRestRepoHostReady', 'True', 'pgBackRest dedicated repository host is ready'],
  RepoHostNotReady: ['PGBackRestRepoHostReady', 'False', 'pgBackRest dedicated repository host is not ready'],
  StanzaCreated: ['PGBackRestReplicaRepoReady', 'True', 'pgBackRest replica create repo is ready for backups'],
  StanzaNotCreated: ['PGBackRestReplicaRepoReady', 'False', 'pgBackRest replica create repo is not ready for backups'],
  RepoBackupComplete: ['PGBackRestReplicaCreate', 'True', 'pgBackRest replica creation is now possible'],
  RepoBackupNotComplete: ['PGBackRestReplicaCreate', 'False', 'pgBackRest replica creation is not currently possible'],
  ManualBackupComplete: ['PGBackRestManualBackupSuccessful', 'True', 'Manual backup completed successfully'],
  ManualBackupFailed: ['PGBackRestManualBackupSuccessful', 'False', 'Manual backup did not complete successfully'],
  RestoreInPlaceRequested: ['PGBackRestoreProgressing', 'True', 'Preparing cluster to restore in-place'],
  ReadyForRestore: ['PGBackRestoreProgressing', 'True', 'Restoring cluster in-place'],
  PGBackRestRestoreComplete: ['PostgresDataInitialized', 'True', 'pgBackRest restore completed successfully'],
  PGBackRestRestoreFailed: ['PostgresDataInitialized', 'False', 'pgBackRest restore failed'],
  Paused: ['Progressing', 'False', 'No spec changes will be applied and no other statuses will be updated.'],
} as const satisfies Record<string, readonly [ConditionType, Condition['status'], string]>;

export type Reason = keyof typeof SAYS;

export function condition(status: Status, type: ConditionType): Condition | undefined {
  return status.conditions?.find((candidate) => candidate.type === type);
}

export function isTrue(status: Status, type: ConditionType): boolean {
  return condition(status, type)?.status === 'True';
}

/** Sets the condition that `reason` belongs to; the transition time moves only with the status. */
export function withCondition(status: Status, observed: Observed, reason: Reason, detail?: string): Status {
  const [type, state, text] = SAYS[reason];
  const old = condition(status, type);
  const set: Condition = {
    type,
    status: state,
    reason,
    message: detail === undefined ? text : `${text}: ${detail}`,
    lastTransitionTime: old?.status === state ? old.lastTransitionTime : observed.now,
    observedGeneration: observed.cluster.metadata.generation,
  };
  const conditions = status.conditions ?? [];
  return {
    ...status,
    conditions:
      old === undefined
        ? [...conditions, set]
        : conditions.map((candidate) => (candidate.type === type ? set : candidate)),
  };
}

export function withoutCondition(status: Status, type: ConditionType): Status {
  if (condition(status, type) === undefined) return status;
  return { ...status, conditions: (status.conditions ?? []).filter((candidate) => candidate.type !== type) };
}
