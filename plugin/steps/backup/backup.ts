import { z } from 'zod';
import { ANNOTATION } from '../../plan/labels.ts';
import { backupProgress, type BackupProgress } from './backup-progress.ts';
import { unfinishedBackupJobs } from './backup-jobs.ts';
import { presentCluster } from '../operator/present-cluster.ts';
import { refuse, type Evidence, type RunStep, type StepContext } from '../ports/step.ts';
import { found, seen, waitFor } from '../ports/wait.ts';

/** How long a backup's stages may take, in seconds. */
export interface Patience {
  /** Another backup of this cluster may run: the operator starts none while the Job of an older id still tries. */
  readonly turn: number;
  /** From the request until the operator's Job runs. */
  readonly start: number;
  /** A backup has no end that could be known beforehand; the Job's own deadline is above this. */
  readonly run: number;
}

const BEFORE: Patience = { turn: 900, start: 300, run: 5 * 3600 };
/** A failing Job tries seven times with growing pauses, over ten minutes; one that recovers does so early. */
const FAILING_SECONDS = 300;

/** The plan's backup of blue, by its id. */
export const backup: RunStep = (context) => {
  const { backup: wanted, blue } = context.request;
  if (wanted === undefined) return refuse('request-invalid', 'the request names no backup');
  return takeBackup(context, blue.cluster, wanted.id);
};

/**
 * A backup beside a restore, unless it would be a full one: after that pgBackRest expires what the repository's policy keeps no
 * longer, which may be what the restore, or the way back from it, needs. The operator takes its type from the live object.
 */
export async function takeIncremental(
  context: StepContext,
  cluster: string,
  id: string,
  patience?: Patience,
): Promise<Evidence> {
  const { spec } = await presentCluster(context, cluster);
  const options = manual.parse(spec).backups.pgbackrest.manual?.options ?? [];
  if (!options.includes('--type=incr')) return { skipped: `a backup on demand is made with ${options.join(' ')}` };
  return takeBackup(context, cluster, id, patience);
}

const manual = z.object({
  backups: z.object({
    pgbackrest: z.object({ manual: z.object({ options: z.array(z.string()).optional() }).optional() }),
  }),
});

/**
 * Asks for a one-off backup by annotation and waits for its end. A backup of this id that has ended is not asked for again:
 * the operator remembers the last id only.
 */
export async function takeBackup(
  context: StepContext,
  cluster: string,
  id: string,
  patience: Patience = BEFORE,
): Promise<Evidence> {
  const before = backupProgress(await presentCluster(context, cluster), id);
  if (before.state !== 'succeeded') {
    if (before.state === 'failed') return refuse('backup-failed', before.text);
    await waitForTurn(context, cluster, id, patience.turn);
    await context.cluster.annotatePostgresCluster(cluster, { [ANNOTATION.pgoBackup]: id });
  }
  const what = `backup ${id} of ${cluster}`;
  const started = await waitFor(context, { what, timeoutSeconds: patience.start }, async () => {
    const is = await ownProgress(context, cluster, id);
    return is.state === 'requested' ? seen(is.text) : found(is);
  });
  const seconds =
    started.state === 'succeeded' ? started.seconds : await waitForEnd(context, cluster, id, patience.run);
  return { id, cluster, seconds };
}

/** @returns the backup's own seconds, as the operator's Job took them. */
async function waitForEnd(context: StepContext, cluster: string, id: string, timeoutSeconds: number): Promise<number> {
  let failingSince: number | undefined;
  const wait = { what: `backup ${id} of ${cluster}`, timeoutSeconds };
  return waitFor(context, wait, async () => {
    const is = await ownProgress(context, cluster, id);
    if (is.state === 'succeeded') return found(is.seconds);
    if (is.state === 'failed') return refuse('backup-failed', is.text);
    const now = context.clock.now().getTime();
    failingSince = is.state === 'running' && is.failures > 0 ? (failingSince ?? now) : undefined;
    if (failingSince !== undefined && now - failingSince >= FAILING_SECONDS * 1000) {
      return refuse('backup-failed', `${is.text}; given up after ${FAILING_SECONDS} s of failures`);
    }
    return seen(is.text);
  });
}

async function waitForTurn(context: StepContext, cluster: string, id: string, timeoutSeconds: number): Promise<void> {
  const wait = { what: `turn for backup ${id} of ${cluster}`, timeoutSeconds };
  await waitFor(context, wait, async () => {
    const others = (await unfinishedBackupJobs(context.cluster, cluster)).filter(
      ({ annotations }) => annotations[ANNOTATION.pgoBackup] !== id,
    );
    if (others.length === 0) return found(undefined);
    const names = others.map(({ name, failed }) =>
      failed > 0 ? `${name} (failed ${failed} times, tries again)` : name,
    );
    return seen(`another backup Job is not finished: ${names.join(', ')}; if it cannot succeed, delete it`);
  });
}

/** Progress after the request was made: nobody else may have put another id in its place. */
async function ownProgress(context: StepContext, cluster: string, id: string): Promise<BackupProgress> {
  const view = await presentCluster(context, cluster);
  const is = backupProgress(view, id);
  const now = view.annotations[ANNOTATION.pgoBackup];
  if (is.state === 'requested' && now !== id) {
    return refuse('backup-failed', `the request for backup ${id} of ${cluster} was replaced by ${now ?? 'none'}`);
  }
  return is;
}
