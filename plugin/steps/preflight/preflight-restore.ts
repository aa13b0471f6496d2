import { prepareRestore } from '../restore/prepare-restore.ts';
import { finishPause } from '../restore/finish-pause.ts';
import { leftPaused } from '../restore/open-restores.ts';
import { restoreOf } from '../restore/restore-records.ts';
import { wantedRestore } from '../restore/wanted-restore.ts';
import { waitForTurn } from '../restore/wait-for-turn.ts';
import type { RunStep } from '../ports/step.ts';
import { finishDecision, type FinishWindow } from './finish-window.ts';
import { requireCurrent } from '../ledger/require-current.ts';
import { refuseFromLedger } from './ledger-guards.ts';

/** What a window left is finished, then the target of a restore is proven reachable. An id that has begun is not asked again. */
export function createPreflightOfRestore(finish: FinishWindow): RunStep {
  return async (context) => {
    const { ledger, request } = context;
    requireCurrent(await ledger.read(), request);
    await finishDecision(context, finish);
    const view = await ledger.read();
    refuseFromLedger(view, request);
    const wanted = wantedRestore(request);
    const left = leftPaused(view, request.blue.name);
    // Its own goes on where it was.
    if (left !== undefined && left.id !== wanted.id) await finishPause(context);
    if (restoreOf(view.status, wanted.id)?.startedAt === undefined) await waitForTurn(context, request.blue.cluster);
    return prepareRestore(context, wanted);
  };
}
