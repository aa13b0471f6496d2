import type { Decision } from '../../../lifecycle/status.ts';
import { endSessions } from '../../../postgres/end-sessions.ts';
import { denyLogin, readRoleSettings, roleNames } from '../../../postgres/roles.ts';
import { withSession, type Session } from '../../../postgres/session.ts';
import { refuse, type StepContext } from '../../ports/step.ts';
import { MAINTENANCE, openSuperuser } from '../../database/sessions.ts';
import { note, noteRemade } from '../decide.ts';
import { removeMarksOf } from '../marks.ts';
import { takeTurn } from '../turn.ts';
import { blueWrites } from './blue-writes.ts';
import { readCommitted, type Committed } from './read-committed.ts';
import { windowParts } from './window-parts.ts';

const END_SECONDS = 30;

/**
 * C6 and C7: blue's application roles cannot log in any more, committed from a connection that holds no lock; every
 * session of theirs is ended, those too that wait for a lock or are just starting (E); only then `blueClosed` is
 * recorded, which is what commit and keeper wait for before they let go. Where it is on record, blue is looked at.
 */
export async function closeBlue(context: StepContext): Promise<Decision> {
  const open = openSuperuser(context, context.request.blue, 'commit');
  return withSession(open(MAINTENANCE), async (session) => {
    const mine =
      (await takeTurn(context, session)) ??
      refuse('not-in-time', 'another step has been finishing the commit for long');
    const found = await readCommitted(mine);
    if (await isDone(found, session)) return found.decision;
    const roles = [...roleNames(found.decision.roles ?? []), ...roleNames(await readRoleSettings(session))];
    await denyLogin(session, roles);
    const ended = await endSessions(session, { roles }, { clock: context.clock, seconds: END_SECONDS });
    if (!ended) refuse('not-in-time', "blue's sessions did not end");
    const recorded = await record(mine, found, await blueWrites(session, open, found.decision));
    await removeMarksOf(mine, session);
    return recorded;
  });
}

/** @returns whether nothing is to be done: no role of the application can log in to blue, or that is nobody's business now. */
async function isDone({ decision, confirmed }: Committed, session: Session): Promise<boolean> {
  if (decision.blueClosed === undefined) return false;
  return confirmed || (await readRoleSettings(session)).length === 0;
}

async function record(
  context: StepContext,
  { decision, status }: Committed,
  writes: Pick<Decision, 'lostWrites' | 'blueWrites'>,
): Promise<Decision> {
  if (decision.blueClosed !== undefined) {
    // What was known when it was closed before says nothing of the time in which it was open again.
    const anew = { lostWrites: undefined, blueWrites: undefined, ...writes };
    return noteRemade(context, 'Committed', `${decision.blue} was open`, anew);
  }
  const blueClosed = context.clock.now().toISOString();
  return note(context, 'Committed', (now) => ({
    blueClosed,
    ...writes,
    window: windowParts(now, status.steps ?? []),
  }));
}
