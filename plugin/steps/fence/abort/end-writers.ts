import { textOf } from '../../../errors/text-of.ts';
import { LABEL, instanceSelector } from '../../../plan/labels.ts';
import type { StepInstance } from '../../../plan/step-request.ts';
import { waitFor } from '../../../postgres/wait.ts';
import { isMigrating } from '../../ledger/step-records.ts';
import type { StepContext } from '../../ports/step.ts';

/** Pods are given 10 s to end, and kubelet needs a few more. */
const END_SECONDS = 20;

/**
 * Where green could not be closed while its migration is on record as started, its role may write there (ADR 14): before
 * blue is opened, the migration's Job and green's application are ended, and their pods have to be gone.
 *
 * The wait is bounded: what a pod on a node that nobody reaches writes into green then is thrown away with it.
 * @returns whether nobody is left who could write.
 */
export async function endWriters(context: StepContext, green: StepInstance): Promise<boolean> {
  const { clock, ledger, progress, request } = context;
  if (!isMigrating((await ledger.read()).status, request.digest)) return true;
  const look = (): Promise<true | undefined> =>
    endThem(context, green).catch((error: unknown) => {
      progress.report(`ending the migration: ${textOf(error)}`);
      return undefined;
    });
  const gone = await waitFor('waiting for the pods of the migration to end', look, {
    clock,
    seconds: END_SECONDS,
    report: progress.report,
  });
  return gone ?? false;
}

async function endThem({ cluster, request }: StepContext, green: StepInstance): Promise<true | undefined> {
  const migration = { [LABEL.lifecycle]: request.lifecycle, [LABEL.step]: 'migrate' };
  for (const { name } of await cluster.jobs(migration)) await cluster.deleteJob(name);
  const application = await cluster.deployment(green.application);
  if (application && application.replicas > 0) await cluster.scaleDeployment(green.application, 0);
  const pods = [migration, instanceSelector(request.lifecycle, green.name)].map((labels) => cluster.pods(labels));
  return (await Promise.all(pods)).flat().length === 0 ? true : undefined;
}
