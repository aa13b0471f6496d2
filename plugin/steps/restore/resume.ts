import type { RestoreRecord, Status } from '../../lifecycle/status.ts';
import { ANNOTATION } from '../../plan/labels.ts';
import { presentCluster } from '../operator/present-cluster.ts';
import { isTrafficOff } from '../application/traffic.ts';
import type { Evidence, RunStep, StepContext } from '../ports/step.ts';
import { finishPause } from './finish-pause.ts';
import { restoreProgress } from './restore-progress.ts';
import { begunRestore } from './open-restores.ts';
import { moveRestore, noteRestore, restoreOf } from './restore-records.ts';
import { wantedRestore } from './wanted-restore.ts';

/** What was on its way when the ledger was taken back has arrived by then, or is refused by the policy. */
const SETTLE_MILLISECONDS = 5000;

/**
 * The SyncFail hook: a restore that has not begun is as if it had not been asked for. Clients are back on what was there, and the
 * next sync pauses them anew. One that has begun goes on or has failed: clients stay off, and its record says why.
 */
export const resume: RunStep = async (context): Promise<Evidence> => {
  const { ledger, request } = context;
  const { id } = wantedRestore(request);
  const record = restoreOf((await ledger.read()).status, id);
  if (record === undefined) return { restore: 'none' };
  const { clientsBackAt, state } = record;
  if (clientsBackAt !== undefined || (state === 'Restored' && !(await isTrafficOff(context)))) {
    return { restore: state, traffic: 'on' };
  }
  const goesOn = BEGUN.includes(state) && !(state === 'Restoring' && (await takenBack(context, id)));
  const begun = goesOn ? record : begunRestore(await ledger.read(), request.blue.name);
  if (begun) {
    await ledger.update(({ status }) => ({ ...status, phase: 'TrafficOff', message: whyOff(status, begun) }));
    return { restore: state, traffic: 'off' };
  }
  await finishPause(context);
  return { restore: 'not begun', traffic: 'on' };
};

const BEGUN: readonly RestoreRecord['state'][] = ['Restoring', 'Restored', 'Failed'];

function whyOff({ message = '' }: Status, { id, state, reason }: RestoreRecord): string {
  if (state === 'Failed') return `clients are off: ${reason ?? message}; ask for a restore with a new id`;
  const what = state === 'Restoring' ? `restore ${id} goes on` : `restore ${id} is done, but ${message}`;
  return `clients are off: ${what}; raise restore.attempt to go on`;
}

/**
 * The ledger's word comes before the request, so that one which was refused or never arrived is on record as begun. It is taken
 * back first, because the policy lets nothing begin then, and only then is the object looked at.
 */
async function takenBack(context: StepContext, id: string): Promise<boolean> {
  const { clock, ledger, request } = context;
  if (await isAsked(context, id)) return false;
  const { approvedBy, pullRequest, operatorHad } = restoreOf((await ledger.read()).status, id) ?? {};
  await ledger.update(({ status }) =>
    noteRestore(status, id, ['Restoring'], {
      state: 'Paused',
      startedAt: undefined,
      uid: undefined,
      operatorHad: undefined,
      approvedBy: undefined,
      pullRequest: undefined,
    }),
  );
  await clock.sleep(SETTLE_MILLISECONDS);
  if (!(await isAsked(context, id))) return true;
  const view = await presentCluster(context, request.blue.cluster);
  await ledger.update(({ status }) =>
    moveRestore(status, id, 'Restoring', {
      startedAt: clock.now().toISOString(),
      uid: view.uid,
      ...(approvedBy && { approvedBy }),
      ...(pullRequest !== undefined && { pullRequest }),
      ...(operatorHad !== undefined && { operatorHad }),
    }),
  );
  return false;
}

async function isAsked(context: StepContext, id: string): Promise<boolean> {
  const view = await presentCluster(context, context.request.blue.cluster);
  return view.annotations[ANNOTATION.pgoRestore] === id || restoreProgress(view, id).state !== 'requested';
}
