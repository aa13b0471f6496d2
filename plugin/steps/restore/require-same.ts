import type { RestoreRecord } from '../../lifecycle/status.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import { refuse } from '../ports/step.ts';
import type { WantedRestore } from './wanted-restore.ts';

/**
 * An id that is on record is this request. What surrounds a restore may change, and so may how often it is tried: its id stays in the
 * file for as long as somebody leaves it there.
 * @throws LifecycleError restore-id-used
 */
export function requireSame(known: RestoreRecord, { blue }: StepRequest, { repository, text }: WantedRestore): void {
  if (known.instance === blue.name && known.repository === repository && known.target === text) return;
  refuse(
    'restore-id-used',
    `restore ${known.id} was to ${known.target} from ${known.repository}, on ${known.requestedAt}`,
  );
}
