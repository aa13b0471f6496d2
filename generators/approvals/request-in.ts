import { parseLifecycle } from '../../plugin/lifecycle/parse.ts';
import { approvalDigest } from '../../plugin/plan/approval-digest.ts';
import { requestOf } from '../../plugin/plan/approved.ts';
import { buildPlan, stepRequest } from '../../plugin/plan/plan.ts';
import type { RequestIn } from './introductions.ts';

/** What a lifecycle file asks for that has to be approved. */
export const requestIn: RequestIn = (content) => {
  const parsed = parseLifecycle(content, 'lifecycle.yaml');
  if (!parsed.ok) return undefined;
  const plan = buildPlan(parsed.lifecycle);
  return { request: requestOf(plan) === undefined ? undefined : approvalDigest(stepRequest(plan)) };
};
