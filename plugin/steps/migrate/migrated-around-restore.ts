import type { Status, StepRecord } from '../../lifecycle/status.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import type { Evidence } from '../ports/step.ts';
import { isInData } from '../restore/is-in-data.ts';
import { migratedAt } from './migrated-at.ts';

/**
 * A restore in place and the plan at rest that goes on with the same version ask for the same migration under two digests, and so do
 * two restores, and two attempts of one.
 * @returns the records of that migration under other digests than this plan's, oldest first.
 */
export function recordsAroundRestore(
  { steps = [] }: Status,
  { atRest, digest, plan }: StepRequest,
): readonly StepRecord[] {
  const same = plan === 'AtRest' ? digest : atRest;
  if (same === undefined) return [];
  return steps.filter(
    (each) =>
      each.step === 'migrate' && each.digest !== digest && (each.digest === same || each.evidence?.['atRest'] === same),
  );
}

/** @returns the evidence of its record, to be taken over, as long as the data has what it did. */
export function migratedAroundRestore(status: Status, request: StepRequest): Evidence | undefined {
  const record = recordsAroundRestore(status, request).findLast(
    (each) => each.state === 'Done' && isInData(status, request.blue.name, migratedAt(each)),
  );
  return record && { plan: record.digest, doneAt: migratedAt(record) };
}
