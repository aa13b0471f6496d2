import type { Claims } from '../approval/claims.ts';
import type { LifecycleError } from '../errors/errors.ts';
import type { PlanApproval } from '../plan/step-request.ts';

/** Whether a plan may go on, and who says so. */
export type Verdict =
  | { readonly approval: PlanApproval; readonly claims?: Claims }
  /** Why it may not; never an error of the whole file, the rest of which goes on. */
  | { readonly refusal: LifecycleError };
