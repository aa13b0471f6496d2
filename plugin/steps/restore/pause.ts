import type { RestoreRecord } from '../../lifecycle/status.ts';
import { drain } from '../application/drain.ts';
import { trafficOff } from '../application/traffic.ts';
import { requireCurrent } from '../ledger/require-current.ts';
import { refuse, type Evidence, type RunStep, type StepContext } from '../ports/step.ts';
import { pauseDatabase } from './pause-database.ts';
import { downBy } from './open-restores.ts';
import { BEGINS_WITHIN_SECONDS, requireApproval } from './require-approval.ts';
import { requireSame } from './require-same.ts';
import { moveRestore, noteRestore, restoreOf } from './restore-records.ts';
import { waitForTurn } from './wait-for-turn.ts';
import { wantedRestore } from './wanted-restore.ts';

/** Above the default grace of a pod. */
const DRAIN_SECONDS = 60;

/**
 * Clients off, then the application, then its roles; whoever is still there is ended with them. What is written until then is kept
 * by the restore point. Where an earlier restore has left the database down, nobody is there, and what was kept for that one is.
 */
export const pause: RunStep = async (context): Promise<Evidence> => {
  const { blue } = context.request;
  const wanted = wantedRestore(context.request);
  const view = await context.ledger.read();
  requireCurrent(view, context.request);
  const known =
    restoreOf(view.status, wanted.id) ?? refuse('step-out-of-order', `restore ${wanted.id} was not prepared`);
  requireSame(known, context.request, wanted);
  // It goes on behind this step.
  if (known.startedAt !== undefined) return { restore: known.state };
  const down = downBy(view, blue.name);
  // A backup that runs is waited for while clients are still served.
  if (!down) await waitForTurn(context, blue.cluster);
  await requireApproval(context, known, BEGINS_WITHIN_SECONDS);
  await noteClientsOff(context, wanted.id);
  await trafficOff(context, wanted.id);
  if (down) {
    await context.ledger.update(({ status }) => moveRestore(status, wanted.id, 'Paused'));
    return { restore: 'Paused', downBy: down.id };
  }
  await drain(context, { instance: blue.name, application: blue.application }, DRAIN_SECONDS);
  return evidenceOf(await pauseDatabase(context, wanted));
};

/** Before the first change: whoever finds the pause left knows that there is something to undo. */
async function noteClientsOff({ clock, ledger, request }: StepContext, id: string): Promise<void> {
  await ledger.update((view) => {
    const { status } = view;
    // Again: another plan may have taken its place while a backup was waited for.
    requireCurrent(view, request);
    const clientsOffAt = restoreOf(status, id)?.clientsOffAt ?? clock.now().toISOString();
    const noted = noteRestore(status, id, ['Requested', 'Paused'], { clientsOffAt });
    return noted && { ...noted, phase: 'Restoring' };
  });
}

const evidenceOf = ({ before, recovery }: RestoreRecord): Evidence => ({
  ...(before && { restorePoint: before.point, lsn: before.lsn, until: before.at }),
  backup: recovery.label,
  ...(recovery.reaches !== undefined && { reaches: recovery.reaches }),
});
