import { rehearsedBlue } from '../../plan/names.ts';
import { drain, HOLD_SECONDS } from '../application/drain.ts';
import { recordedOnce } from '../ledger/recorded.ts';
import { refuse, type StepContext } from '../ports/step.ts';

/**
 * Ends blue's version on the clone: it does not fit the migrated one, would stay unready, and the Argo CD Application
 * with it. How long its pods took to end the first time is on record: a commit waits as long.
 */
export async function endRehearsalOfBlue(context: StepContext): Promise<void> {
  const { clock, request } = context;
  const { name } = request.green ?? refuse('request-invalid', 'a rehearsal without an instance');
  const start = clock.now().getTime();
  await drain(context, rehearsedBlue(name), HOLD_SECONDS);
  const seconds = (clock.now().getTime() - start) / 1000;
  await recordedOnce(context, 'drain', () => Promise.resolve({ seconds }));
}
