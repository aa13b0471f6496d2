import type { JobStatus, Status } from '../core/cluster.ts';
import { condition } from '../core/conditions.ts';
import type { ConditionType } from '../core/conditions.ts';

/** One side of a status that has an order of its own; between the sides it is a race, with the real operator too. */
export type Side = 'restore' | 'backup' | 'repository';

const job = (status: JobStatus | undefined, name: string): string =>
  status === undefined
    ? '-'
    : [name, ...[status.finished, status.active, status.succeeded, status.failed].map((value) => value ?? 0)].join(' ');

const told = (status: Status, type: ConditionType): string => {
  const found = condition(status, type);
  return found === undefined ? '-' : `${found.status} ${found.reason}: ${found.message}`;
};

const SIDES: Readonly<Record<Side, (status: Status) => string>> = {
  restore: (status) =>
    [
      job(status.pgbackrest?.restore, 'restore'),
      told(status, 'PGBackRestoreProgressing'),
      told(status, 'PostgresDataInitialized'),
    ].join(' | '),
  backup: (status) =>
    [job(status.pgbackrest?.manualBackup, 'backup'), told(status, 'PGBackRestManualBackupSuccessful')].join(' | '),
  repository: (status) =>
    [told(status, 'PGBackRestReplicaRepoReady'), told(status, 'PGBackRestReplicaCreate')].join(' | '),
};

/** The states that one side of the statuses passes through; ids do not count, repetitions neither. */
export function milestones(statuses: readonly Status[], side: Side): readonly string[] {
  return statuses.map(SIDES[side]).filter((state, index, all) => state !== all[index - 1]);
}

/** Those of `expected` that `actual` does not pass through in this order; it may pass through others on the way. */
export function missedMilestones(expected: readonly string[], actual: readonly string[]): readonly string[] {
  let from = 0;
  return expected.filter((state) => {
    const at = actual.indexOf(state, from);
    if (at >= 0) from = at + 1;
    return at < 0;
  });
}
