import { drain } from '../application/drain.ts';
import { trafficOff } from '../application/traffic.ts';
import { refuse, type Evidence, type RunStep } from '../ports/step.ts';
import { pauseDatabase } from './pause-database.ts';
import { restoreOf } from './restore-records.ts';
import { wantedRestore } from './wanted-restore.ts';

/** Above the default grace of a pod. */
const DRAIN_SECONDS = 60;

/**
 * Clients off, then the application, then its roles; whoever is still there is ended with them. What is written until then is kept
 * by the restore point.
 */
export const pause: RunStep = async (context): Promise<Evidence> => {
  const wanted = wantedRestore(context.request);
  const known = restoreOf((await context.ledger.read()).status, wanted.id);
  if (known === undefined) refuse('step-out-of-order', `restore ${wanted.id} was not prepared`);
  // It goes on behind this step.
  if (known.startedAt !== undefined) return { restore: known.state };
  const { blue } = context.request;
  await trafficOff(context, wanted.id);
  await drain(context, { instance: blue.name, application: blue.application }, DRAIN_SECONDS);
  const { before, recovery } = await pauseDatabase(context, wanted);
  return {
    ...(before && { restorePoint: before.point, lsn: before.lsn, until: before.at }),
    backup: recovery.label,
    ...(recovery.reaches !== undefined && { reaches: recovery.reaches }),
  };
};
