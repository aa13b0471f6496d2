import { withSession, type Session } from '../../postgres/session.ts';
import { closeAfterMigration, openToMigration } from '../database/migrating-role.ts';
import { MAINTENANCE, openSuperuser } from '../database/sessions.ts';
import { decisionOf } from '../ledger/decision.ts';
import type { StepContext } from '../ports/step.ts';

/** Green while the migration runs (ADR 14). At rest there is no fence, and so nothing to open. */
export async function openGreenToMigration(context: StepContext): Promise<void> {
  const { ledger, request } = context;
  const { status } = await ledger.read();
  const roles = request.plan === 'Switch' ? (decisionOf(status, request.digest)?.roles ?? []) : undefined;
  await onGreen(context, (session) => openToMigration(context, session, roles));
}

export async function closeGreenAfterMigration(context: StepContext): Promise<void> {
  await onGreen(context, (session) => closeAfterMigration(context, session));
}

async function onGreen(context: StepContext, use: (session: Session) => Promise<void>): Promise<void> {
  const { green } = context.request;
  if (green) await withSession(openSuperuser(context, green, 'migrate')(MAINTENANCE), use);
}
