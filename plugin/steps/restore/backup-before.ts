import { LifecycleError, type ErrorCode } from '../../errors/errors.ts';
import { takeIncremental } from '../backup/backup.ts';
import { refuse, type Evidence, type RunStep } from '../ports/step.ts';
import { downBy } from './open-restores.ts';

const NOT_MADE: readonly ErrorCode[] = ['backup-failed', 'not-in-time'];

/**
 * The backup before a restore. It shortens the way back, which the restore point and the archive keep in any case: so one that cannot
 * be made, of damaged files for example, stands in nobody's way.
 */
export const backupBefore: RunStep = async (context): Promise<Evidence> => {
  const { backup, blue } = context.request;
  if (backup === undefined) return refuse('request-invalid', 'the request names no backup');
  const down = downBy(await context.ledger.read(), blue.name);
  if (down) return { skipped: `the database is down since restore ${down.id}` };
  return takeIncremental(context, blue.cluster, backup.id).catch((error: unknown) => {
    if (error instanceof LifecycleError && NOT_MADE.includes(error.code)) return { skipped: error.message };
    throw error;
  });
};
