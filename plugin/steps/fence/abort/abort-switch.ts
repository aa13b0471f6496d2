import type { Decision } from '../../../lifecycle/status.ts';
import type { StepContext } from '../../ports/step.ts';
import { decide, readDecision } from '../decide.ts';
import { finishAbort, type Opened } from './finish-abort.ts';
import { rollForward } from '../commit/roll-forward.ts';

/**
 * Ends the window one way or the other: Aborted and undone, unless the commit was faster; then it is rolled forward.
 * @param reason `code: text`. @param release lets go of the caller's own locks, at the right moment of the abort.
 * @param opened when the caller has opened blue already.
 */
export async function abortSwitch(
  context: StepContext,
  reason: string,
  release?: () => Promise<void>,
  opened?: Opened,
): Promise<Decision> {
  await decide(context, 'Aborted', { abortedAt: context.clock.now().toISOString(), reason });
  const { state } = await readDecision(context);
  return state === 'Committed' ? rollForward(context) : finishAbort(context, release, opened);
}
