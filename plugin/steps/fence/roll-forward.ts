import type { Decision } from '../../lifecycle/status.ts';
import { drain, HOLD_SECONDS } from '../drain.ts';
import { refuse, type StepContext } from '../step.ts';
import { closeBlue } from './close-blue.ts';
import { readDecision } from './decide.ts';
import { flip } from './flip.ts';
import { openGreen } from './open-green.ts';

/** Pods have 30 s to end by default; blue is closed after this in any case. */
const DRAIN_SECONDS = 60;

/**
 * Everything that Committed entails (C4 to C7). Committed is final: commit itself, its retry, the SyncFail hook and the
 * keeper all call this, and any may die at any point of it. Each part looks first whether it is done; what two do at
 * once is the same and does no harm.
 */
export async function rollForward(context: StepContext): Promise<Decision> {
  const { green, blue } = context.request;
  if (!green) refuse('request-invalid', 'a commit needs green');
  const decision = await readDecision(context);
  if (decision.blueClosed !== undefined) return decision;
  await flip(context, green, decision);
  // Whoever still reads through blue's application reads what green holds too, as long as nobody writes there.
  const application = { instance: blue.name, application: blue.application };
  await drain(context, application, HOLD_SECONDS);
  await openGreen(context, green);
  await drain(context, application, DRAIN_SECONDS);
  return closeBlue(context);
}
