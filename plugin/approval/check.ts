import { LifecycleError } from '../errors/errors.ts';
import { lifecycleOf, type Claims, type Subject } from './claims.ts';

/** What is asked for; an approval of one of the requests is enough, the first one is its own. */
export type Wanted = Omit<Subject, 'request'> & { readonly requests: readonly string[] };

/**
 * Compares what was approved with what is asked for.
 * @throws LifecycleError approval-other-cluster, -namespace, -lifecycle or -request
 */
export function requireFor(claims: Claims, wanted: Wanted): void {
  const [namespace, lifecycle] = lifecycleOf(claims);
  const differs = (code: ConstructorParameters<typeof LifecycleError>[0], is: string, should: string): void => {
    if (is !== should) throw new LifecycleError(code, `approved is ${is}, asked for is ${should}`);
  };
  differs('approval-other-cluster', claims.aud, wanted.cluster);
  differs('approval-other-namespace', namespace, wanted.namespace);
  differs('approval-other-lifecycle', lifecycle, wanted.lifecycle);
  const [own = ''] = wanted.requests;
  differs('approval-other-request', claims.request, wanted.requests.find((each) => each === claims.request) ?? own);
}

/** @param seconds how long it has to be valid yet. @throws LifecycleError approval-expired */
export function requireUnexpired({ exp }: Claims, now: Date, seconds = 0): void {
  if (now.getTime() + seconds * 1000 < exp * 1000) return;
  const more = seconds === 0 ? '' : `, and has to be for ${seconds} s more`;
  throw new LifecycleError('approval-expired', `it is valid until ${new Date(exp * 1000).toISOString()}${more}`);
}
