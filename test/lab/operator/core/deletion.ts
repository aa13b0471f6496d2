import type { Decision } from './decision.ts';
import type { Observed } from './observed.ts';

/** Instances go first; the finalizer only when their pods are gone. What is owned is collected then. */
export function reconcileDeletion(observed: Observed): Decision {
  const status = observed.cluster.status ?? {};
  const runners = observed.instances.filter((instance) => instance.runner).map((instance) => instance.name);
  const pods = observed.instances.some((instance) => instance.pod !== undefined);
  if (runners.length > 0) return { status, wanted: [{ want: 'delete-runners', instances: runners }] };
  return { status, wanted: pods ? [] : [{ want: 'remove-finalizer' }] };
}
