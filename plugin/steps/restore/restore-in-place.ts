import { LifecycleError } from '../../errors/errors.ts';
import type { RestoreRecord } from '../../lifecycle/status.ts';
import { unfinishedBackupJobs } from '../backup/backup-jobs.ts';
import { operatorStatus } from '../operator/operator-status.ts';
import { presentCluster } from '../operator/present-cluster.ts';
import { requireCurrent } from '../ledger/require-current.ts';
import { refuse, type Evidence, type StepContext } from '../ports/step.ts';
import { untilLetThrough } from '../ports/until-answered.ts';
import { found, seen, waitFor } from '../ports/wait.ts';
import { requireApproval } from './require-approval.ts';
import { requireSame } from './require-same.ts';
import { moveRestore, restoreOf } from './restore-records.ts';
import type { WantedRestore } from './wanted-restore.ts';
import { restoreProgress, type BegunRestore } from './restore-progress.ts';
import { waitForRestore } from './wait-for-restore.ts';

const START_SECONDS = 300;

/**
 * Restores over the database that serves: sets the restore on the live object, waits for the end of this id, takes it off again,
 * so that no file ever holds an enabled restore. It begins once: where the ledger says that it has, it is waited for.
 * After a failure the restore stays on the object, because taking it off would start the instances on half of the data; a
 * restore of another id takes its place.
 */
export async function restoreInPlace(context: StepContext, cluster: string, wanted: WantedRestore): Promise<Evidence> {
  const { id } = wanted;
  const { status } = await context.ledger.read();
  const record = restoreOf(status, id) ?? refuse('step-out-of-order', `restore ${id} was not prepared`);
  requireSame(record, context.request, wanted);
  if (record.state !== 'Restored') {
    await begin(context, cluster, record);
    try {
      await waitForRestore(context, { what: `restore ${id} of ${cluster}`, cluster, code: 'restore-failed' }, () =>
        ownProgress(context, cluster, id),
      );
    } catch (error) {
      await fail(context, id, error);
      throw error;
    }
    await context.cluster.setRestore(cluster, null);
    await move(context, id, 'Restored', { finishedAt: context.clock.now().toISOString() });
  }
  const is = restoreProgress(await presentCluster(context, cluster), id);
  return { id, cluster, seconds: is.state === 'succeeded' ? is.seconds : 0 };
}

/** Once: where the operator has had it in the meantime, and has another one now, it is over. */
async function begin(context: StepContext, cluster: string, record: RestoreRecord): Promise<void> {
  const view = await presentCluster(context, cluster);
  if (view.spec['dataSource'] !== undefined) {
    refuse('restore-unsafe', `${cluster} still has a dataSource, by which the operator would clone it again`);
  }
  if (record.uid !== undefined && record.uid !== view.uid) {
    refuse('restore-unsafe', `${cluster} was made again since restore ${record.id} began; its data is another`);
  }
  if (restoreProgress(view, record.id).state !== 'requested') return;
  if (record.state === 'Failed') refuse('restore-failed', record.reason ?? `restore ${record.id} failed before`);
  const operatorHad = operatorStatus(view).pgbackrest.restore?.id ?? '';
  if (record.operatorHad !== undefined && record.operatorHad !== operatorHad) {
    refuse('restore-failed', `restore ${record.id} had begun, and ${operatorHad || 'none'} was put in its place`);
  }
  // The target was proven when none ran; one that ends may expire what leads there.
  const [backup] = await unfinishedBackupJobs(context.cluster, cluster);
  if (backup) refuse('restore-unsafe', `backup Job ${backup.name} began after the target was proven`);
  requireCurrent(await context.ledger.read(), context.request);
  const approval = await requireApproval(context, record);
  const startedAt = record.startedAt ?? context.clock.now().toISOString();
  await move(context, record.id, 'Restoring', { startedAt, uid: view.uid, operatorHad, ...approval });
  const { repository, recovery } = record;
  await untilLetThrough(context, `requesting restore ${record.id}`, () =>
    context.cluster.setRestore(cluster, { id: record.id, repository, options: recovery.options }),
  );
  await waitFor(context, { what: `restore ${record.id} of ${cluster}`, timeoutSeconds: START_SECONDS }, async () =>
    restoreProgress(await presentCluster(context, cluster), record.id).state === 'requested'
      ? seen('requested, the operator has not started it')
      : found(undefined),
  );
}

/** Progress after the operator has begun: nobody else may have put another id in its place. */
async function ownProgress(context: StepContext, cluster: string, id: string): Promise<BegunRestore> {
  const is = restoreProgress(await presentCluster(context, cluster), id);
  return is.state === 'requested'
    ? refuse('restore-failed', `restore ${id} of ${cluster} was replaced by another`)
    : is;
}

/** What only cuts this step off says nothing about the restore, which goes on: the next run waits for it. */
async function fail(context: StepContext, id: string, error: unknown): Promise<void> {
  if (!(error instanceof LifecycleError) || error.code !== 'restore-failed') return;
  await move(context, id, 'Failed', { finishedAt: context.clock.now().toISOString(), reason: error.message });
}

async function move(
  { ledger }: StepContext,
  id: string,
  to: RestoreRecord['state'],
  more: Parameters<typeof moveRestore>[3],
): Promise<void> {
  const { written, view } = await ledger.update(({ status }) => moveRestore(status, id, to, more));
  if (!written) refuse('step-out-of-order', `restore ${id} is ${restoreOf(view.status, id)?.state ?? 'not on record'}`);
}
