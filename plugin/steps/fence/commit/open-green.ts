import type { StepInstance } from '../../../plan/step-request.ts';
import { endAfterReading, endSessions } from '../../../postgres/end-sessions.ts';
import { serverTime } from '../../../postgres/identity.ts';
import { openRoles, roleNames } from '../../../postgres/roles.ts';
import { withSession } from '../../../postgres/session.ts';
import { refuse, type StepContext } from '../../ports/step.ts';
import { MAINTENANCE, openSuperuser } from '../../database/sessions.ts';
import { commitProblems, stillReadOnly } from '../canaries.ts';
import { note, readDecision, secondsBetween, windowText } from '../decide.ts';
import { removeMarksOf } from '../marks.ts';
import { takeTurn } from '../turn.ts';

/** Clients read on green already: a statement of theirs may end first. */
const READ_SECONDS = 2;
const END_SECONDS = 20;

/**
 * C4: green's settings as they were on blue before the fence, LOGIN, and no session left that carries the old ones. Here
 * the window ends.
 */
export async function openGreen(context: StepContext, green: StepInstance): Promise<void> {
  await withSession(openSuperuser(context, green, 'commit')(MAINTENANCE), async (session) => {
    // Clients read here: their sessions are ended once, not by everyone who rolls forward.
    if (!(await takeTurn(context, session))) refuse('not-in-time', 'another step has been opening green for long');
    const { roles = [], greenOpened, fencedAt } = await readDecision(context);
    if (greenOpened !== undefined) return;
    await openRoles(session, roles);
    await removeMarksOf(context, session);
    const begunUntil = await serverTime(session);
    const selection = { roles: roleNames(roles), begunUntil };
    await endAfterReading(session, selection, { clock: context.clock, seconds: READ_SECONDS });
    const ended = await endSessions(session, selection, { clock: context.clock, seconds: END_SECONDS });
    if (!ended) refuse('not-in-time', "green's read-only sessions did not end");
    const readOnly = await stillReadOnly(context, green, session);
    if (readOnly.length > 0) refuse('not-in-time', `green does not take writes: ${readOnly.join('; ')}`);
    const notCommitting = await commitProblems(context, green);
    if (notCommitting.length > 0) refuse('not-in-time', `green acknowledges no write: ${notCommitting.join('; ')}`);
    await record(context, fencedAt);
  });
}

async function record(context: StepContext, fencedAt: string | undefined): Promise<void> {
  const greenOpened = context.clock.now().toISOString();
  const windowSeconds = secondsBetween(fencedAt ?? greenOpened, greenOpened);
  await note(context, 'Committed', () => ({ greenOpened, windowSeconds }), { window: windowText(windowSeconds) });
}
