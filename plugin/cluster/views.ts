import type { V1Deployment, V1EndpointSlice, V1Job, V1Pod } from '@kubernetes/client-node';
import type { DeploymentView, JobView, PodView } from '../steps/ports/ports.ts';

/** What steps need of the API's objects. Optional fields of the API read as their documented defaults. */

export function jobView({ metadata, status }: V1Job): JobView {
  return {
    name: metadata?.name ?? '',
    labels: metadata?.labels ?? {},
    annotations: metadata?.annotations ?? {},
    active: status?.active ?? 0,
    succeeded: status?.succeeded ?? 0,
    failed: status?.failed ?? 0,
    finished: (status?.conditions ?? []).some(
      ({ type, status: holds }) => (type === 'Complete' || type === 'Failed') && holds === 'True',
    ),
  };
}

export function podView({ metadata, status }: V1Pod): PodView {
  const ready = (status?.conditions ?? []).some(({ type, status: holds }) => type === 'Ready' && holds === 'True');
  return {
    name: metadata?.name ?? '',
    ip: status?.podIP,
    ready: ready && metadata?.deletionTimestamp === undefined,
    labels: metadata?.labels ?? {},
    createdAt: metadata?.creationTimestamp ?? new Date(0),
  };
}

/** A status of an older generation tells nothing of the pods that are wanted now. */
export function deploymentView({ metadata, spec, status }: V1Deployment): DeploymentView {
  const current = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
  return {
    replicas: spec?.replicas ?? 1,
    readyReplicas: status?.readyReplicas ?? 0,
    updatedReplicas: current ? (status?.updatedReplicas ?? 0) : 0,
  };
}

/** `ready` absent means true (EndpointConditions). A pod stands in one slice for each address family. */
export function readyPods(slices: readonly V1EndpointSlice[]): readonly string[] {
  const names = slices
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false)
    .map(({ targetRef, addresses }) => targetRef?.name ?? addresses[0] ?? '');
  return [...new Set(names)].sort();
}
