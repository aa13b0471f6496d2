import { serverIdentity } from '../../../postgres/identity.ts';
import { readRoleSettings } from '../../../postgres/roles.ts';
import { isComplete } from '../../ledger/decision.ts';
import { refuse, type StepContext } from '../../ports/step.ts';
import { connectToBlue, type BlueConnections } from '../connections.ts';
import { decide } from '../decide.ts';
import { endWindow, reasonOf } from './end-window.ts';
import { makeEvidence, type Opening } from './make-evidence.ts';
import { closeBlueToWrites, type Closed } from './raise.ts';
import { boundRaising, watch } from './watch.ts';

/**
 * One window, from Open until it has ended for good: fenced, held, and committed or undone. Whatever goes wrong in
 * between undoes it.
 * @param standing called when the fence stands and its evidence is in the ledger.
 */
export async function keepWindow(context: StepContext, standing: () => void): Promise<void> {
  const blue = await connectToBlue(context, context.request.blue);
  try {
    const opening = await openWindow(context, blue);
    if (opening) await hold(context, blue, opening, standing);
  } finally {
    await blue.close();
  }
}

/** Open → Fenced, with the roles as they are in the same write: before the first change on blue. */
async function openWindow(context: StepContext, { helper }: BlueConnections): Promise<Opening | undefined> {
  const roles = await readRoleSettings(helper);
  const identity = (await serverIdentity(helper)) ?? refuse('fence-lost', "blue's server is in recovery");
  const fencedAt = context.clock.now().toISOString();
  const { moved } = await decide(context, 'Fenced', { fencedAt, roles });
  return moved ? { roles, identity, fencedAt } : undefined;
}

async function hold(
  context: StepContext,
  blue: BlueConnections,
  opening: Opening,
  standing: () => void,
): Promise<void> {
  const ended = new AbortController();
  try {
    const reason = await watchToTheEnd(context, blue, opening, standing, ended.signal).catch(reasonOf);
    const { roles, identity: server } = opening;
    if (reason !== undefined) await endWindow(context, reason, { roles, server }, blue.close);
  } finally {
    ended.abort();
  }
}

/** The fence raised within the budget; when it is not, its connections are cut first: they may hold the turn. */
async function raise(
  context: StepContext,
  blue: BlueConnections,
  opening: Opening,
  ended: AbortSignal,
): Promise<Closed> {
  const raised = new AbortController();
  try {
    const until = AbortSignal.any([ended, raised.signal]);
    return await boundRaising(context, opening, closeBlueToWrites(context, blue, opening.roles), until);
  } catch (error) {
    await blue.close();
    throw error;
  } finally {
    raised.abort();
  }
}

/** @returns undefined when the decision is complete, or why the window has to be ended. @throws what went wrong. */
async function watchToTheEnd(
  context: StepContext,
  blue: BlueConnections,
  opening: Opening,
  standing: () => void,
  ended: AbortSignal,
): Promise<string | undefined> {
  const closed = await raise(context, blue, opening, ended);
  const watching = watch(context, blue, opening, closed, ended);
  const evidence = makeEvidence(context, blue, opening, closed).then(standing);
  // Whichever fails first ends the window; the other one then fails on closed connections.
  evidence.catch(() => undefined);
  watching.catch(() => undefined);
  await Promise.race([watching, evidence]);
  const decision = await watching;
  return isComplete(decision) ? undefined : (decision.reason ?? 'the commit was left undone');
}
