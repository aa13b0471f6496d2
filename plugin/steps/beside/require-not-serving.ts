import { servesBy } from '../ledger/serves-by.ts';
import type { Status } from '../../lifecycle/status.ts';
import { isBeside } from '../../plan/steps.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import { refuse } from '../ports/step.ts';

/**
 * What was restored beside and serves by now is nobody's to close, to migrate or to try out: the file goes on saying what led to it, or
 * `lifecycle next` has made it blue. @throws LifecycleError not-serving
 */
export function requireNotServing(status: Status, { green, plan }: StepRequest): void {
  if (!isBeside(plan) || !green) return;
  if (servesBy(status) === green.name)
    refuse('not-serving', `${green.name} serves: write stage: Switch again, or lifecycle next`);
}
