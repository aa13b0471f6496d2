import { LifecycleError } from '../../errors/errors.ts';
import { ANNOTATION } from '../../plan/labels.ts';
import { operatorStatus } from '../operator/operator-status.ts';
import { presentCluster } from '../operator/present-cluster.ts';
import { refuse, type Evidence, type RunStep, type StepContext } from '../ports/step.ts';
import { found, seen, waitFor } from '../ports/wait.ts';
import { restoreProgress } from '../restore/restore-progress.ts';
import { waitForRestore } from '../restore/wait-for-restore.ts';
import { wantedRestore } from '../restore/wanted-restore.ts';
import { noteClone } from './clone-records.ts';
import { restoredInstance } from './restored-instance.ts';

const START_SECONDS = 900;
const READY_SECONDS = 3600;
const CODE = 'restore-beside-failed';

/**
 * Waits for the end of the clone, beside the PostgresCluster in its wave, whose health leaves that to this step: the operator tries a
 * failing one for ever. One that is given up is marked as well, by which its health says Degraded, and why.
 */
export const awaitClone: RunStep = async (context): Promise<Evidence> => {
  const { clock, request } = context;
  const { cluster } = restoredInstance(request);
  const { id } = wantedRestore(request);
  try {
    await untilCloned(context, cluster);
  } catch (error) {
    await fail(context, id, cluster, error);
    throw error;
  }
  await noteClone(context, id, ['Cloning', 'Cloned'], { state: 'Cloned', finishedAt: clock.now().toISOString() });
  await untilReady(context, cluster);
  const is = restoreProgress(await presentCluster(context, cluster), bootstrapOf(cluster));
  return { id, cluster, seconds: is.state === 'succeeded' ? is.seconds : 0 };
};

/** The id that the operator gives the restore with which a cluster begins. */
const bootstrapOf = (cluster: string): string => `~pgo-bootstrap-${cluster}`;

async function untilCloned(context: StepContext, cluster: string): Promise<void> {
  const what = `clone ${cluster}`;
  const look = async () => restoreProgress(await presentCluster(context, cluster), bootstrapOf(cluster));
  await waitFor(context, { what, timeoutSeconds: START_SECONDS }, async () =>
    (await look()).state === 'requested' ? seen('made, the operator has not begun to clone') : found(undefined),
  );
  await waitForRestore(context, { what, cluster, code: CODE }, async () => {
    const is = await look();
    return is.state === 'requested' ? refuse(CODE, `${cluster} has another restore than its clone`) : is;
  });
}

/** Its health waits for nothing of this: that it is cloned does not mean that its server has started. */
async function untilReady(context: StepContext, cluster: string): Promise<void> {
  await waitFor(context, { what: `server of ${cluster}`, timeoutSeconds: READY_SECONDS }, async () => {
    const { instances, patroni } = operatorStatus(await presentCluster(context, cluster));
    const ready = instances.some(({ readyReplicas }) => readyReplicas > 0);
    return ready && patroni.systemIdentifier !== '' ? found(undefined) : seen('no instance is ready');
  });
}

/** What only cuts this step off says nothing about the clone, which goes on: the next run waits for it. */
async function fail(context: StepContext, id: string, cluster: string, error: unknown): Promise<void> {
  if (!(error instanceof LifecycleError) || (error.code !== CODE && error.code !== 'not-in-time')) return;
  const { message: reason } = error;
  await noteClone(context, id, ['Cloning'], { state: 'Failed', finishedAt: context.clock.now().toISOString(), reason });
  await context.cluster.annotatePostgresCluster(cluster, { [ANNOTATION.aborted]: reason });
}
