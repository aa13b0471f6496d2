import type { Status } from './cluster.ts';
import type { Step, Wanted } from './decision.ts';
import { wantedInstances } from './instances.ts';
import type { InstanceFacts, Observed, PodFacts } from './observed.ts';

/** The pod that takes writes: its label says so from the moment it does, before its readiness is probed. */
export function primaryPod(observed: Observed): PodFacts | undefined {
  const pod = observed.instances.find(({ name }) => name === observed.leadership.leader)?.pod;
  return pod?.running === true && !pod.terminating && pod.role === 'master' ? pod : undefined;
}

/**
 * Patroni's part: one leader, the others follow it. A leader that went away in order hands over at once; one that
 * vanished keeps its lease, so that it comes back as the leader when it is quick.
 */
export function reconcileLeader(observed: Observed, status: Status): Step {
  const { leader } = observed.leadership;
  if (observed.cluster.spec.shutdown === true) return { status, wanted: [] };
  if (leader === undefined) return { status, wanted: elect(observed, status) };
  const instance = observed.instances.find(({ name }) => name === leader);
  const successor = observed.leadership.released && instance?.pod?.ready !== true ? heir(observed, leader) : undefined;
  if (successor !== undefined) return { status, wanted: [{ want: 'promote', instance: successor.name }] };
  return {
    status,
    wanted: [
      ...lead(observed, leader, instance?.pod),
      ...observed.instances.flatMap((other) => (other.name === leader ? [] : followLeader(observed, other))),
    ],
  };
}

function elect(observed: Observed, status: Status): readonly Wanted[] {
  const wanted = wantedInstances(observed, status).map(({ name }) => name);
  const startable = observed.instances.filter(({ pod }) => pod?.running === true && !pod.terminating);
  const first = wanted.find((name) => startable.some((instance) => instance.name === name));
  return first === undefined || first !== wanted[0] ? [] : [{ want: 'lead', instance: first }];
}

function heir(observed: Observed, leader: string): InstanceFacts | undefined {
  return observed.instances.find(
    ({ name, pod }) => name !== leader && pod?.ready === true && !pod.terminating && pod.role === 'replica',
  );
}

function lead(observed: Observed, instance: string, pod: PodFacts | undefined): readonly Wanted[] {
  if (pod === undefined || pod.terminating || !pod.running) return [];
  if (!pod.ready) return [{ want: 'start-primary', instance }];
  const moved = pod.ip !== undefined && pod.ip !== observed.leadership.address;
  return [
    ...(moved ? [{ want: 'lead', instance, address: pod.ip } as const] : []),
    ...labelled(pod, 'master'),
    ...configured(observed, instance, pod),
  ];
}

function followLeader(observed: Observed, { name, pod }: InstanceFacts): readonly Wanted[] {
  if (pod === undefined || pod.terminating || !pod.running) return [];
  if (pod.ready) return [...labelled(pod, 'replica'), ...configured(observed, name, pod)];
  return primaryPod(observed) === undefined ? [] : [{ want: 'start-replica', instance: name }];
}

function labelled(pod: PodFacts, role: 'master' | 'replica'): readonly Wanted[] {
  return pod.role === role ? [] : [{ want: 'label-role', pod: pod.name, role }];
}

function configured(observed: Observed, instance: string, pod: PodFacts): readonly Wanted[] {
  return pod.configuration === observed.configuration ? [] : [{ want: 'configure', instance }];
}
