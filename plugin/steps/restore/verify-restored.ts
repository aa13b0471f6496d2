import type { RestoreRecord } from '../../lifecycle/status.ts';
import type { StepInstance } from '../../plan/step-request.ts';
import { connect } from '../../postgres/connect.ts';
import { branches, type Branch } from '../../postgres/history.ts';
import { serverIdentity } from '../../postgres/identity.ts';
import { openRoles } from '../../postgres/roles.ts';
import { sqlState, withSession } from '../../postgres/session.ts';
import { credentialsOf, MAINTENANCE, openSuperuser, programName } from '../database/sessions.ts';
import { waitForLogin } from '../database/wait-for-login.ts';
import { refuse, type Evidence, type StepContext } from '../ports/step.ts';
import { restoreOf } from './restore-records.ts';

/** SCRAM tells a wrong password from a server that is not ready. */
const WRONG_PASSWORD = '28P01';

/**
 * What the operator restored is what was asked for, and can be used: it ended at the target; the passwords are those of the
 * Secrets; what a window or a pause had taken from the roles by then is put back as the ledger has it.
 */
export async function verifyRestored(context: StepContext, id: string): Promise<Evidence> {
  const { blue } = context.request;
  const record = restoreOf((await context.ledger.read()).status, id);
  if (record?.state !== 'Restored') refuse('step-out-of-order', `restore ${id} is ${record?.state ?? 'not on record'}`);
  await login(context, blue, 'superuser');
  const ended = await withSession(openSuperuser(context, blue, 'verify')(MAINTENANCE), async (session) => {
    const is = (await serverIdentity(session)) ?? refuse('restore-failed', `${blue.name} is a standby`);
    const branch = endOf(record, await branches(session));
    await openRoles(session, record.roles);
    return { endedAt: branch.lsn, endedBecause: branch.reason, timeline: is.timeline };
  });
  await login(context, blue, 'user');
  return ended;
}

/** Waits until a role can log in; a password that is older than its Secret is written again by the operator. */
async function login(context: StepContext, instance: StepInstance, credential: 'superuser' | 'user'): Promise<void> {
  const options = { ...credentialsOf(context, instance, credential), applicationName: programName(context, 'login') };
  try {
    await withSession(connect(options), (session) => session.query('SELECT 1'));
  } catch (error) {
    if (sqlState(error) === WRONG_PASSWORD) await context.cluster.reapplyUsers(instance.cluster);
    await waitForLogin(context, instance, credential);
  }
}

/** What PostgreSQL says of the end of a recovery (`getRecoveryStopReason` in xlogrecovery.c), or how it begins. */
function expectedEnd({ options }: RestoreRecord['recovery']): string {
  const value = (name: string): string =>
    options.find((each) => each.startsWith(`--${name}=`))?.slice(name.length + 3) ?? '';
  switch (value('type')) {
    case 'time':
      return 'before ';
    case 'name':
      return `at restore point "${value('target')}"`;
    case 'immediate':
      return 'reached consistency';
    default:
      return 'no recovery target specified';
  }
}

/** The newest end of a recovery that is the one asked for: a failover since has added others. */
function endOf(record: RestoreRecord, history: readonly Branch[]): Branch {
  const expected = expectedEnd(record.recovery);
  const branch = history.findLast(({ reason }) => reason.startsWith(expected));
  if (branch) return branch;
  const seen = history.at(-1)?.reason ?? 'no recovery at all';
  return refuse('restore-failed', `restore ${record.id} ended otherwise than it was to: ${seen}, not ${expected}`);
}
