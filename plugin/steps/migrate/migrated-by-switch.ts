import type { Status } from '../../lifecycle/status.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import { isDone, recordOf } from '../ledger/step-records.ts';
import { isInData } from '../restore/restore-records.ts';

/**
 * The switch that migrated what the plan at rest is about. When green becomes blue, the plan at rest has another digest than
 * the switch, under which its migration is on record: without a look at that, the same migration would run a second time on
 * the database that serves.
 *
 * Only the first plan at rest after the switch takes its record over; a later one with another command is a migration of
 * its own.
 * @returns the switch's digest
 */
export function migratedBySwitch(status: Status, { plan, blue }: StepRequest): string | undefined {
  const { serving, steps = [] } = status;
  if (plan !== 'AtRest' || serving?.instance !== blue.name || serving.version !== blue.version) return undefined;
  const { digest } = serving;
  // Of the plans that can bring what serves, only a switch verifies a clone.
  if (!isDone(status, digest, 'verify') || !isDone(status, digest, 'migrate')) return undefined;
  if (!isInData(status, blue.name, recordOf(status, digest, 'migrate')?.finishedAt ?? '')) return undefined;
  const taken = steps.some(({ step, evidence }) => step === 'migrate' && evidence?.['switch'] === digest);
  return taken ? undefined : digest;
}
