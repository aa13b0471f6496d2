import { approvalDigest } from './approval-digest.ts';
import { buildPlan, stepRequest, type Plan } from './plan.ts';

/** What a file may ask for that somebody has to approve, other than who wrote it. */
export const REQUESTS = ['restore'] as const;
export type Request = (typeof REQUESTS)[number];

/** What of a plan has to be approved. */
export const requestOf = ({ kind }: Pick<Plan, 'kind'>): Request | undefined =>
  kind === 'Restore' ? 'restore' : undefined;

/**
 * The plan of the same file without what it asks for and nobody has approved, which says so (I13).
 * @param why `code: text`.
 */
export function withoutRequest(asked: Plan, why: string): Plan {
  const { lifecycle } = asked;
  const { restore, ...spec } = lifecycle.spec;
  const awaiting = `restore ${restore?.id ?? ''}, request ${approvalDigest(stepRequest(asked))} (${why})`;
  return { ...buildPlan({ ...lifecycle, spec }), awaiting };
}
