import type { Decision } from '../../../lifecycle/status.ts';
import { textOf } from '../../../errors/text-of.ts';
import type { StepInstance } from '../../../plan/step-request.ts';
import { drain, HOLD_SECONDS } from '../../application/drain.ts';
import { refuse, type StepContext } from '../../ports/step.ts';
import { closeBlue } from './close-blue.ts';
import { readDecision, secondsBetween } from '../decide.ts';
import { flip, waitForClients } from './flip.ts';
import { openGreen } from './open-green.ts';

/** Pods have 30 s to end by default; blue is closed after this in any case. */
const DRAIN_SECONDS = 60;

/**
 * Everything that Committed entails (C4 to C7, in the order of ADR 10). Committed is final: commit itself, its retry, the
 * SyncFail hook and the keeper all call this, and any may die at any point of it. Each part looks first whether it is done;
 * what two do at once is the same and does no harm.
 */
export async function rollForward(context: StepContext): Promise<Decision> {
  const { green } = context.request;
  if (!green) refuse('request-invalid', 'a commit needs green');
  const decision = await readDecision(context);
  if (decision.blueClosed !== undefined) return decision;
  if (decision.greenOpened === undefined) await takeOver(context, green, decision);
  await goOnAnyway(context, drainBlue(context, DRAIN_SECONDS));
  return closeBlue(context);
}

/** From the flip until green takes writes. */
async function takeOver(context: StepContext, green: StepInstance, decision: Decision): Promise<void> {
  const flipped = await flip(context, green, decision);
  // Who still reads through blue's application reads what green holds too, as long as nobody writes there.
  const hold = async (): Promise<void> => {
    await waitForClients(context, green);
    const held = secondsBetween(flipped, context.clock.now().toISOString());
    await drainBlue(context, Math.max(0, HOLD_SECONDS - held));
  };
  await goOnAnyway(context, hold());
  await openGreen(context, green);
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
