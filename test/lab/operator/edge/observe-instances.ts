import type { V1PersistentVolumeClaim, V1Pod, V1StatefulSet } from '@kubernetes/client-node';
import { V1ObjectMeta } from '@kubernetes/client-node';
import type { InstanceFacts, PodFacts } from '../core/observed.ts';
import { ANNOTATIONS, LABELS } from '../objects/labels.ts';

export interface InstanceObjects {
  readonly pods: readonly V1Pod[];
  readonly runners: readonly V1StatefulSet[];
  readonly claims: readonly V1PersistentVolumeClaim[];
}

/** Every instance that has a StatefulSet or at least a volume, in the order of their names. */
export function observeInstances({ pods, runners, claims }: InstanceObjects): readonly InstanceFacts[] {
  const sets = new Map(
    [...claims, ...runners].flatMap(({ metadata }) => {
      const { [LABELS.instance]: name, [LABELS.instanceSet]: set } = metadata?.labels ?? {};
      // A volume that is being deleted takes its data along.
      if (name === undefined || set === undefined || metadata?.deletionTimestamp !== undefined) return [];
      return [[name, set] as const];
    }),
  );
  return [...sets].sort().map(([name, set]) => {
    const runner = runners.find(({ metadata }) => metadata?.name === name);
    const pod = pods.find(({ metadata }) => metadata?.labels?.[LABELS.instance] === name);
    return {
      name,
      set,
      runner: runner !== undefined,
      ...(pod === undefined ? {} : { pod: podFacts(pod, runner) }),
    };
  });
}

/** The container that runs the database now; another one after a restart. */
export function databaseContainer(pod: V1Pod): string | undefined {
  const status = pod.status?.containerStatuses?.find(({ name }) => name === 'database');
  return status?.state?.running === undefined ? undefined : status.containerID;
}

/** Ready is a pod that the probe finds ready and that was seen in its role since its container started. */
function podFacts(pod: V1Pod, runner: V1StatefulSet | undefined): PodFacts {
  const { labels = {}, annotations = {}, name = '', deletionTimestamp } = pod.metadata ?? new V1ObjectMeta();
  const container = databaseContainer(pod);
  const started = container !== undefined && annotations[ANNOTATIONS.started] === container;
  const ready = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  const role = started ? labels[LABELS.role] : undefined;
  const revision = labels['controller-revision-hash'];
  return {
    name,
    ready: ready && started,
    running: container !== undefined,
    terminating: deletionTimestamp !== undefined,
    updated: revision !== undefined && revision === runner?.status?.updateRevision,
    ...(pod.status?.podIP === undefined ? {} : { ip: pod.status.podIP }),
    ...(role === 'master' || role === 'replica' ? { role } : {}),
    ...(started && annotations[ANNOTATIONS.configuration] !== undefined
      ? { configuration: annotations[ANNOTATIONS.configuration] }
      : {}),
  };
}
