import { withSession } from '../../postgres/session.ts';
import { closeRestored } from '../beside/verify-beside.ts';
import { cloneOf } from '../beside/clone-records.ts';
import { restoredInstance } from '../beside/restored-instance.ts';
import { MAINTENANCE, openSuperuser } from '../database/sessions.ts';
import { decisionOf } from '../ledger/decision.ts';
import { requireCurrent } from '../ledger/require-current.ts';
import { isDone } from '../ledger/step-records.ts';
import { refuse, type Evidence, type RunStep } from '../ports/step.ts';
import { requireNoRestore } from '../restore/open-restores.ts';
import { requireApproval } from '../restore/require-approval.ts';
import { wantedRestore } from '../restore/wanted-restore.ts';
import { finishDecision, type FinishWindow } from './finish-window.ts';
import type { DatabaseGuards } from './guards.ts';
import { refuseFromLedger } from './ledger-guards.ts';
import { openThisDecision, waitForGuards } from './preflight.ts';

/**
 * Before the window of a restore beside, which may be hours after its preflight: everything that has to hold for a fence, and the
 * decision, which lets the keeper raise it. What was restored is made read-only again, in case somebody has written to it.
 */
export function createOpenWindow(databaseGuards: DatabaseGuards, finish: FinishWindow): RunStep {
  return async (context): Promise<Evidence> => {
    const { ledger, request } = context;
    requireCurrent(await ledger.read(), request);
    await finishDecision(context, finish);
    const view = await ledger.read();
    const { state } = decisionOf(view.status, request.digest) ?? {};
    // Killed between the decision and the record of this step: what came after has gone on.
    if (state === 'Fenced' || state === 'Committed') return { decision: state };
    refuseFromLedger(view, request);
    requireNoRestore(view, request.blue.name);
    if (!isDone(view.status, request.digest, 'smoke')) refuse('step-out-of-order', 'step smoke is not done');
    await waitForGuards(context, databaseGuards);
    const { id } = wantedRestore(request);
    const { roles = [] } = cloneOf(view.status, id) ?? {};
    const open = openSuperuser(context, restoredInstance(request), 'open-window');
    await withSession(open(MAINTENANCE), (session) => closeRestored(context, session));
    const approval = await requireApproval(context, undefined, request.windowBudgetSeconds);
    await openThisDecision(context, { greenRoles: [...roles], ...approval });
    return { guards: 'hold', decision: 'Open' };
  };
}
