import type { RestoreRecord } from '../../lifecycle/status.ts';
import { endOpenWriters } from '../../postgres/open-writers.ts';
import { endSessions } from '../../postgres/end-sessions.ts';
import { denyLogin, openRoles, readRoleSettings, roleNames } from '../../postgres/roles.ts';
import { withSession, type Session } from '../../postgres/session.ts';
import { isoMoment, type Moment } from '../../restorable/moment.ts';
import { MAINTENANCE, openSuperuser } from '../database/sessions.ts';
import { refuse, type StepContext } from '../ports/step.ts';
import { waitForTurn } from './wait-for-turn.ts';
import { markArchived, proveTarget } from './prove-target.ts';
import type { WantedRestore } from './wanted-restore.ts';
import { moveRestore, noteRestore, recoveryRecord, restoreOf } from './restore-records.ts';

const END_SECONDS = 60;

/** One for each pause: after a pause that was undone clients have written again. */
const wayBack =
  (id: string) =>
  (at: Moment): string =>
    `before-${id}-${isoMoment(at).replaceAll(/[-:]/g, '')}`;

/**
 * Nobody writes any more, and what was written is kept: the application's roles cannot log in, their sessions are ended, then a
 * restore point is made and archived, to which a later restore can go back. The roles' settings go into the ledger before the first
 * change. Nothing but a restore takes data away, so unlike a fence this holds no locks: a superuser, the operator's roles and ours
 * could still write, and what they write after the restore point has no way back. The target is proven once more, because the
 * backup that was taken since may have made the repository drop what leads there.
 */
export async function pauseDatabase(context: StepContext, wanted: WantedRestore): Promise<RestoreRecord> {
  await waitForTurn(context, context.request.blue.cluster);
  const open = openSuperuser(context, context.request.blue, 'pause');
  return withSession(open(MAINTENANCE), async (session) => {
    const record = await withRoles(context, session, wanted.id);
    await closeToWriters(context, session, record);
    const mark = await markArchived(context, session, record.before ? undefined : wayBack(wanted.id));
    const { recovery, label } = await proveTarget(context, session, wanted, mark);
    const { name: point, at, lsn, timeline } = mark;
    const { written, view } = await context.ledger.update(({ status }) =>
      moveRestore(status, wanted.id, 'Paused', {
        before: record.before ?? { point, at: isoMoment(at), lsn, timeline, ...(label !== undefined && { label }) },
        recovery: recoveryRecord(recovery),
      }),
    );
    const paused = restoreOf(view.status, wanted.id);
    return written && paused ? paused : refuse('step-out-of-order', `restore ${wanted.id} went on without this step`);
  });
}

async function withRoles(context: StepContext, session: Session, id: string): Promise<RestoreRecord> {
  const now = await readRoleSettings(session);
  const { view } = await context.ledger.update(({ status }) => {
    const before = restoreOf(status, id)?.roles ?? [];
    const since = now.filter(({ role }) => !roleNames(before).includes(role));
    return noteRestore(status, id, ['Requested', 'Paused'], { roles: [...before, ...since] });
  });
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
  const names = roleNames(roles);
  await denyLogin(session, names);
  const ended = await endSessions(session, { roles: names }, { clock, seconds: END_SECONDS });
  const left = ended ? await endOpenWriters(session, [session.pid], { clock, seconds: END_SECONDS }) : 'a session';
  if (left !== undefined) refuse('not-in-time', `${left} of the application's did not end within ${END_SECONDS} s`);
}

/**
 * Undoes the pause of a restore that has not begun: the roles are as they were. Its way back is forgotten first, because clients
 * write again.
 */
export async function resumeDatabase(context: StepContext, id: string): Promise<void> {
  const { view } = await context.ledger.update(({ status }) =>
    moveRestore(status, id, 'Requested', { before: undefined }),
  );
  const record = restoreOf(view.status, id);
  if (record?.state !== 'Requested' || record.roles === undefined) return;
  const { roles } = record;
  const open = openSuperuser(context, context.request.blue, 'resume');
  await withSession(open(MAINTENANCE), (session) => openRoles(session, roles));
}
