import type { Lifecycles } from '../cluster/lifecycles.ts';
import { LifecycleError } from '../errors/errors.ts';

/** How the commands that ask a cluster are told which. */
export interface InCluster {
  readonly namespace?: string;
  readonly context?: string;
}

/** @returns the name, or that of the only Lifecycle that the namespace has. @throws LifecycleError no-lifecycle, usage */
export async function chosenLifecycle(lifecycles: Lifecycles, name: string | undefined): Promise<string> {
  if (name !== undefined) return name;
  const [first, ...others] = await lifecycles.names();
  if (first === undefined) throw new LifecycleError('no-lifecycle', `${lifecycles.namespace} has none`);
  if (others.length === 0) return first;
  throw new LifecycleError(
    'usage',
    `${lifecycles.namespace} has several; name one of: ${[first, ...others].join(', ')}`,
  );
}
