import { textOf } from '../../../errors/text-of.ts';
import type { Status } from '../../../lifecycle/status.ts';
import type { StepInstance } from '../../../plan/step-request.ts';
import { areClosed, readRoleSettings } from '../../../postgres/roles.ts';
import { withSession, type Session } from '../../../postgres/session.ts';
import { closeAfterMigration } from '../../database/migrating-role.ts';
import { MAINTENANCE, openSuperuser } from '../../database/sessions.ts';
import { decisionOf } from '../../ledger/decision.ts';
import { isDone } from '../../ledger/step-records.ts';
import type { StepContext } from '../../ports/step.ts';
import { takeTurn } from '../turn.ts';

/**
 * From the record "done" of the migration until the decision, green is closed (ADR 14). It is looked at, not remembered: a
 * failover of green can undo what was committed a moment before, and somebody may have opened it by hand. That green does
 * not answer is not this look's business.
 */
export async function keepGreenClosed(context: StepContext): Promise<undefined> {
  const { green } = context.request;
  try {
    if (green && isDue((await context.ledger.read()).status, context)) await closeIfOpen(context, green);
  } catch (error) {
    context.progress.report(`looking at green: ${textOf(error)}`);
  }
  return undefined;
}

const isDue = (status: Status, { request: { digest } }: StepContext): boolean =>
  decisionOf(status, digest)?.state === 'Fenced' && isDone(status, digest, 'migrate');

async function closeIfOpen(context: StepContext, green: StepInstance): Promise<void> {
  await withSession(openSuperuser(context, green, 'window')(MAINTENANCE), async (session) => {
    if (await isClosed(context, session)) return;
    // A commit opens green under the same turn: read under it, Fenced means that none has yet.
    const mine = await takeTurn(context, session);
    if (mine && isDue((await mine.ledger.read()).status, mine)) await closeAfterMigration(mine, session);
  });
}

async function isClosed({ request }: StepContext, session: Session): Promise<boolean> {
  return areClosed((await readRoleSettings(session)).filter(({ role }) => role === request.database.user));
}
