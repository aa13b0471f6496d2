import { textOf } from '../../../errors/text-of.ts';
import { LABEL, instanceSelector } from '../../../plan/labels.ts';
import type { StepInstance } from '../../../plan/step-request.ts';
import { waitFor, within } from '../../../postgres/wait.ts';
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
  const { ledger, request } = context;
  if (!isMigrating((await ledger.read()).status, request.digest)) return true;
  const late = (): Error => new Error(`the pods did not end within ${END_SECONDS} s`);
  return within(END_SECONDS * 1000, waitUntilGone(context, green), late).catch(reporting(context, false));
}

async function waitUntilGone(context: StepContext, green: StepInstance): Promise<boolean> {
  const { clock, progress } = context;
  const look = (): Promise<true | undefined> => endThem(context, green).catch(reporting(context, undefined));
  const what = 'waiting for the pods of the migration to end';
  return (await waitFor(what, look, { clock, seconds: END_SECONDS, report: progress.report })) ?? false;
}

/** A right that is missing, or an API server that does not answer, takes nothing but this. */
async function endThem(context: StepContext, green: StepInstance): Promise<true | undefined> {
  const { cluster, request } = context;
  const migration = { [LABEL.lifecycle]: request.lifecycle, [LABEL.step]: 'migrate' };
  const ending = [deleteJobs(context, { ...migration, [LABEL.digest]: request.digest }), scaleDown(context, green)];
  await Promise.all(ending.map((each) => each.catch(reporting(context, undefined))));
  const pods = [migration, instanceSelector(request.lifecycle, green.name)].map((labels) => cluster.pods(labels));
  return (await Promise.all(pods)).flat().length === 0 ? true : undefined;
}

async function deleteJobs({ cluster }: StepContext, labels: Readonly<Record<string, string>>): Promise<void> {
  for (const { name } of await cluster.jobs(labels)) await cluster.deleteJob(name);
}

async function scaleDown({ cluster }: StepContext, { application }: StepInstance): Promise<void> {
  const deployment = await cluster.deployment(application);
  if (deployment && deployment.replicas > 0) await cluster.scaleDeployment(application, 0);
}

const reporting =
  <T>({ progress }: StepContext, instead: T) =>
  (error: unknown): T => {
    progress.report(`ending the migration: ${textOf(error)}`);
    return instead;
  };
