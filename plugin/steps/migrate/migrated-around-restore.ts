import type { Status, StepRecord } from '../../lifecycle/status.ts';
import { isBeside } from '../../plan/steps.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import type { Evidence } from '../ports/step.ts';
import { isInData } from '../restore/is-in-data.ts';
import { migratedAt } from './migrated-at.ts';

/** What tells that two plans ask for the same migration, for its record. */
export function sameAs({ atRest, green, plan, restore }: StepRequest): Evidence | undefined {
  if (isBeside(plan) && restore && green) return { beside: restore.id, version: green.version };
  return atRest === undefined ? undefined : { atRest };
}

/**
 * A restore in place and the plan at rest that goes on with the same version ask for the same migration under two digests, and so do
 * two restores in place, and two attempts of one, or of one beside.
 * @returns the records of that migration under other digests than this plan's, oldest first.
 */
export function recordsAroundRestore({ steps = [] }: Status, request: StepRequest): readonly StepRecord[] {
  const { digest } = request;
  const isSame = comparison(request);
  return isSame ? steps.filter((each) => each.step === 'migrate' && each.digest !== digest && isSame(each)) : [];
}

function comparison(request: StepRequest): ((record: StepRecord) => boolean) | undefined {
  const { atRest, digest, plan } = request;
  if (isBeside(plan)) {
    const { beside, version } = sameAs(request) ?? {};
    return ({ evidence }) => evidence?.['beside'] === beside && evidence?.['version'] === version;
  }
  const same = plan === 'AtRest' ? digest : atRest;
  return same === undefined ? undefined : (each) => each.digest === same || each.evidence?.['atRest'] === same;
}

/** @returns the evidence of its record, to be taken over, as long as the data has what it did. */
export function migratedAroundRestore(status: Status, request: StepRequest): Evidence | undefined {
  const { name } = request.green ?? request.blue;
  const record = recordsAroundRestore(status, request).findLast(
    (each) => each.state === 'Done' && isInData(status, name, migratedAt(each)),
  );
  return record && { plan: record.digest, doneAt: migratedAt(record) };
}
