import type { PostgresClusterView } from '../ports/ports.ts';
import { refuse, type StepContext } from '../ports/step.ts';

/** A PostgresCluster that has to be there. @throws LifecycleError step-out-of-order */
export async function presentCluster({ cluster }: StepContext, name: string): Promise<PostgresClusterView> {
  return (await cluster.postgresCluster(name)) ?? refuse('step-out-of-order', `there is no PostgresCluster ${name}`);
}
