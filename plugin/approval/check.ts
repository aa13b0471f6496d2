import { LifecycleError } from '../errors/errors.ts';
import { lifecycleOf, type Claims, type Subject } from './claims.ts';

/**
 * Compares what was approved with what is asked for.
 * @throws LifecycleError approval-other-cluster, -namespace, -lifecycle or -request
 */
export function requireFor(claims: Claims, wanted: Subject): void {
  const [namespace, lifecycle] = lifecycleOf(claims);
  const differs = (code: ConstructorParameters<typeof LifecycleError>[0], is: string, should: string): void => {
    if (is !== should) throw new LifecycleError(code, `approved is ${is}, asked for is ${should}`);
  };
  differs('approval-other-cluster', claims.aud, wanted.cluster);
  differs('approval-other-namespace', namespace, wanted.namespace);
  differs('approval-other-lifecycle', lifecycle, wanted.lifecycle);
  differs('approval-other-request', claims.request, wanted.request);
}

/** @throws LifecycleError approval-expired */
export function requireUnexpired({ exp }: Claims, now: Date): void {
  if (now.getTime() < exp * 1000) return;
  throw new LifecycleError('approval-expired', `it was valid until ${new Date(exp * 1000).toISOString()}`);
}
