import type { RoleSettings } from '../../../lifecycle/status.ts';
import { endByName } from '../../../postgres/evidence.ts';
import { serverIdentity, type ServerIdentity } from '../../../postgres/identity.ts';
import { openRoles } from '../../../postgres/roles.ts';
import { withSession, type Session } from '../../../postgres/session.ts';
import { MAINTENANCE, openSuperuser, programName } from '../../database/sessions.ts';
import { refuse, type StepContext } from '../../ports/step.ts';
import { tryToClose } from '../abort/close-green.ts';
import { endLocks, openToWrites, type Opened } from '../abort/finish-abort.ts';
import { checkUndecided } from '../marks.ts';
import { takeTurn } from '../turn.ts';

/** What a keeper knows of blue without the ledger. */
export interface KnownBlue {
  /** As recorded before the fence. */
  readonly roles: readonly RoleSettings[];
  /** Undefined before there was evidence, when nobody can commit. */
  readonly server: Pick<ServerIdentity, 'systemIdentifier' | 'timeline'> | undefined;
}

/**
 * Opens blue although the ledger cannot be told, and tells by blue itself that nobody may commit any more (ADR 18): under the turn,
 * and while no commit has begun to decide, the transactions that hold the fence are ended for good. Green is closed before, as far
 * as it answers.
 * @param release lets go of the caller's own locks. @throws LifecycleError `not-in-time` while only the ledger can say.
 */
export async function giveUp(
  context: StepContext,
  { roles, server }: KnownBlue,
  release: () => Promise<void>,
): Promise<Opened> {
  const { blue, green } = context.request;
  return withSession(openSuperuser(context, blue, 'abort')(MAINTENANCE), async (session) => {
    await checkServer(session, server);
    await checkUndecided(context, session);
    // It may have the turn on a connection that is dead.
    await endByName(session, programName(context, 'window'));
    if (!(await takeTurn(context, session))) refuse('not-in-time', 'another step has had the turn on blue for long');
    await checkUndecided(context, session);
    await release();
    await endLocks(context, session);
    if (green) await tryToClose(context, green);
    await openRoles(session, roles);
    const opened = await openToWrites(context, session, roles, release);
    context.progress.report('blue takes writes again; the ledger is told when it answers');
    return opened;
  });
}

/** A mark survives a crash, but a standby that was promoted may not have got it. */
async function checkServer(session: Session, expected: KnownBlue['server']): Promise<void> {
  const seen = await serverIdentity(session);
  if (seen === undefined) refuse('not-in-time', "blue's server is in recovery");
  if (!expected) return;
  if (seen.systemIdentifier !== expected.systemIdentifier || seen.timeline !== expected.timeline) {
    refuse('not-in-time', 'blue failed over: only the ledger knows whether a commit had begun to decide');
  }
}
