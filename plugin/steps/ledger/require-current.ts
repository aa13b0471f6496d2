import { LABEL } from '../../plan/labels.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import type { LedgerView } from '../ports/ports.ts';
import { refuse } from '../ports/step.ts';

/**
 * The Lifecycle is applied in the first wave, with the digest of its plan: a pod that starts or goes on so late that a newer plan has
 * taken its place must not end that one's window, nor begin what nobody carries through.
 */
export function requireCurrent({ labels }: LedgerView, { digest }: StepRequest): void {
  const current = labels[LABEL.digest] ?? digest;
  if (current !== digest) refuse('other-plan-open', `plan ${current} has taken the place of this one, ${digest}`);
}
