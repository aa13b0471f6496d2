import type { RestoreRecord } from '../../lifecycle/status.ts';
import { endOpenWriters } from '../../postgres/open-writers.ts';
import { endSessions } from '../../postgres/end-sessions.ts';
import { markMoment } from '../../postgres/repository/mark-moment.ts';
import { waitArchived } from '../../postgres/restore-point.ts';
import { denyLogin, openRoles, readRoleSettings, roleNames } from '../../postgres/roles.ts';
import { withSession, type Session } from '../../postgres/session.ts';
import { isoMoment } from '../../restorable/moment.ts';
import { MAINTENANCE, openSuperuser } from '../database/sessions.ts';
import { refuse, type StepContext } from '../ports/step.ts';
import { moveRestore, noteRestore, restoreOf } from './restore-records.ts';

const END_SECONDS = 60;
const ARCHIVE_SECONDS = 300;

const wayBack = (id: string): string => `before-${id}`;

/**
 * Nobody writes any more, and what was written is kept: the application's roles cannot log in, their sessions are ended, then a
 * restore point is made and archived, to which a later restore can go back. The roles' settings go into the ledger before the first
 * change. Nothing but a restore takes data away, so unlike a fence this holds no locks: a superuser, the operator's roles and ours
 * could still write, and what they write after the restore point has no way back.
 */
export async function pauseDatabase(context: StepContext, id: string): Promise<NonNullable<RestoreRecord['before']>> {
  const open = openSuperuser(context, context.request.blue, 'pause');
  return withSession(open(MAINTENANCE), async (session) => {
    const record = await withRoles(context, session, id);
    await closeToWriters(context, session, record);
    if (record.before !== undefined) return record.before;
    const { clock, ledger, progress } = context;
    const { at, lsn, timeline, walFile } = await markMoment(session, wayBack(id));
    if (!(await waitArchived(session, walFile, { clock, seconds: ARCHIVE_SECONDS, report: progress.report }))) {
      refuse('not-archived', `${walFile} did not reach the archive within ${ARCHIVE_SECONDS} s: there is no way back`);
    }
    const before = { point: wayBack(id), at: isoMoment(at), lsn, timeline };
    const { written } = await ledger.update(({ status }) => moveRestore(status, id, 'Paused', { before }));
    return written ? before : refuse('step-out-of-order', `restore ${id} went on without this step`);
  });
}

async function withRoles(context: StepContext, session: Session, id: string): Promise<RestoreRecord> {
  const roles = await readRoleSettings(session);
  const { view } = await context.ledger.update(({ status }) =>
    restoreOf(status, id)?.roles === undefined ? noteRestore(status, id, ['Requested'], { roles }) : undefined,
  );
  const record = restoreOf(view.status, id);
  if (record?.roles === undefined || !['Requested', 'Paused'].includes(record.state)) {
    return refuse(
      'step-out-of-order',
      `restore ${id} is ${record?.state ?? 'not on record'}, so nothing is paused for it`,
    );
  }
  return record;
}

/** Level-triggered: whoever got in since is out again. */
async function closeToWriters({ clock }: StepContext, session: Session, { roles = [] }: RestoreRecord): Promise<void> {
  const names = [...new Set([...roleNames(roles), ...roleNames(await readRoleSettings(session))])];
  await denyLogin(session, names);
  const ended = await endSessions(session, { roles: names }, { clock, seconds: END_SECONDS });
  const left = ended ? await endOpenWriters(session, [session.pid], { clock, seconds: END_SECONDS }) : 'a session';
  if (left !== undefined) refuse('not-in-time', `${left} of the application's did not end within ${END_SECONDS} s`);
}

/** Undoes the pause of a restore that has not begun: the roles are as they were. */
export async function resumeDatabase(context: StepContext, id: string): Promise<void> {
  const { status } = await context.ledger.read();
  const record = restoreOf(status, id);
  if (record?.roles === undefined || !['Requested', 'Paused'].includes(record.state)) return;
  const open = openSuperuser(context, context.request.blue, 'resume');
  await withSession(open(MAINTENANCE), (session) => openRoles(session, record.roles));
}
