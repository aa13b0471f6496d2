import type { Decision } from '../../../lifecycle/status.ts';
import { holderProblems } from '../../../postgres/evidence.ts';
import { removeMarks, setMark } from '../../../postgres/mark.ts';
import { withSession } from '../../../postgres/session.ts';
import { MAINTENANCE, openSuperuser } from '../../database/sessions.ts';
import type { Ledger } from '../../ports/ports.ts';
import { refuse, type StepContext } from '../../ports/step.ts';
import { asLost } from '../as-lost.ts';
import type { BlueConnections } from '../connections.ts';
import { decide } from '../decide.ts';
import { newDecidingMark } from '../marks.ts';
import { giveTurn, takeTurn } from '../turn.ts';

/**
 * C3. A write whose answer does not come may still arrive, and blue must not be open then. So, under the turn (ADR 18):
 * - a commit marks blue before it writes, and only while the keeper's transactions still hold their locks;
 * - a keeper that gives up on the ledger ends these transactions, and only while there is no mark.
 * After the one the other cannot follow. When the write was never sent, nothing has begun, and the mark goes again.
 */
export async function decideToCommit(
  context: StepContext,
  blue: BlueConnections,
  fenced: Decision,
): ReturnType<typeof decide> {
  const mark = newDecidingMark(context);
  const { ledger, sent } = noticing(context.ledger);
  try {
    await begin(context, blue, fenced, mark).catch(asLost);
    return await decide({ ...context, ledger }, 'Committed', { committedAt: context.clock.now().toISOString() });
  } catch (error) {
    if (!sent()) await takeBack(context, mark);
    throw error;
  }
}

async function begin(
  context: StepContext,
  { helper }: BlueConnections,
  { fence }: Decision,
  mark: string,
): Promise<void> {
  if (!(await takeTurn(context, helper))) refuse('not-in-time', 'another step has had the turn on blue for long');
  const problems = await holderProblems(helper, fence?.holders ?? []);
  if (problems.length > 0) refuse('fence-lost', problems.join('; '));
  await setMark(helper, mark);
  await giveTurn(context, helper);
}

/** On a session of its own: the one that set the mark may be what failed. */
async function takeBack(context: StepContext, mark: string): Promise<void> {
  const open = openSuperuser(context, context.request.blue, 'commit');
  await withSession(open(MAINTENANCE), (session) => removeMarks(session, mark)).catch(() => undefined);
}

/** Whether a write has been sent. */
function noticing(ledger: Ledger): { readonly ledger: Ledger; readonly sent: () => boolean } {
  let sent = false;
  return {
    sent: () => sent,
    ledger: {
      read: () => ledger.read(),
      update: (change) =>
        ledger.update((view) => {
          const status = change(view);
          if (status !== undefined) sent = true;
          return status;
        }),
    },
  };
}
