import type { StepInstance } from '../../plan/step-request.ts';
import { branches } from '../../postgres/history.ts';
import { serverIdentity } from '../../postgres/identity.ts';
import { openRoles } from '../../postgres/roles.ts';
import { sqlState, withSession } from '../../postgres/session.ts';
import { MAINTENANCE, openSuperuser } from '../database/sessions.ts';
import { waitForLogin } from '../database/wait-for-login.ts';
import { refuse, type Evidence, type StepContext } from '../ports/step.ts';
import { endOf } from './end-of-recovery.ts';
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

/** Waits until a role can log in; a password that is older than its Secret is written again by the operator, once asked. */
async function login(context: StepContext, instance: StepInstance, credential: 'superuser' | 'user'): Promise<void> {
  let asked = false;
  await waitForLogin(context, instance, credential, async (error) => {
    if (asked || sqlState(error) !== WRONG_PASSWORD) return;
    await context.cluster.reapplyUsers(instance.cluster);
    asked = true;
  });
}
