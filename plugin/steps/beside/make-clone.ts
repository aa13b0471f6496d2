import type { CloneRecord, Status } from '../../lifecycle/status.ts';
import { ANNOTATION, LABEL } from '../../plan/labels.ts';
import type { CreatedObject, StepInstance } from '../../plan/step-request.ts';
import { requireCurrent } from '../ledger/require-current.ts';
import { presentCluster } from '../operator/present-cluster.ts';
import type { PostgresClusterView } from '../ports/ports.ts';
import { refuse, type Evidence, type RunStep, type StepContext } from '../ports/step.ts';
import { untilLetThrough } from '../ports/until-answered.ts';
import { found, seen, waitFor } from '../ports/wait.ts';
import { requireApproval } from '../restore/require-approval.ts';
import { wantedRestore } from '../restore/wanted-restore.ts';
import { cloneOf, noteClone } from './clone-records.ts';
import { requireNotServing } from './require-not-serving.ts';
import { requireSameClone } from './prepare-clone.ts';
import { restoredInstance } from './restored-instance.ts';

const GONE_SECONDS = 300;

/**
 * Makes the PostgresCluster of a restore beside, with the source and the way that preflight has proven, once: neither is in any file, so
 * that nothing that is applied again clones again. What stands under its name is this one, by id and UID, or refused.
 */
export const makeClone: RunStep = async (context): Promise<Evidence> => {
  const { cluster, ledger, request } = context;
  const green = restoredInstance(request);
  const wanted = wantedRestore(request);
  const { id } = wanted;
  const view = await ledger.read();
  requireCurrent(view, request);
  requireNotServing(view.status, request);
  const record = cloneOf(view.status, id) ?? refuse('step-out-of-order', `restore ${id} was not prepared`);
  requireSameClone(record, context, wanted);
  if (record.state === 'Failed') refuse('restore-beside-failed', record.reason ?? `restore ${id} failed before`);
  const there = await cluster.postgresCluster(green.cluster);
  const isLeft = there && wasLeft(view.status, there);
  if (there && !there.deleting && !isLeft) return { made: 'before', uid: await adopt(context, record, there) };
  if (record.uid !== undefined) {
    refuse('restore-id-used', `what restore ${id} had brought, ${green.cluster} (UID ${record.uid}), is gone`);
  }
  if (isLeft) await cluster.deletePostgresCluster(green.cluster, there.uid);
  await waitUntilGone(context, green);
  requireCurrent(await ledger.read(), request);
  await begin(context, record, green);
  const made = await presentCluster(context, green.cluster);
  return { made: 'now', backup: record.recovery.label, uid: await adopt(context, record, made) };
};

/** By a restore beside that failed: half a database, by UID, under the name that another one asks for. */
const wasLeft = ({ clones = [] }: Status, { uid }: PostgresClusterView): boolean =>
  clones.some((each) => each.uid === uid && each.state === 'Failed');

async function begin(context: StepContext, record: CloneRecord, { cluster: name }: StepInstance): Promise<void> {
  const { clock, cluster, request } = context;
  const approval = await requireApproval(context, record);
  const startedAt = record.startedAt ?? clock.now().toISOString();
  await noteClone(context, record.id, ['Requested', 'Cloning'], { state: 'Cloning', startedAt, ...approval });
  const object = cloneObject(request.creates, record, request.blue.cluster);
  await untilLetThrough(context, `making ${name}`, async () => {
    // An answer that was lost, and came late.
    if (await cluster.postgresCluster(name)) return;
    await cluster.createPostgresCluster(object);
  });
}

/** What is rendered, with its source. */
function cloneObject(
  object: CreatedObject | undefined,
  { id, repository, recovery }: CloneRecord,
  source: string,
): CreatedObject {
  if (!object) return refuse('request-invalid', 'the request has no PostgresCluster to make');
  const { metadata, spec } = object;
  const { options } = recovery;
  const pgbackrest = lostSource(spec);
  const dataSource = pgbackrest
    ? { pgbackrest: { ...pgbackrest, options } }
    : { postgresCluster: { clusterName: source, repoName: repository, options } };
  return {
    ...object,
    metadata: { ...metadata, annotations: { [ANNOTATION.restoredFor]: id } },
    spec: { ...spec, dataSource },
  };
}

/** Where the source's database is gone, its repository as the file has it. */
const lostSource = (spec: CreatedObject['spec']): object | undefined =>
  (spec['dataSource'] as { readonly pgbackrest?: object } | undefined)?.pgbackrest;

/** @returns its UID. */
async function adopt(context: StepContext, { id, uid }: CloneRecord, view: PostgresClusterView): Promise<string> {
  const { name, annotations, labels } = view;
  const madeFor = annotations[ANNOTATION.restoredFor];
  if (labels[LABEL.role] !== 'restored' || madeFor !== id) {
    refuse(
      'green-exists',
      `PostgresCluster ${name} is of ${madeFor === undefined ? 'no restore' : `restore ${madeFor}`}`,
    );
  }
  if (uid !== undefined && uid !== view.uid) {
    refuse('restore-unsafe', `${name} was made again since restore ${id} made it; its data is another`);
  }
  await noteClone(context, id, ['Cloning', 'Cloned'], { uid: view.uid });
  // An attempt to switch to it was aborted: it stays, and another one begins. The keeper of the one before knows it by its digest.
  if (annotations[ANNOTATION.aborted] !== undefined) {
    const labels = { [LABEL.digest]: context.request.digest };
    await context.cluster.annotatePostgresCluster(name, { [ANNOTATION.aborted]: null }, labels);
  }
  return view.uid;
}

/** A cluster made again under its name within seconds adopts the old volumes and their data: they have to be gone. */
async function waitUntilGone({ cluster, ...context }: StepContext, green: StepInstance): Promise<void> {
  await waitFor(context, { what: `end of the former ${green.cluster}`, timeoutSeconds: GONE_SECONDS }, async () => {
    if (await cluster.postgresCluster(green.cluster)) return seen('the PostgresCluster is still there');
    const claims = await cluster.volumeClaims(green.cluster);
    return claims.length > 0 ? seen(`volumes are still there: ${claims.join(', ')}`) : found(undefined);
  });
}
