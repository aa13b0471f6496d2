import { requireFor, requireUnexpired } from '../../approval/check.ts';
import { readApproval } from '../../approval/read.ts';
import type { RestoreRecord } from '../../lifecycle/status.ts';
import { approvable } from '../../plan/approval-digest.ts';
import { refuse, type Evidence, type StepContext } from '../ports/step.ts';

/** An approval that ends sooner than a restore can begin would put clients off for nothing. */
export const BEGINS_WITHIN_SECONDS = 600;

/**
 * Checks again what `generate` has checked, over what this step is really to do, and whether it has expired, which `generate` cannot know.
 * One that has begun is not held up any more: it goes on, or clients stay off.
 * @param seconds how long it has to be valid yet
 * @throws LifecycleError approval-…
 */
export async function requireApproval(
  { clock, namespace, request }: StepContext,
  record: { readonly startedAt?: string | undefined } | undefined,
  seconds = 0,
): Promise<Pick<RestoreRecord, 'approvedBy' | 'pullRequest'>> {
  const { approval, lifecycle } = request;
  if (record?.startedAt !== undefined || approval === 'not needed') return {};
  if (!approval) return refuse('approval-missing', `the request of ${lifecycle} brings none`);
  const { claims } = await readApproval(approval.token, [approval.key]);
  requireFor(claims, { cluster: approval.cluster, namespace, lifecycle, requests: approvable(request) });
  requireUnexpired(claims, clock.now(), seconds);
  const { approvers: approvedBy, pullRequest } = claims;
  return { approvedBy, ...(pullRequest !== undefined && { pullRequest }) };
}

/** What a step says of it. */
export const approvalEvidence = ({
  approvedBy,
  pullRequest,
}: Pick<RestoreRecord, 'approvedBy' | 'pullRequest'>): Evidence => ({
  ...(approvedBy && { approvedBy: approvedBy.join(', ') }),
  ...(pullRequest !== undefined && { pullRequest }),
});
