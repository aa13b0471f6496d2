import { unfinishedBackupJobs } from '../backup/backup-jobs.ts';
import type { StepContext } from '../ports/step.ts';
import { found, seen, waitFor } from '../ports/wait.ts';

const TURN_SECONDS = 900;

/** I9: a backup and a restore never run at the same time, and a backup that ends may expire what a restore needs. */
export async function waitForTurn(context: StepContext, cluster: string): Promise<void> {
  await waitFor(context, { what: `turn for a restore of ${cluster}`, timeoutSeconds: TURN_SECONDS }, async () => {
    const jobs = await unfinishedBackupJobs(context.cluster, cluster);
    if (jobs.length === 0) return found(undefined);
    return seen(`a backup Job is not finished: ${jobs.map(({ name }) => name).join(', ')}`);
  });
}
