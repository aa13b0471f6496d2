import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../core/cluster.ts';
import { decide } from '../core/decide.ts';
import { FINALIZER } from '../core/names.ts';
import { configuration } from '../objects/configuration.ts';
import { haService } from '../objects/names.ts';
import { primaryEndpoint, services } from '../objects/services.ts';
import type { Api } from './api.ts';
import { carryOut } from './carry-out.ts';
import { VolumeCollector } from './collect-volumes.ts';
import { ensureCertificates } from './ensure-certificates.ts';
import { ensureUsers } from './ensure-users.ts';
import type { Memory } from './memory.ts';
import { newMemory } from './memory.ts';
import { observe } from './observe.ts';
import type { Pass } from './pass.ts';
import type { Scope } from './scope.ts';
import { applyOwned } from './scope.ts';
import type { V1Service } from '@kubernetes/client-node';

const RESYNC_MILLISECONDS = 30_000;
const AWAY_MILLISECONDS = 1_000;

/** Reconciles clusters, one pass a call: observe, decide, write the status, carry out. */
export class Reconciler {
  private readonly api: Api;
  private readonly volumes: VolumeCollector;
  private readonly memories = new Map<string, Memory>();

  constructor(api: Api) {
    this.api = api;
    this.volumes = new VolumeCollector(api);
  }

  /** @returns after how many milliseconds the cluster should be looked at again; undefined: there is nothing to do. */
  async reconcile(namespace: string, name: string): Promise<number | undefined> {
    const cluster = await this.api.cluster(namespace, name);
    if (cluster === undefined) return await this.volumes.collect(namespace, name);
    this.volumes.keep(namespace, name);
    const scope = { api: this.api, cluster, memory: this.memoryOf(cluster) };
    if (await addFinalizer(scope)) return 0;
    return await reconcileCluster(scope);
  }

  private memoryOf({ metadata: { uid } }: Cluster): Memory {
    const memory = this.memories.get(uid) ?? newMemory();
    this.memories.set(uid, memory);
    return memory;
  }
}

async function addFinalizer({ api, cluster }: Scope): Promise<boolean> {
  const { namespace, name, finalizers = [], deletionTimestamp } = cluster.metadata;
  if (deletionTimestamp !== undefined || finalizers.includes(FINALIZER)) return false;
  await api.merge('PostgresCluster', namespace, name, { finalizers: [...finalizers, FINALIZER] });
  return true;
}

/** The status is written first, and only onto the object that the decision saw: a stale decision carries out nothing. */
async function reconcileCluster(scope: Scope): Promise<number> {
  const { cluster } = scope;
  const leftAlone = cluster.metadata.deletionTimestamp !== undefined || cluster.spec.paused === true;
  const users = leftAlone ? [] : await prepare(scope);
  const { observed, pods } = await observe(scope, users);
  const { status, wanted } = decide(observed);
  if (!isDeepStrictEqual(status, cluster.status ?? {}) && !(await scope.api.replaceStatus({ ...cluster, status }))) {
    return 0;
  }
  let again = observed.leadership.exists && scope.memory.leaderAwaySince ? AWAY_MILLISECONDS : RESYNC_MILLISECONDS;
  const pass: Pass = {
    ...scope,
    observed,
    pods,
    users,
    lookAgain(afterMilliseconds) {
      again = Math.min(again, afterMilliseconds);
    },
  };
  for (const one of wanted) await carryOut(pass, one);
  return again;
}

/** What every cluster has, whatever its state. */
async function prepare(scope: Scope): ReturnType<typeof ensureUsers> {
  const { api, cluster } = scope;
  const { namespace, name } = cluster.metadata;
  await ensureCertificates(scope);
  const manifests = [...configuration(cluster), ...services(cluster)];
  for (const manifest of manifests) await applyOwned(scope, manifest);
  const ha = await api.read<V1Service>('Service', namespace, haService(name));
  const address = ha?.spec?.clusterIP;
  if (address !== undefined) await applyOwned(scope, primaryEndpoint(cluster, address));
  return await ensureUsers(scope);
}
