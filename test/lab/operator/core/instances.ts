import type { InstanceSetStatus, Status } from './cluster.ts';
import type { Step } from './decision.ts';
import { instanceName, setName } from './names.ts';
import { omit } from './omit.ts';
import type { InstanceFacts, Observed } from './observed.ts';

/** Status of the instance sets and of Patroni, as they are seen at the start of every reconcile. */
export function observeInstances(observed: Observed, status: Status): Status {
  const sets = observed.cluster.spec.instances.map((spec, index) => setName(spec, index));
  const { systemIdentifier } = observed.leadership;
  return {
    ...status,
    instances: sets.map((set) => setStatus(set, observed.instances)),
    ...(systemIdentifier === undefined ? {} : { patroni: { systemIdentifier } }),
  };
}

function setStatus(name: string, instances: readonly InstanceFacts[]): InstanceSetStatus {
  const pods = instances.flatMap((instance) => (instance.set === name ? (instance.pod ?? []) : []));
  const count = (key: string, matching: readonly unknown[]): Record<string, number> =>
    matching.length > 0 ? { [key]: matching.length } : {};
  return {
    name,
    ...count('replicas', pods),
    ...count(
      'readyReplicas',
      pods.filter((pod) => pod.ready),
    ),
    ...count(
      'updatedReplicas',
      pods.filter((pod) => pod.updated),
    ),
  };
}

/** Which instances there should be: those that have a StatefulSet or only a volume, then new ones. */
export function wantedInstances(observed: Observed, status: Status): readonly { name: string; set: string }[] {
  const { cluster } = observed;
  return cluster.spec.instances.flatMap((spec, index) => {
    const set = setName(spec, index);
    const startup = status.startupInstanceSet === set ? [status.startupInstance ?? ''] : [];
    const leader = observed.leadership.leader;
    const known = observed.instances.filter((instance) => instance.set === set).map((instance) => instance.name);
    const fresh = Array.from({ length: known.length + (spec.replicas ?? 1) }, (_, i) => instanceName(cluster, set, i));
    const ordered = [...startup, ...known.filter((name) => name === leader), ...known, ...fresh];
    return [...new Set(ordered)].slice(0, spec.replicas ?? 1).map((name) => ({ name, set }));
  });
}

export function reconcileInstances(observed: Observed, status: Status): Step {
  const instances = wantedInstances(observed, status);
  const names = new Set(instances.map((instance) => instance.name));
  const surplus = observed.instances.filter((instance) => instance.runner && !names.has(instance.name));
  // The startup instance is remembered until the cluster is known to be bootstrapped.
  const bootstrapped = observed.cluster.status?.patroni !== undefined;
  return {
    status: bootstrapped ? omit(status, 'startupInstance', 'startupInstanceSet') : status,
    wanted: [
      { want: 'instances', instances },
      ...surplus.map(({ name }) => ({ want: 'delete-instance', instance: name }) as const),
    ],
  };
}
