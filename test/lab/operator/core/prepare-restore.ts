import type { Status } from './cluster.ts';
import { withCondition, withoutCondition } from './conditions.ts';
import type { Step, Wanted } from './decision.ts';
import { wantedInstances } from './instances.ts';
import { omit } from './omit.ts';
import type { Observed } from './observed.ts';

/**
 * Tears the cluster down, volumes kept: Job of an earlier restore, instances, Patroni's records, one a pass. The
 * status of pgBackRest is wiped first, whatever comes of the restore.
 */
export function prepareForRestore(observed: Observed, before: Status, id: string): Step {
  const status: Status = {
    ...before,
    ...startup(observed, before),
    pgbackrest: { restore: { id, finished: false } },
  };
  const runners = observed.instances.filter((instance) => instance.runner).map((instance) => instance.name);
  const removing = (what: string, ...wanted: readonly Wanted[]): Step => ({
    status: withCondition(status, observed, 'RestoreInPlaceRequested', `removing ${what}`),
    wanted: [...(runners.length > 0 ? [{ want: 'delete-runners', instances: runners } as const] : []), ...wanted],
    stop: true,
  });
  if (observed.restoreJob !== undefined) {
    return removing('restore job', { want: 'delete-job', job: observed.restoreJob.name });
  }
  if (observed.instances.some(({ pod }) => pod?.running === true)) return removing('runners');
  if (observed.leadership.exists) return removing('DCS', { want: 'delete-leadership' });
  const unbootstrapped = omit(withoutCondition(status, 'PostgresDataInitialized'), 'patroni');
  return { status: withCondition(unbootstrapped, observed, 'ReadyForRestore'), wanted: [], stop: true };
}

/** The instance whose volume takes the data: the primary, else one that has a volume, else a new one. */
function startup(observed: Observed, status: Status): Pick<Status, 'startupInstance' | 'startupInstanceSet'> {
  if (status.startupInstance !== undefined) return {};
  const primary = observed.instances.find(({ name }) => name === observed.leadership.leader);
  const instance = primary ?? observed.instances[0] ?? wantedInstances(observed, status)[0];
  return instance === undefined ? {} : { startupInstance: instance.name, startupInstanceSet: instance.set };
}
