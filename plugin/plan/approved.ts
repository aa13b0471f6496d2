import type { Lifecycle } from '../lifecycle/model.ts';
import { buildPlan, type Plan } from './plan.ts';

/** What a file may ask for that somebody has to approve, other than who wrote it. */
export const REQUESTS = ['restore'] as const;
export type Request = (typeof REQUESTS)[number];

/** What of a plan has to be approved. */
export const requestOf = ({ kind }: Pick<Plan, 'kind'>): Request | undefined =>
  kind === 'Restore' ? 'restore' : undefined;

/**
 * The file's plan; where it asks for what is not approved, the plan of the same file without that, which says so (I13).
 * @param isApproved of the plan that the file asks for.
 */
export function approvedPlan(lifecycle: Lifecycle, isApproved: (asked: Plan) => boolean): Plan {
  const asked = buildPlan(lifecycle);
  if (requestOf(asked) === undefined || isApproved(asked)) return asked;
  const { restore, ...spec } = lifecycle.spec;
  return { ...buildPlan({ ...lifecycle, spec }), awaiting: `restore ${restore?.id ?? ''}, plan ${asked.digest}` };
}
