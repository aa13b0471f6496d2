import type { Decision } from '../../../lifecycle/status.ts';
import { textOf } from '../../../errors/text-of.ts';
import type { StepInstance } from '../../../plan/step-request.ts';
import { drain, HOLD_SECONDS } from '../../application/drain.ts';
import { refuse, type StepContext } from '../../ports/step.ts';
import { closeBlue } from './close-blue.ts';
import { readCommitted } from './read-committed.ts';
import { secondsBetween } from '../decide.ts';
import { flip, waitForClients } from './flip.ts';
import { openGreen } from './open-green.ts';

/** Pods have 30 s to end by default; blue is closed after this in any case. */
const DRAIN_SECONDS = 60;

/**
 * Everything that Committed entails (C4 to C7, in the order of ADR 10). Committed is final: commit itself, its retry, the
 * SyncFail hook and the keeper all call this, and any may die at any point of it.
 *
 * Level-triggered (ADR 19): each part looks whether Service and servers stand as decided, also when it is on record as done,
 * until the switch is confirmed. What two do at once is the same and does no harm.
 */
export async function rollForward(context: StepContext): Promise<Decision> {
  const { green } = context.request;
  if (!green) refuse('request-invalid', 'a commit needs green');
  const { decision, confirmed } = await readCommitted(context);
  if (confirmed) return decision;
  if (decision.greenOpened === undefined) {
    const flipped = await flip(context, green, decision);
    await goOnAnyway(context, hold(context, green, flipped));
    await openGreen(context, green);
    return endBlue(context, decision);
  }
  // That the one does not answer is no reason not to look at the others.
  const looks = [flip(context, green, decision), openGreen(context, green)];
  const ending = endBlue(context, decision);
  await Promise.allSettled([...looks, ending]);
  await Promise.all(looks);
  return ending;
}

async function endBlue(context: StepContext, { blueClosed }: Decision): Promise<Decision> {
  if (blueClosed === undefined) await goOnAnyway(context, drainBlue(context, DRAIN_SECONDS));
  return closeBlue(context);
}

/** Who still reads through blue's application reads what green holds too, as long as nobody writes there. */
async function hold(context: StepContext, green: StepInstance, flipped: string): Promise<void> {
  await waitForClients(context, green);
  const held = secondsBetween(flipped, context.clock.now().toISOString());
  await drainBlue(context, Math.max(0, HOLD_SECONDS - held));
}

const drainBlue = (context: StepContext, seconds: number): Promise<void> => {
  const { name, application } = context.request.blue;
  return drain(context, { instance: name, application }, seconds);
};

/** It spares clients a read of what is out of date: an API server that refuses it must not keep them from writing. */
async function goOnAnyway({ progress }: StepContext, work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => {
    progress.report(`going on: ${textOf(error)}`);
  });
}
