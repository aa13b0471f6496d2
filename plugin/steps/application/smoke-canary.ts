import { textOf } from '../../errors/text-of.ts';
import { commitCanary } from '../../postgres/commit-canary.ts';
import { writeCanary, type Canary } from '../../postgres/canary.ts';
import { openRoles } from '../../postgres/roles.ts';
import { withSession } from '../../postgres/session.ts';
import { MAINTENANCE, openSuperuser, openUser } from '../database/sessions.ts';
import type { SmokeCanary } from './smoke.ts';
import { refuse, type Evidence } from '../ports/step.ts';

const ACCEPTED = '00000';
const READ_ONLY = '25006';

/**
 * A switch, or a restore beside: green is read-only until the commit, and only a session that overrides the default may write (rolled back).
 * A rehearsal: the clone is opened first, as the commit does it, and then a plain write has to work, as it has on what was restored.
 */
export const smokeCanary: SmokeCanary = async (context): Promise<Evidence> => {
  const { blue, green, plan } = context.request;
  const instance = green ?? blue;
  const open = plan === 'Prepare' || plan === 'Restore';
  if (plan === 'Prepare') await withSession(openSuperuser(context, instance, 'smoke')(MAINTENANCE), openRoles);
  const results: Canary[] = [];
  const openDatabase = openUser(context, instance, 'smoke');
  for (const database of context.request.database.databases) {
    await withSession(openDatabase(database), async (session) => {
      results.push(expectState(await writeCanary(session), open ? ACCEPTED : READ_ONLY));
      if (!open) results.push(expectState(await writeCanary(session, 'BEGIN READ WRITE'), ACCEPTED));
      await commitCanary(session).catch(failed);
    });
  }
  if (!results.some(({ mayWrite }) => mayWrite)) {
    refuse(
      'smoke-failed',
      `role ${context.request.database.user} may write nothing in any database of ${instance.name}`,
    );
  }
  return { canary: open ? 'accepted' : 'refused as read-only, accepted where overridden' };
};

const failed = (error: unknown): never => refuse('smoke-failed', `a COMMIT: ${textOf(error)}`);

/** Where the role may write nothing at all, there is nothing to expect. */
function expectState(canary: Canary, expected: string): Canary {
  const { database, sqlstate, mayWrite } = canary;
  if (mayWrite && sqlstate !== expected) {
    refuse('smoke-failed', `a write in database ${database} got SQLSTATE ${sqlstate}, expected ${expected}`);
  }
  return canary;
}
