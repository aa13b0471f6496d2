import { startApplication } from '../application/scale-application.ts';
import { trafficOn } from '../application/traffic.ts';
import { withoutRecord } from '../ledger/step-records.ts';
import type { StepContext } from '../ports/step.ts';
import { resumeDatabase } from './pause-database.ts';
import { begunRestore, leftPaused } from './open-restores.ts';
import { noteRestore } from './restore-records.ts';

/**
 * Undoes the pause of a restore that has not begun: clients are back on what was there, and it has to pause again before it may begin.
 * Level-triggered: where nothing is paused it does nothing, nor where an earlier restore has begun and is not confirmed: there is nothing
 * to go back to. The application is not waited for: that it is not well may be why somebody restores.
 */
export async function finishPause(context: StepContext): Promise<void> {
  const { blue } = context.request;
  const view = await context.ledger.read();
  const left = leftPaused(view, blue.name);
  if (left === undefined || begunRestore(view, blue.name)) return;
  await resumeDatabase(context, left.id);
  await startApplication(context, blue);
  await trafficOn(context);
  await context.ledger.update(({ status }) => {
    const noted = noteRestore(status, left.id, ['Requested'], { clientsOffAt: undefined });
    return noted && { ...withoutRecord(noted, left.digest, 'pause'), phase: 'Resumed' };
  });
}
