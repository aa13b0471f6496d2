import { unfinishedBackupJobs } from '../backup/backup-jobs.ts';
import { healthProblems } from '../operator/cluster-health.ts';
import { movedRepositories, repositoryPlaces } from '../operator/repository-places.ts';
import { isComplete } from '../ledger/decision.ts';
import type { Status } from '../../lifecycle/status.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import type { PostgresClusterView } from '../ports/ports.ts';
import type { StepContext } from '../ports/step.ts';

/** A guard that does not hold, as a clause. */
export interface Guard {
  readonly code: 'other-plan-open' | 'guard-failed' | 'not-in-time';
  readonly text: string;
}

/** What the database itself says against a fence or a clone; an unreachable one is a sentence, too. */
export type DatabaseGuards = (context: StepContext) => Promise<readonly string[]>;

/** All guards that do not hold now. The database is asked only when its operator says that it is well. */
export async function guardsOf(context: StepContext, databaseGuards: DatabaseGuards): Promise<readonly Guard[]> {
  const { cluster, ledger, request } = context;
  const view = await cluster.postgresCluster(request.blue.cluster);
  const health = databaseHealth(request, view);
  const database = health.length > 0 ? [] : await databaseGuards(context);
  const { status } = await ledger.read();
  return [
    ...otherPlan(request, status),
    ...[...health, ...(await backups(context))].map((text) => ({ code: 'not-in-time' as const, text })),
    ...[...database, ...repositories(request, status, view)].map((text) => ({ code: 'guard-failed' as const, text })),
  ];
}

/** A decision of a newer sync, opened since this step began: what it met then it has finished. */
function otherPlan({ digest }: StepRequest, { decision }: Status): readonly Guard[] {
  if (decision === undefined || decision.digest === digest || isComplete(decision)) return [];
  const text = `plan ${decision.digest} (${decision.blue} to ${decision.green}) is ${decision.state} and not complete`;
  return [{ code: 'other-plan-open', text }];
}

function databaseHealth({ blue }: StepRequest, view: PostgresClusterView | undefined): readonly string[] {
  if (view === undefined) return [`PostgresCluster ${blue.cluster} does not exist`];
  return healthProblems(view).map((problem) => `PostgresCluster ${blue.cluster}: ${problem}`);
}

/** I8: where blue's backups are is fixed for its life; a clone would be made from the other place, which has none of them. */
function repositories(
  { blue }: StepRequest,
  { serving }: Status,
  view: PostgresClusterView | undefined,
): readonly string[] {
  if (view === undefined || serving?.instance !== blue.name) return [];
  const moved = movedRepositories(serving.repositories ?? {}, repositoryPlaces(view));
  return moved.map((text) => `PostgresCluster ${blue.cluster}: ${text}; put it back`);
}

/** A restore needs the repository's locks and a quiet archive (I9). */
async function backups({ cluster, request }: StepContext): Promise<readonly string[]> {
  const jobs = await unfinishedBackupJobs(cluster, request.blue.cluster);
  return jobs.map(({ name }) => `backup Job ${name} is not finished`);
}
