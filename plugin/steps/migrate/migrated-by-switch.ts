import type { Status } from '../../lifecycle/status.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import { isDone, recordOf } from '../ledger/step-records.ts';
import type { Evidence } from '../ports/step.ts';
import { isInData } from '../restore/is-in-data.ts';
import { migratedAt } from './migrated-at.ts';

/**
 * The switch that migrated what the plan at rest, or a restore in place of it, is about. When green becomes blue, the plan at rest has another digest than
 * the switch, under which its migration is on record: without a look at that, the same migration would run a second time on
 * the database that serves.
 *
 * Only the first plan at rest after the switch takes its record over; a later one with another command is a migration of
 * its own.
 * @returns the evidence of its record, to be taken over: the switch's digest, and when it was done.
 */
export function migratedBySwitch(status: Status, { green, blue }: StepRequest): Evidence | undefined {
  const { serving, steps = [] } = status;
  if (green !== undefined || serving?.instance !== blue.name || serving.version !== blue.version) return undefined;
  const { digest } = serving;
  // Of the plans that can bring what serves, only a switch verifies a clone.
  const record = recordOf(status, digest, 'migrate');
  if (!isDone(status, digest, 'verify') || record?.state !== 'Done') return undefined;
  const doneAt = migratedAt(record);
  if (!isInData(status, blue.name, doneAt)) return undefined;
  const taken = steps.some(({ step, evidence }) => step === 'migrate' && evidence?.['switch'] === digest);
  return taken ? undefined : { switch: digest, doneAt };
}
