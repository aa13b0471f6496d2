import { unfinishedBackupJobs } from '../backup/backup-jobs.ts';
import { healthProblems } from '../operator/cluster-health.ts';
import { movedRepositories, repositoryPlaces } from '../operator/repository-places.ts';
import { isComplete } from '../ledger/decision.ts';
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
  const health = await databaseHealth(context);
  const database = health.length > 0 ? [] : await databaseGuards(context);
  return [
    ...(await otherPlan(context)),
    ...[...health, ...(await backups(context))].map((text) => ({ code: 'not-in-time' as const, text })),
    ...[...database, ...(await repositories(context))].map((text) => ({ code: 'guard-failed' as const, text })),
  ];
}

/** A decision of a newer sync, opened since this step began: what it met then it has finished. */
async function otherPlan({ ledger, request }: StepContext): Promise<readonly Guard[]> {
  const { decision } = (await ledger.read()).status;
  if (decision === undefined || decision.digest === request.digest || isComplete(decision)) return [];
  const text = `plan ${decision.digest} (${decision.blue} to ${decision.green}) is ${decision.state} and not complete`;
  return [{ code: 'other-plan-open', text }];
}

async function databaseHealth({ cluster, request }: StepContext): Promise<readonly string[]> {
  const name = request.blue.cluster;
  const view = await cluster.postgresCluster(name);
  if (view === undefined) return [`PostgresCluster ${name} does not exist`];
  return healthProblems(view).map((problem) => `PostgresCluster ${name}: ${problem}`);
}

/** I8: where blue's backups are is fixed for its life; a clone would be made from the other place, which has none of them. */
async function repositories({ cluster, ledger, request }: StepContext): Promise<readonly string[]> {
  const { name, cluster: database } = request.blue;
  const { serving } = (await ledger.read()).status;
  const view = await cluster.postgresCluster(database);
  if (view === undefined || serving?.instance !== name) return [];
  const moved = movedRepositories(serving.repositories ?? {}, repositoryPlaces(view));
  return moved.map((text) => `PostgresCluster ${database}: ${text}; put it back`);
}

/** A restore needs the repository's locks and a quiet archive (I9). */
async function backups({ cluster, request }: StepContext): Promise<readonly string[]> {
  const jobs = await unfinishedBackupJobs(cluster, request.blue.cluster);
  return jobs.map(({ name }) => `backup Job ${name} is not finished`);
}
