import type { StepInstance } from '../../plan/step-request.ts';
import { branches, type Branch } from '../../postgres/history.ts';
import { serverIdentity } from '../../postgres/identity.ts';
import { closeRoles, denyLogin, readRoleSettings, roleNames } from '../../postgres/roles.ts';
import { withSession, type Session } from '../../postgres/session.ts';
import { readDecision } from '../fence/decide.ts';
import { MAINTENANCE, openSuperuser } from '../database/sessions.ts';
import { compareWithBlue, rehearseComparison } from './compare-with-blue.ts';
import { recordOf } from '../ledger/step-records.ts';
import { refuse, type Evidence, type StepContext } from '../ports/step.ts';
import { waitForLogin } from '../database/wait-for-login.ts';

/** Looks at the clone: it ended at the restore point, and (Switch) it is what blue is under the fence. */
export async function verify(context: StepContext): Promise<Evidence> {
  const { request } = context;
  const { green } = request;
  if (!green) refuse('request-invalid', 'verify needs a clone');
  await waitForLogin(context, green, 'superuser');
  return withSession(openSuperuser(context, green, 'verify')(MAINTENANCE), (session) =>
    request.plan === 'Prepare' ? verifyRehearsal(context, green, session) : verifyGreen(context, green, session),
  );
}

async function verifyRehearsal(context: StepContext, clone: StepInstance, session: Session): Promise<Evidence> {
  const { ledger, request } = context;
  const { status } = await ledger.read();
  const point = recordOf(status, request.digest, 'restore-point')?.evidence;
  if (typeof point?.lsn !== 'string') refuse('step-out-of-order', 'no restore point of this plan is recorded');
  const branch = await branchAt(context, session, point.lsn);
  const compared = await rehearseComparison(context, clone, session);
  await closeRoles(session);
  return { ...ended(branch), ...compared };
}

async function verifyGreen(context: StepContext, green: StepInstance, session: Session): Promise<Evidence> {
  const { fence, state } = await readDecision(context);
  if (state !== 'Fenced' || !fence) refuse('step-out-of-order', 'the fence does not stand');
  const branch = await branchAt(context, session, fence.lsn, fence.timeline);
  await sameSystem(session, fence.systemIdentifier);
  const compared = await compareWithBlue(context, green, session);
  await closeGreenRoles(context, session);
  return { ...ended(branch), ...compared };
}

async function sameSystem(session: Session, expected: string): Promise<void> {
  const seen = (await serverIdentity(session))?.systemIdentifier;
  if (seen !== expected) refuse('clone-differs', `the clone is of system ${seen ?? 'none'}, blue is ${expected}`);
}

/**
 * Green inherited read-only defaults, which a session can override. So its roles cannot log in until the commit, all but
 * the application's own: the migration and the application that has to be ready before the commit log in as it. What
 * remains is that one role on a database that no client is sent to, overriding the default: such a write is thrown away
 * by an abort, and is on green after a commit.
 */
async function closeGreenRoles({ request }: StepContext, session: Session): Promise<void> {
  const roles = await readRoleSettings(session);
  const others = roleNames(roles).filter((role) => role !== request.database.user);
  await denyLogin(session, others);
}

async function branchAt({ request }: StepContext, session: Session, lsn: string, timeline?: number): Promise<Branch> {
  const branch = (await branches(session)).at(-1);
  if (!branch) refuse('clone-differs', 'the clone has no timeline history: it was never recovered');
  const reason = `at restore point "${request.restorePoint}"`;
  if (branch.reason !== reason) refuse('clone-differs', `the clone's history says ${branch.reason}, not ${reason}`);
  if (branch.lsn !== lsn) refuse('clone-differs', `the clone ended at ${branch.lsn}, the restore point is ${lsn}`);
  if (timeline !== undefined && branch.timeline !== timeline) {
    refuse('clone-differs', `the clone left timeline ${branch.timeline}, the restore point is on ${timeline}`);
  }
  return branch;
}

const ended = ({ lsn, reason, timeline }: Branch): Evidence => ({ endedAt: lsn, endedBecause: reason, timeline });
