import type { Status } from '../../lifecycle/status.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import { decisionOf } from './decision.ts';
import { refuse } from '../ports/step.ts';

/** In a switch: the window stands open. Elsewhere there is none. A step never trusts the wave order for this. */
export function requireWindow(status: Status, { plan, digest }: StepRequest): void {
  if (plan !== 'Switch') return;
  const decision = decisionOf(status, digest);
  if (decision?.state === 'Aborted') refuse('aborted', decision.reason ?? 'no reason is on record');
  if (decision?.state !== 'Fenced') {
    refuse('step-out-of-order', `the decision of this plan is ${decision?.state ?? 'not there'}, not Fenced`);
  }
}
