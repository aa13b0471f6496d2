import type { RoleSettings } from '../../lifecycle/status.ts';
import { endSessions } from '../../postgres/end-sessions.ts';
import { serverTime } from '../../postgres/identity.ts';
import { closeRoles, readRoleSettings, restoreSettings, settingsBefore } from '../../postgres/roles.ts';
import type { Session } from '../../postgres/session.ts';
import { refuse, type StepContext } from '../ports/step.ts';

/**
 * The role as which the migration logs in, on green. It has the fence's settings there, which the clone inherited, and no
 * other role may log in. While the migration runs it has the settings of before the fence, because not every driver knows
 * how to override them (ADR 14).
 */
const END_SECONDS = 10;

/**
 * The settings of before the fence, for sessions that begin from now on. LOGIN is not given: after an abort that has closed
 * green they change nothing.
 * @param recorded as recorded at the fence; without, as in a rehearsal, the fence's settings are dropped.
 */
export async function openToMigration(
  context: StepContext,
  session: Session,
  recorded: readonly RoleSettings[] | undefined,
): Promise<void> {
  const { user } = context.request.database;
  const before = await settingsBefore(session, recorded);
  await restoreSettings(
    session,
    before.filter(({ role }) => role === user),
  );
  await endOlderSessions(context, session);
}

/** The fence's settings again, also where the migration has set others, and no session left that began without them. */
export async function closeAfterMigration(context: StepContext, session: Session): Promise<void> {
  const { user } = context.request.database;
  const now = await readRoleSettings(session);
  await closeRoles(
    session,
    now.filter(({ role }) => role === user),
  );
  await endOlderSessions(context, session);
}

/** A setting reaches new sessions only, and a pooler keeps old ones. */
async function endOlderSessions(context: StepContext, session: Session): Promise<void> {
  const { clock, progress, request } = context;
  const selection = { roles: [request.database.user], begunUntil: await serverTime(session) };
  const wait = { clock, seconds: END_SECONDS, report: progress.report };
  if (!(await endSessions(session, selection, wait))) refuse('not-in-time', "the migration's sessions did not end");
}
