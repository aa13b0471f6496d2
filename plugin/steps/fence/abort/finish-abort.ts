import type { Decision, RoleSettings } from '../../../lifecycle/status.ts';
import { endSessions } from '../../../postgres/end-sessions.ts';
import { endByName, isConnected } from '../../../postgres/evidence.ts';
import { serverTime } from '../../../postgres/identity.ts';
import {
  openRoles,
  readOnlyAsRecorded,
  readRoleSettings,
  restoreSettings,
  roleNames,
  stillFenced,
} from '../../../postgres/roles.ts';
import { withSession, type Session } from '../../../postgres/session.ts';
import { waitFor } from '../../../postgres/wait.ts';
import { isComplete } from '../../ledger/decision.ts';
import { refuse, type StepContext } from '../../ports/step.ts';
import { MAINTENANCE, openSuperuser, programName } from '../../database/sessions.ts';
import { stillReadOnly } from '../canaries.ts';
import { closeGreen } from './close-green.ts';
import { endWriters } from './end-writers.ts';
import { note, noteRemade, readDecision, secondsBetween, windowText } from '../decide.ts';
import { removeMarksOf } from '../marks.ts';
import { takeTurn } from '../turn.ts';

const END_SECONDS = 20;

/** When blue was opened: by the server's clock, which tells its sessions apart, and by the step's. */
export interface Opened {
  readonly since: string;
  readonly at: string;
}

/**
 * Carries an abort through (fence protocol, "Abort"): green closed, blue's settings restored exactly, locks released,
 * every session that the application began since the fence ended, a write seen to work, `unfenced` recorded.
 *
 * Level-triggered (ADR 19): whoever finds an Aborted decision calls it, also when it is on record as unfenced. It looks at the
 * servers, and changes nothing where they stand as decided.
 * @param release lets go of the caller's own locks; those of others are ended by name.
 * @param before when the caller has opened blue already: what began since is left alone.
 */
export async function finishAbort(
  context: StepContext,
  release: () => Promise<void> = () => Promise.resolve(),
  before?: Opened,
): Promise<Decision> {
  const decision = await readDecision(context);
  const { reason = '', roles } = decision;
  const { green: instance } = context.request;
  const green = await closeGreen(context, reason);
  // Once: a later look meets the migrations of plans that came after.
  if (green === 'not reached' && instance && !isComplete(decision)) await endWriters(context, instance);
  const doubt = green === 'not reached' ? '; green could not be reached to close it, the keeper goes on trying' : '';
  const message = `aborted: ${reason}${doubt}`;
  if (roles === undefined) return recordUnfenced(context, decision, { message });
  return openBlue(context, { decision, roles, message, ...(before ? { before } : {}) }, release);
}

interface Opening {
  readonly decision: Decision;
  readonly roles: readonly RoleSettings[];
  readonly message: string;
  readonly before?: Opened;
}

async function openBlue(
  context: StepContext,
  { decision, roles, message, before }: Opening,
  release: () => Promise<void>,
): Promise<Decision> {
  const { blue } = context.request;
  return withSession(openSuperuser(context, blue, 'abort')(MAINTENANCE), async (session) => {
    const done = async (now: Decision): Promise<boolean> => isComplete(now) && (await isOpen(context, session, roles));
    if (await done(decision)) return decision;
    // Aborted is final: who raised the fence has nothing more to do here, and may have the turn on a dead connection.
    await endByName(session, programName(context, 'window'));
    const mine =
      (await takeTurn(context, session)) ?? refuse('not-in-time', 'another step has been finishing the abort for long');
    const found = await readDecision(mine);
    if (await done(found)) return found;
    if (isComplete(found)) {
      await openAgain(mine, session, roles, release);
    } else {
      // A failover may have undone it.
      const still = (await readOnlyAsRecorded(session, roles)) ? before : undefined;
      await openRoles(session, roles);
      await openToWrites(mine, session, roles, release, still);
    }
    // Under the turn: the next one would find it unfinished otherwise, and end the sessions that blue has taken since.
    const recorded = await recordUnfenced(mine, found, { message, ...(before ? { at: before.at } : {}) });
    // After it: a keeper that cannot record it opens blue by its mark, once.
    await removeMarksOf(mine, session);
    return recorded;
  });
}

