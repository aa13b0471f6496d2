import type { Status } from '../../lifecycle/status.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import type { Evidence } from '../ports/step.ts';
import { isInData } from '../restore/is-in-data.ts';
import { migratedAt } from './migrated-at.ts';

/**
 * A restore in place and the plan at rest that goes on with the same version ask for the same migration under two digests, and so do
 * two restores: it is done once, as long as the data still has it.
 * @returns the evidence of that record, to be taken over.
 */
export function migratedAroundRestore(
  { steps = [], ...status }: Status,
  { atRest, blue, digest, plan }: StepRequest,
): Evidence | undefined {
  const same = plan === 'AtRest' ? digest : atRest;
  if (same === undefined) return undefined;
  const record = steps.findLast(
    (each) =>
      each.step === 'migrate' &&
      each.state === 'Done' &&
      each.digest !== digest &&
      (each.digest === same || each.evidence?.['atRest'] === same) &&
      isInData(status, blue.name, migratedAt(each)),
  );
  return record && { plan: record.digest, doneAt: migratedAt(record), atRest: same };
}
