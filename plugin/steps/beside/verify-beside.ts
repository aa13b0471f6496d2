import type { RoleSettings, Status } from '../../lifecycle/status.ts';
import type { StepInstance, StepRequest } from '../../plan/step-request.ts';
import { branches } from '../../postgres/history.ts';
import { serverIdentity, serverTime } from '../../postgres/identity.ts';
import { endSessions } from '../../postgres/end-sessions.ts';
import {
  allowLogin,
  areClosed,
  closeRoles,
  denyLogin,
  firstOfEach,
  readRoleSettings,
  roleNames,
  withoutFence,
} from '../../postgres/roles.ts';
import { requireCurrent } from '../ledger/require-current.ts';
import { withSession, type Session } from '../../postgres/session.ts';
import { nextTransactionId } from '../../postgres/transactions.ts';
import { MAINTENANCE, openSuperuser } from '../database/sessions.ts';
import { waitForLogin } from '../database/wait-for-login.ts';
import { refuse, type Evidence, type RunStep, type StepContext } from '../ports/step.ts';
import { endOf } from '../restore/end-of-recovery.ts';
import { wantedRestore } from '../restore/wanted-restore.ts';
import { cloneOf, noteClone } from './clone-records.ts';
import { requireNotServing } from './require-not-serving.ts';
import { restoredInstance } from './restored-instance.ts';

/**
 * What was restored beside is what was asked for: its recovery ended at the target. Until a switch to it the application reads
 * there only (I3), and no other role of it logs in. Its source is taken off, by which the operator could clone it once more.
 */
export const verifyBeside: RunStep = async (context): Promise<Evidence> => {
  const { ledger, request } = context;
  const green = restoredInstance(request);
  const { id } = wantedRestore(request);
  const record = cloneOf((await ledger.read()).status, id);
  if (record?.state !== 'Cloned')
    return refuse('step-out-of-order', `restore ${id} is ${record?.state ?? 'not on record'}`);
  await waitForLogin(context, green, 'superuser');
  const ended = await withSession(superuser(context, green), async (session) => {
    const is = (await serverIdentity(session)) ?? refuse('restore-beside-failed', `${green.name} is a standby`);
    const branch = endOf(record, await branches(session));
    // Before the first change of ours.
    const { nextXid = await nextTransactionId(session) } = record;
    const view = await ledger.read();
    requireCurrent(view, request);
    requireNotServing(view.status, request);
    // At a moment within a pause nobody of the application could log in.
    await allowLogin(session, [request.database.user]);
    const { roles = await rolesOf(view.status, request, session) } = record;
    const { lsn, timeline } = branch;
    await noteClone(context, id, ['Cloned'], { nextXid, ended: { lsn, timeline }, roles: [...roles] });
    await closeRestored(context, session);
    return { endedAt: lsn, endedBecause: branch.reason, timeline: is.timeline };
  });
  await waitForLogin(context, green, 'user');
  await context.cluster.removeDataSource(green.cluster);
  return ended;
};

const superuser = (context: StepContext, green: StepInstance): Promise<Session> =>
  openSuperuser(context, green, 'verify')(MAINTENANCE);

/**
 * As they are to be when it serves. Where blue is gone, those that a window or a pause of it had closed at that moment are known by the
 * ledger only.
 */
async function rolesOf(status: Status, request: StepRequest, session: Session): Promise<readonly RoleSettings[]> {
  const here = withoutFence(await readRoleSettings(session));
  if (request.plan !== 'Recover') return here;
  const { decision, history = [], restores = [] } = status;
  const name = request.blue.name;
  const closed = [
    ...restores.filter(({ instance }) => instance === name),
    ...[decision, ...history].filter((each) => each?.blue === name || each?.green === name),
  ].flatMap((each) => each?.roles ?? []);
  const known = new Set(roleNames(here));
  return firstOfEach([...here, ...closed.filter(({ role }) => !known.has(role))]);
}

const END_SECONDS = 20;

/** The application's own role reads, so that it can be looked at; nobody else logs in, and no session is left that began otherwise. */
export async function closeRestored({ clock, request }: StepContext, session: Session): Promise<void> {
  const roles = await readRoleSettings(session);
  const others = roleNames(roles).filter((role) => role !== request.database.user);
  if (areClosed(roles) && others.length === 0) return;
  await closeRoles(session, roles);
  await denyLogin(session, others);
  const selection = { roles: roleNames(roles), begunUntil: await serverTime(session) };
  if (!(await endSessions(session, selection, { clock, seconds: END_SECONDS })))
    refuse('not-in-time', 'sessions that could write did not end');
}
