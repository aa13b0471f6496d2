import type { Decision } from '../../lifecycle/status.ts';
import type { StepInstance } from '../../plan/step-request.ts';
import { endSessions } from '../../postgres/end-sessions.ts';
import { serverTime } from '../../postgres/identity.ts';
import { openRoles, roleNames } from '../../postgres/roles.ts';
import { withSession } from '../../postgres/session.ts';
import { refuse, type StepContext } from '../step.ts';
import { MAINTENANCE, openSuperuser } from '../sessions.ts';
import { loginCanaries, wrongCanaries } from './canaries.ts';
import { note } from './decide.ts';

const END_SECONDS = 20;

/** C4: green's settings as they were on blue before the fence, LOGIN, and no session left that carries the old ones. */
export async function openGreen(context: StepContext, green: StepInstance, decision: Decision): Promise<void> {
  if (decision.greenOpened !== undefined) return;
  const { roles = [] } = decision;
  await withSession(openSuperuser(context, green, 'commit')(MAINTENANCE), async (session) => {
    await openRoles(session, roles);
    const begunUntil = await serverTime(session);
    const selection = { roles: roleNames(roles), begunUntil };
    const ended = await endSessions(session, selection, { clock: context.clock, seconds: END_SECONDS });
    if (!ended) refuse('not-in-time', "green's read-only sessions did not end");
    const wrong = wrongCanaries(await loginCanaries(context, green, session), '00000');
    if (wrong.length > 0) refuse('not-in-time', `green does not take writes: ${wrong.join('; ')}`);
  });
  await note(context, 'Committed', () => ({ greenOpened: context.clock.now().toISOString() }));
}
