import { takeIncremental } from '../backup/backup.ts';
import { refuse, type Evidence, type RunStep } from '../ports/step.ts';
import { downBy } from './restore-records.ts';

/** The backup before a restore: it shortens the way back, which the restore point and the archive keep in any case. */
export const backupBefore: RunStep = async (context): Promise<Evidence> => {
  const { backup, blue } = context.request;
  if (backup === undefined) return refuse('request-invalid', 'the request names no backup');
  const down = downBy((await context.ledger.read()).status, blue.name);
  if (down) return { skipped: `the database is down since restore ${down.id}` };
  return takeIncremental(context, blue.cluster, backup.id);
};
