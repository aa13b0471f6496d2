import type { Status } from '../../lifecycle/status.ts';
import { instanceSelector } from '../../plan/labels.ts';
import type { StepInstance } from '../../plan/step-request.ts';
import { refuse, type StepContext } from '../ports/step.ts';
import { found, seen, waitFor } from '../ports/wait.ts';

const REMOVAL_SECONDS = 300;

/**
 * Clears the way for a new attempt: green's database goes only on a positive Aborted record that names its UID, because
 * nothing else tells a clone that may be thrown away from a database that somebody needs.
 * @returns the UID of the database that was removed, if one was.
 */
export async function removeAbortedGreen(context: StepContext): Promise<string | undefined> {
  const { cluster, ledger, request } = context;
  const green = request.green ?? refuse('request-invalid', 'a switch without green');
  const view = await cluster.postgresCluster(green.cluster);
  if (view === undefined) {
    await waitUntilGone(context, green, false);
    return undefined;
  }
  const { status } = await ledger.read();
  if (!wasAborted(status, view.uid)) {
    refuse('green-exists', `PostgresCluster ${green.cluster} (UID ${view.uid}) is of no attempt that is on record`);
  }
  // The application first: when only it is left, there is no UID any more that would allow its removal.
  await cluster.deleteDeployment(green.application);
  if (!view.deleting) await cluster.deletePostgresCluster(green.cluster, view.uid);
  await waitUntilGone(context, green, true);
  return view.uid;
}

function wasAborted({ decision, history = [] }: Status, uid: string): boolean {
  return [decision, ...history].some((each) => each?.state === 'Aborted' && each.greenUid === uid);
}

/** A cluster made again under its name within seconds adopts the old volumes and their data: they have to be gone. */
async function waitUntilGone(context: StepContext, green: StepInstance, withPods: boolean): Promise<void> {
  const { cluster, request } = context;
  const wait = { what: `removal of ${green.cluster}`, timeoutSeconds: REMOVAL_SECONDS };
  await waitFor(context, wait, async () => {
    if (await cluster.postgresCluster(green.cluster)) return seen('the PostgresCluster is still there');
    const claims = await cluster.volumeClaims(green.cluster);
    if (claims.length > 0) return seen(`volumes are still there: ${claims.join(', ')}`);
    const pods = withPods ? await cluster.pods(instanceSelector(request.lifecycle, green.name)) : [];
    return pods.length > 0 ? seen(`${pods.length} pods of the application are still there`) : found(undefined);
  });
}
