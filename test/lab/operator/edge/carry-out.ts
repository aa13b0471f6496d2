import type { Wanted } from '../core/decision.ts';
import { FINALIZER } from '../core/names.ts';
import { backupJob, schedules } from '../objects/backup-job.ts';
import { dataVolume, instanceRunner } from '../objects/instance.ts';
import { LABELS } from '../objects/labels.ts';
import { dataClaim, haService } from '../objects/names.ts';
import { owned } from '../objects/owned.ts';
import { repositoryHost } from '../objects/repo-host.ts';
import { createRestoreJob } from './create-restore-job.ts';
import { deleteRunner } from './delete-runner.ts';
import type { Pass } from './pass.ts';
import { createStanzas, writeUsers } from './run-database.ts';
import { configure, lead, promote, start } from './run-instance.ts';
import { applyOwned, forget } from './scope.ts';
import { warn } from './warn.ts';

type Handlers = {
  readonly [W in Wanted['want']]: (pass: Pass, wanted: Extract<Wanted, { readonly want: W }>) => Promise<void>;
};

/** How each thing that the core can want is brought about. */
const HANDLERS: Handlers = {
  'repository-host': async (pass) => {
    for (const manifest of repositoryHost(pass.cluster)) await applyOwned(pass, manifest);
  },
  instances: async (pass, { instances }) => {
    for (const instance of instances) {
      await applyOwned(pass, dataVolume(pass.cluster, instance));
      await applyOwned(pass, instanceRunner(pass.cluster, instance));
    }
  },
  'backup-job': ({ api, cluster }, wanted) =>
    api.create(cluster.metadata.namespace, owned(cluster, backupJob(cluster, wanted))),
  'restore-job': createRestoreJob,
  schedules: async (pass) => {
    for (const manifest of schedules(pass.cluster)) await applyOwned(pass, manifest);
  },
  'delete-job': ({ api, cluster }, { job }) => api.remove('Job', cluster.metadata.namespace, job),
  'delete-leadership': async (pass) => {
    await forget(pass, 'EndpointSlice', haService(pass.cluster.metadata.name));
    pass.lookAgain(0);
  },
  'delete-runners': async (pass, { instances }) => {
    for (const instance of instances) await deleteRunner(pass, instance);
  },
  'delete-instance': async (pass, { instance }) => {
    await deleteRunner(pass, instance);
    await forget(pass, 'PersistentVolumeClaim', dataClaim(instance));
  },
  'label-role': ({ api, cluster }, { pod, role }) =>
    api.merge('Pod', cluster.metadata.namespace, pod, { labels: { [LABELS.role]: role } }),
  warn: (pass, { reason, message }) => warn(pass, reason, message),
  'remove-finalizer': ({ api, cluster }) => {
    const { namespace, name, finalizers = [] } = cluster.metadata;
    const kept = finalizers.filter((finalizer) => finalizer !== FINALIZER);
    return api.merge('PostgresCluster', namespace, name, { finalizers: kept });
  },
  lead: (pass, { instance, address }) => lead(pass, instance, address),
  'start-primary': (pass, { instance }) => start(pass, instance, 'master'),
  'start-replica': (pass, { instance }) => start(pass, instance, 'replica'),
  promote: (pass, { instance }) => promote(pass, instance),
  configure: (pass, { instance }) => configure(pass, instance),
  'create-stanzas': (pass, { repos }) => createStanzas(pass, repos),
  users: (pass) => writeUsers(pass),
};

/** Brings about one thing that the core wants. All of them may be repeated. */
export function carryOut(pass: Pass, wanted: Wanted): Promise<void> {
  // The table's own type ties each handler to its want; indexing it by a union loses that.
  const handle = HANDLERS[wanted.want] as (pass: Pass, wanted: Wanted) => Promise<void>;
  return handle(pass, wanted);
}
