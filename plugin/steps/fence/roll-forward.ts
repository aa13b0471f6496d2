import type { Decision } from '../../lifecycle/status.ts';
import { refuse, type StepContext } from '../step.ts';
import { closeBlue } from './close-blue.ts';
import { readDecision } from './decide.ts';
import { flip } from './flip.ts';
import { openGreen } from './open-green.ts';

/**
 * Everything that Committed entails (C4 to C7). Committed is final: commit itself, its retry, the SyncFail hook and the
 * keeper all call this, and any may die at any point of it. Each part looks first whether it is done; what two do at
 * once is the same and does no harm.
 */
export async function rollForward(context: StepContext): Promise<Decision> {
  const { green } = context.request;
  if (!green) refuse('request-invalid', 'a commit needs green');
  const decision = await readDecision(context);
  if (decision.blueClosed !== undefined) return decision;
  await openGreen(context, green, decision);
  await flip(context, green, decision);
  return closeBlue(context);
}
