import type { StepInstance, StepRequest } from '../../plan/step-request.ts';
import { refuse } from '../ports/step.ts';

/** What a restore beside brings. */
export function restoredInstance({ green }: StepRequest): StepInstance {
  return green ?? refuse('request-invalid', 'a restore beside without an instance');
}
