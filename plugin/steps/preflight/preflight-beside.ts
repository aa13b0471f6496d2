import { prepareClone } from '../beside/prepare-clone.ts';
import { requireCurrent } from '../ledger/require-current.ts';
import type { Evidence, RunStep } from '../ports/step.ts';
import { finishPause } from '../restore/finish-pause.ts';
import { requireNoRestore } from '../restore/open-restores.ts';
import { waitForTurn } from '../restore/wait-for-turn.ts';
import { finishDecision, type FinishWindow } from './finish-window.ts';
import { proven } from '../restore/prove-target.ts';
import { refuseFromLedger } from './ledger-guards.ts';

/** What a window left is finished, then the target of a restore beside is proven reachable. Nothing is asked of what a fence would miss: none is near. */
export function createPreflightBeside(finish: FinishWindow): RunStep {
  return async (context): Promise<Evidence> => {
    const { ledger, request } = context;
    requireCurrent(await ledger.read(), request);
    await finishDecision(context, finish);
    await finishPause(context);
    const view = await ledger.read();
    refuseFromLedger(view, request);
    requireNoRestore(view, request.blue.name);
    // A backup that ends may expire what a restore needs.
    await waitForTurn(context, request.blue.cluster);
    return prepareClone(context, proven);
  };
}
