import { textOf } from '../../../errors/text-of.ts';
import type { RoleSettings } from '../../../lifecycle/status.ts';
import { commitCanary } from '../../../postgres/commit-canary.ts';
import { effectiveSetting } from '../../../postgres/effective-setting.ts';
import { serverIdentity } from '../../../postgres/identity.ts';
import { withSession, type OpenSession, type Session } from '../../../postgres/session.ts';
import { refuse, type StepContext } from '../../ports/step.ts';
import { MAINTENANCE, openSuperuser } from '../../database/sessions.ts';

/**
 * Once it is committed there is no way back to blue: green's server is no standby, and answers a COMMIT that waits for
 * the standbys for which the application's will wait. @throws LifecycleError `green-unavailable`
 */
export async function checkGreen(context: StepContext, roles: readonly RoleSettings[]): Promise<void> {
  const { green } = context.request;
  if (!green) refuse('request-invalid', 'a commit needs green');
  const open = openSuperuser(context, green, 'commit');
  const identity = await withSession(open(MAINTENANCE), async (session) => {
    const seen = await serverIdentity(session);
    if (seen !== undefined) await commitAs(context, open, session, roles);
    return seen;
  }).catch((error: unknown) => refuse('green-unavailable', textOf(error)));
  if (identity === undefined) refuse('green-unavailable', "green's server is in recovery");
}

async function commitAs(
  context: StepContext,
  open: OpenSession,
  session: Session,
  roles: readonly RoleSettings[],
): Promise<void> {
  const { user, databases } = context.request.database;
  for (const database of databases) {
    const name = 'synchronous_commit';
    const setting = await effectiveSetting(session, roles, { role: user, database, name });
    await withSession(open(database), (each) => commitCanary(each, setting?.value ?? 'on'));
  }
}
