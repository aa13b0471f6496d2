import type { RestoreRecord, Status } from '../../../plugin/lifecycle/status.ts';
import { ANNOTATION } from '../../../plugin/plan/labels.ts';
import { setParameters } from '../../lab/argocd/application.ts';
import { getObject } from '../../lab/kubectl.ts';
import { waitFor } from '../../lab/wait-for.ts';
import { report } from '../world/report.ts';
import { sampleLifecycle, type RestoreSample, type SampleOptions } from '../world/sample.ts';
import { sql } from '../world/sql.ts';
import { commitLifecycle, ledger, waitForLedger, waitForSynced, type World } from '../world/world.ts';
import { approveLifecycle } from './approve-lifecycle.ts';

export const recordOf = ({ restores = [] }: Status, id: string): RestoreRecord | undefined =>
  restores.find((each) => each.id === id);

/** By the clock of the database, to the microsecond. */
export const databaseTime = ({ name }: World, cluster: string): Promise<string> =>
  sql(name, cluster, `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`);

/** Commits a file with a restore, and hands its approval in as soon as the Lifecycle says that it waits for one. */
export async function commitApproved(world: World, restore: RestoreSample, more: SampleOptions = {}): Promise<void> {
  const file = sampleLifecycle({ ...more, restore });
  await commitLifecycle(world, file, `Restore ${restore.id}`);
  await waitForRequest(world, restore);
  await approve(world, file);
}

/** Until the Lifecycle says that the restore of the newest commit waits for an approval. */
export async function waitForRequest(world: World, { id, stage, sourceLost }: RestoreSample): Promise<void> {
  const what = stage === 'Switch' && !sourceLost ? 'the switch to restore' : 'restore';
  await waitFor(
    async () => {
      const object = await getObject<Annotated>('lifecycle', 'bestie', world.name);
      const awaiting = object?.metadata.annotations?.[ANNOTATION.awaitingApproval] ?? '';
      return awaiting.startsWith(`${what} ${id}, request `) && /approval-(missing|other-request)/.test(awaiting);
    },
    { what: `${id} awaits approval`, timeoutSeconds: 60 },
  );
}

/** Hands in the approval of what a file asks for. */
export async function approve(world: World, file: string): Promise<void> {
  await setParameters(world.name, { approval: await approveLifecycle(world, file) });
}

interface Annotated {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}

/** A restore by a commit and an approval, until it is confirmed. @returns its record. */
export async function restoreInPlace(
  world: World,
  wanted: RestoreSample,
  more: SampleOptions = {},
): Promise<RestoreRecord> {
  await commitApproved(world, wanted, more);
  const isConfirmed = ({ steps = [], restores = [] }: Status): boolean => {
    const digest = recordOf({ restores }, wanted.id)?.digest;
    return steps.some((each) => each.digest === digest && each.step === 'confirm' && each.state === 'Done');
  };
  await waitForLedger(world, `restore ${wanted.id}`, isConfirmed, 300);
  await waitForSynced(world, 120);
  const status = await ledger(world);
  const record = recordOf(status, wanted.id);
  if (!record) throw new Error(`no record of ${wanted.id}`);
  reportSteps(`restore ${wanted.id}`, status, record.digest);
  return record;
}

/** Prints how long each step of a plan took. */
export function reportSteps(title: string, { steps = [] }: Status, digest: string): void {
  const own = steps.filter((each) => each.digest === digest);
  report(title, Object.fromEntries(own.map(({ step, seconds = 0 }) => [step, `${seconds.toFixed(1)} s`])));
}
