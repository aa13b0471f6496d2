import type { Decision, Status } from '../../../lifecycle/status.ts';
import { endSessions } from '../../../postgres/end-sessions.ts';
import { denyLogin, readRoleSettings, roleNames } from '../../../postgres/roles.ts';
import { withSession } from '../../../postgres/session.ts';
import { refuse, type StepContext } from '../../ports/step.ts';
import { MAINTENANCE, openSuperuser } from '../../database/sessions.ts';
import { note } from '../decide.ts';
import { removeMarksOf } from '../marks.ts';
import { takeTurn } from '../turn.ts';
import { blueWrites } from './blue-writes.ts';
import { windowParts } from './window-parts.ts';

const END_SECONDS = 30;

/**
 * C6 and C7: blue's application roles cannot log in any more, committed from a connection that holds no lock; every
 * session of theirs is ended, those too that wait for a lock or are just starting (E); only then `blueClosed` is
 * recorded, which is what commit and keeper wait for before they let go.
 */
export async function closeBlue(context: StepContext): Promise<Decision> {
  const open = openSuperuser(context, context.request.blue, 'commit');
  return withSession(open(MAINTENANCE), async (session) => {
    if (!(await takeTurn(context, session)))
      refuse('not-in-time', 'another step has been finishing the commit for long');
    const { status } = await context.ledger.read();
    const decision = status.decision;
    if (decision?.blueClosed !== undefined) return decision;
    const roles = [...roleNames(decision?.roles ?? []), ...roleNames(await readRoleSettings(session))];
    await denyLogin(session, roles);
    const ended = await endSessions(session, { roles }, { clock: context.clock, seconds: END_SECONDS });
    if (!ended) refuse('not-in-time', "blue's sessions did not end");
    const recorded = await record(context, status, decision ? await blueWrites(session, open, decision) : {});
    await removeMarksOf(context, session);
    return recorded;
  });
}

async function record(
  context: StepContext,
  status: Status,
  writes: Pick<Decision, 'lostWrites' | 'blueWrites'>,
): Promise<Decision> {
  const blueClosed = context.clock.now().toISOString();
  return note(context, 'Committed', (decision) => ({
    blueClosed,
    ...writes,
    window: windowParts(decision, status.steps ?? []),
  }));
}