/** Only where the fence's settings are found again: what else there is of roles and sessions is blue's own by now. */
async function openAgain(
  context: StepContext,
  session: Session,
  roles: readonly RoleSettings[],
  release: () => Promise<void>,
): Promise<void> {
  const fenced = stillFenced(await readRoleSettings(session), roles);
  const rows = roles.filter(({ role }) => fenced.includes(role));
  await restoreSettings(session, rows);
  await openToWrites(context, session, rows, release);
}

/** Nothing of the fence is left on blue. What else somebody has set there since is not this decision's business. */
async function isOpen(context: StepContext, session: Session, roles: readonly RoleSettings[]): Promise<boolean> {
  if (stillFenced(await readRoleSettings(session), roles).length > 0) return false;
  return !(await isConnected(session, programName(context, 'lock')));
}

/** Locks gone, no read-only session left, a write seen to work; for who has the turn, and has put the settings back. */
export async function openToWrites(
  context: StepContext,
  session: Session,
  roles: readonly RoleSettings[],
  release: () => Promise<void>,
  before?: Opened,
): Promise<Opened> {
  const opened = before ?? { since: await serverTime(session), at: context.clock.now().toISOString() };
  await release();
  await endLocks(context, session);
  await endReadOnlySessions(context, session, roles, opened.since);
  await checkBlueWrites(context, session, roles);
  return opened;
}

/**
 * Pools would stay read-only for as long as their connections live. Every session from before blue was opened is ended, by
 * the server's own time: a pod's clock may differ from it by more than the fence stood.
 */
async function endReadOnlySessions(
  context: StepContext,
  session: Session,
  roles: readonly RoleSettings[],
  opened: string,
): Promise<void> {
  const selection = { roles: roleNames(roles), begunUntil: opened };
  const ended = await endSessions(session, selection, { clock: context.clock, seconds: END_SECONDS });
  if (!ended) refuse('not-in-time', "blue's read-only sessions did not end");
}

/** Locks of a keeper or a commit that is not this process, and may be dead without its server knowing. */
export async function endLocks(context: StepContext, session: Session): Promise<void> {
  const name = programName(context, 'lock');
  const gone = await waitFor(
    "waiting for the window's locks to go",
    async () => ((await endByName(session, name)) === 0 ? true : undefined),
    { clock: context.clock, seconds: END_SECONDS, everyMilliseconds: 20 },
  );
  if (!gone) refuse('not-in-time', "the window's locks are still held");
}

/**
 * A write as the application, where this step has its Secret. A blue that was read-only before the fence, by a setting of its
 * own role, database or server, is so again: an abort puts back what was there, and has to end.
 */
async function checkBlueWrites(context: StepContext, session: Session, roles: readonly RoleSettings[]): Promise<void> {
  const readOnly = await stillReadOnly(context, context.request.blue, session);
  if (readOnly.length === 0) return;
  if (!(await readOnlyAsRecorded(session, roles)))
    refuse('not-in-time', `blue is not open yet: ${readOnly.join('; ')}`);
  context.progress.report(`blue is as it was before the fence: ${readOnly.join('; ')}`);
}

async function recordUnfenced(
  context: StepContext,
  found: Decision,
  { message, at = context.clock.now().toISOString() }: { readonly message: string; readonly at?: string },
): Promise<Decision> {
  if (isComplete(found)) {
    if (found.roles === undefined) return found;
    return noteRemade(context, 'Aborted', `${found.blue} was still fenced`);
  }
  const seconds = found.fencedAt === undefined ? undefined : secondsBetween(found.fencedAt, at);
  return note(
    context,
    'Aborted',
    () => ({ unfenced: at, ...(seconds === undefined ? {} : { windowSeconds: seconds }) }),
    { message, ...(seconds === undefined ? {} : { window: windowText(seconds) }) },
  );
}
