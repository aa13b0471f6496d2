import type { Decision, RoleSettings } from '../../../lifecycle/status.ts';
import type { StepInstance } from '../../../plan/step-request.ts';
import { endAfterReading, endSessions } from '../../../postgres/end-sessions.ts';
import { serverTime } from '../../../postgres/identity.ts';
import {
  firstOfEach,
  lockedOut,
  openRoles,
  readRoleSettings,
  roleNames,
  stillFenced,
} from '../../../postgres/roles.ts';
import { withSession, type Session } from '../../../postgres/session.ts';
import { refuse, type StepContext } from '../../ports/step.ts';
import { MAINTENANCE, openSuperuser } from '../../database/sessions.ts';
import { commitProblems, stillReadOnly } from '../canaries.ts';
import { note, noteRemade, secondsBetween, windowText } from '../decide.ts';
import { removeMarksOf } from '../marks.ts';
import { takeTurn } from '../turn.ts';
import { readCommitted, type Committed } from './read-committed.ts';

/** Clients read on green already: a statement of theirs may end first. */
const READ_SECONDS = 2;
const END_SECONDS = 20;

/**
 * C4: green's settings as they were on blue before the fence, LOGIN, and no session left that carries the old ones. Here
 * the window ends. Where it is on record, green is looked at.
 */
export async function openGreen(context: StepContext, green: StepInstance): Promise<void> {
  await withSession(openSuperuser(context, green, 'commit')(MAINTENANCE), async (session) => {
    // Clients read here: their sessions are ended once, not by everyone who rolls forward.
    const mine =
      (await takeTurn(context, session)) ?? refuse('not-in-time', 'another step has been opening green for long');
    const found = await readCommitted(mine);
    const roles = await closedRoles(found, session);
    if (roles === undefined) return;
    await openRoles(session, roles);
    await removeMarksOf(mine, session);
    const begunUntil = await serverTime(session);
    const selection = { roles: roleNames(roles), begunUntil };
    await endAfterReading(session, selection, { clock: context.clock, seconds: READ_SECONDS });
    const ended = await endSessions(session, selection, { clock: context.clock, seconds: END_SECONDS });
    if (!ended) refuse('not-in-time', "green's read-only sessions did not end");
    const readOnly = await stillReadOnly(mine, green, session);
    if (readOnly.length > 0) refuse('not-in-time', `green does not take writes: ${readOnly.join('; ')}`);
    const notCommitting = await commitProblems(mine, green);
    if (notCommitting.length > 0) refuse('not-in-time', `green acknowledges no write: ${notCommitting.join('; ')}`);
    await record(mine, found.decision);
  });
}

/**
 * All roles the first time, later those on which something of the fence is found again: the others are green's own by now.
 * @returns undefined when nothing is to be done, or it is nobody's business any more.
 */
async function closedRoles(
  { decision, confirmed }: Committed,
  session: Session,
): Promise<readonly RoleSettings[] | undefined> {
  const { greenOpened } = decision;
  const roles = rolesOfGreen(decision);
  if (greenOpened === undefined) return roles;
  if (confirmed) return undefined;
  const fenced = stillFenced(await readRoleSettings(session), roles);
  const closed = [...fenced, ...(await lockedOut(session, roleNames(roles)))];
  return closed.length === 0 ? undefined : roles.filter(({ role }) => closed.includes(role));
}

/**
 * As on blue before the fence. What was restored beside may have further roles, and rows of theirs for further databases, which were closed
 * with the others: they are what they were then.
 */
const rolesOfGreen = ({ roles = [], greenRoles = [] }: Decision): readonly RoleSettings[] =>
  firstOfEach([...roles, ...greenRoles]);

async function record(context: StepContext, decision: Decision): Promise<void> {
  if (decision.greenOpened !== undefined) {
    await noteRemade(context, 'Committed', `${decision.green} was closed`);
    return;
  }
  const greenOpened = context.clock.now().toISOString();
  const windowSeconds = secondsBetween(decision.fencedAt ?? greenOpened, greenOpened);
  await note(context, 'Committed', () => ({ greenOpened, windowSeconds }), { window: windowText(windowSeconds) });
}
