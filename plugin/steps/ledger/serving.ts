import type { Status } from '../../lifecycle/status.ts';
import { ANNOTATION } from '../../plan/labels.ts';
import type { StepInstance } from '../../plan/step-request.ts';
import type { StepContext } from '../ports/step.ts';

/**
 * Records which instance serves, and mirrors it on its PostgresCluster, where it outlives a lost ledger. The same instance
 * and version keep the time since when.
 */
export async function recordServing(context: StepContext, { name, version, cluster }: StepInstance): Promise<void> {
  const { clock, ledger, request } = context;
  await ledger.update(({ status }): Status | undefined => {
    const { serving } = status;
    if (serving?.instance === name && serving.version === version) return undefined;
    const since = clock.now().toISOString();
    return { ...status, serving: { instance: name, version, since, digest: request.digest } };
  });
  await setMirror(context, cluster, request.lifecycle);
}

/** Takes the mark from an instance that serves no longer, if its database is still there. */
export async function forgetServing(context: StepContext, { cluster }: StepInstance): Promise<void> {
  await setMirror(context, cluster, null);
}

async function setMirror({ cluster }: StepContext, name: string, value: string | null): Promise<void> {
  const view = await cluster.postgresCluster(name);
  if (view === undefined || (view.annotations[ANNOTATION.serving] ?? null) === value) return;
  await cluster.annotatePostgresCluster(name, { [ANNOTATION.serving]: value });
}
