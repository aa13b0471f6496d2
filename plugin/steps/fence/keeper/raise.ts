import type { RoleSettings } from '../../../lifecycle/status.ts';
import type { RoleCanary } from '../../../postgres/canary.ts';
import { endSessions } from '../../../postgres/end-sessions.ts';
import { serverTime } from '../../../postgres/identity.ts';
import type { HeldLocks } from '../../../postgres/locks.ts';
import { areClosed, closeRoles, readRoleSettings, roleNames } from '../../../postgres/roles.ts';
import type { Session } from '../../../postgres/session.ts';
import { refuse, type StepContext } from '../../ports/step.ts';
import { canariesOfAll, loginCanaries, undefinedIfFull, wrongCanaries } from '../canaries.ts';
import type { BlueConnections } from '../connections.ts';
import { readDecision } from '../decide.ts';
import { lockBlue } from '../lock-blue.ts';
import { markFenced } from '../marks.ts';
import { giveTurn, takeTurn } from '../turn.ts';

const END_SECONDS = 10;

/** The fence stands: who holds it, and when (server's clock) the settings began to hold for new sessions. */
export interface Closed {
  readonly held: readonly HeldLocks[];
  readonly settingsSince: string;
}

/** F1 to F4 and F6, in this order. @param roles as they were before, recorded in the ledger already. */
export async function closeBlueToWrites(
  context: StepContext,
  blue: BlueConnections,
  roles: readonly RoleSettings[],
): Promise<Closed> {
  const { clock, progress } = context;
  const names = roleNames(roles);
  const { report } = progress;
  await closeUnderTurn(context, blue, roles);
  const settingsSince = await serverTime(blue.helper);
  await expectReadOnly(context, blue.helper);
  const selection = { roles: names, begunUntil: settingsSince, spareRunningReaders: true };
  if (!(await endSessions(blue.helper, selection, { clock, seconds: END_SECONDS, report }))) {
    refuse('locks-not-granted', 'sessions of the application from before the fence did not end in time');
  }
  const held = await lockBlue(context, blue, 'fence');
  expectRefusal(await canariesOfAll(context, context.request.blue, blue.helper, names), '55P03');
  return { held, settingsSince };
}

/**
 * F1, but only while the decision is Fenced: the answer to the compare-and-swap may have come late, and an abort may have
 * opened blue meanwhile. It is read under the turn that an abort has to take as well, held by the very session that makes
 * the change. So an abort that finished before is seen here, and one that comes after opens what was closed here; on a
 * connection that is lost nothing is changed without the turn.
 */
async function closeUnderTurn(
  context: StepContext,
  { helper }: BlueConnections,
  roles: readonly RoleSettings[],
): Promise<void> {
  const mine =
    (await takeTurn(context, helper)) ?? refuse('not-in-time', 'another step has had the turn on blue for long');
  const { state } = await readDecision(mine);
  if (state !== 'Fenced') refuse('decision-lost', `the decision is ${state}: blue is left as it is`);
  await markFenced(mine, helper);
  await closeRoles(helper, roles);
  await giveTurn(mine, helper);
}

/** Before any lock, so that nothing but the settings refuses it. Where the application has every connection, they are read. */
async function expectReadOnly(context: StepContext, helper: Session): Promise<void> {
  const seen = await loginCanaries(context, context.request.blue, helper).catch(undefinedIfFull);
  if (seen) expectRefusal(seen, '25006');
  else if (!areClosed(await readRoleSettings(helper))) refuse('fence-leaks', "a role's settings let it write");
}

function expectRefusal(canaries: readonly RoleCanary[], expected: '25006' | '55P03'): void {
  const wrong = wrongCanaries(canaries, expected);
  if (wrong.length > 0) refuse('fence-leaks', wrong.join('; '));
}
