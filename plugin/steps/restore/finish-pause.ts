import { scaleApplication } from '../application/scale-application.ts';
import { trafficOn } from '../application/traffic.ts';
import type { StepContext } from '../ports/step.ts';
import { resumeDatabase } from './pause-database.ts';
import { leftPaused, noteRestore } from './restore-records.ts';

/**
 * Undoes the pause of a restore that has not begun: clients are back on what was there. Level-triggered: where nothing is paused it
 * does nothing.
 */
export async function finishPause(context: StepContext): Promise<void> {
  const { blue } = context.request;
  const left = leftPaused((await context.ledger.read()).status, blue.name);
  if (left === undefined) return;
  await resumeDatabase(context, left.id);
  await scaleApplication(context, blue);
  await trafficOn(context);
  await context.ledger.update(({ status }) => {
    const noted = noteRestore(status, left.id, ['Requested'], { clientsOffAt: undefined });
    return noted && { ...noted, phase: 'Resumed' };
  });
}
