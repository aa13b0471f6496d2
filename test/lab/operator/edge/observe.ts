import type { V1EndpointSlice, V1Job, V1PersistentVolumeClaim, V1Pod, V1StatefulSet } from '@kubernetes/client-node';
import type { Observed } from '../core/observed.ts';
import { requestedRestore } from '../core/restore-source.ts';
import { configurationRevision } from '../objects/configuration.ts';
import { clusterLabels, LABELS } from '../objects/labels.ts';
import { haService, repoHost } from '../objects/names.ts';
import type { User } from './ensure-users.ts';
import { usersRevision } from './ensure-users.ts';
import { observeInstances } from './observe-instances.ts';
import { observeJobs, timestamp } from './observe-jobs.ts';
import { observeLeadership } from './observe-leadership.ts';
import { observeSource } from './observe-source.ts';
import type { Scope } from './scope.ts';

export interface Sight {
  readonly observed: Observed;
  readonly pods: readonly V1Pod[];
}

/** One snapshot for the core; what was remembered for it is used up. */
export async function observe(scope: Scope, users: readonly User[]): Promise<Sight> {
  const { api, cluster, memory } = scope;
  const { name, namespace } = cluster.metadata;
  const labels = clusterLabels(name);
  const [pods, runners, claims, jobs, slice, sourceRepos] = await Promise.all([
    api.list<V1Pod>('Pod', namespace, { ...labels, [LABELS.data]: '' }),
    api.list<V1StatefulSet>('StatefulSet', namespace, labels),
    api.list<V1PersistentVolumeClaim>('PersistentVolumeClaim', namespace, labels),
    api.list<V1Job>('Job', namespace, labels),
    api.read<V1EndpointSlice>('EndpointSlice', namespace, haService(name)),
    observeSource(scope, requestedRestore(cluster)),
  ]);
  const instances = observeInstances({ pods, runners, claims });
  const { stanzas, usersApplied } = memory;
  memory.stanzas = {};
  memory.usersApplied = undefined;
  const observed: Observed = {
    now: timestamp(new Date()),
    cluster,
    instances,
    leadership: observeLeadership(slice, instances, memory),
    ...observeRepoHost(name, runners, pods),
    repoVolumes: boundRepos(claims),
    stanzas,
    ...observeJobs(jobs),
    ...(sourceRepos === undefined ? {} : { sourceRepos }),
    usersRevision: usersRevision(users),
    ...(usersApplied === undefined ? {} : { usersApplied }),
    configuration: configurationRevision(cluster),
  };
  return { observed, pods };
}

function observeRepoHost(
  cluster: string,
  runners: readonly V1StatefulSet[],
  pods: readonly V1Pod[],
): Pick<Observed, 'repoHost'> {
  if (!runners.some(({ metadata }) => metadata?.name === repoHost(cluster))) return {};
  const pod = pods.find(({ metadata }) => metadata?.name === `${repoHost(cluster)}-0`);
  const ready = pod?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  return { repoHost: { ready } };
}

function boundRepos(claims: readonly V1PersistentVolumeClaim[]): ReadonlySet<string> {
  const bound = claims.filter(({ status }) => status?.phase === 'Bound');
  return new Set(bound.flatMap(({ metadata }) => metadata?.labels?.[LABELS.repo] ?? []));
}
