import type { Status } from '../../lifecycle/status.ts';
import { ANNOTATION } from '../../plan/labels.ts';
import { canonicalJson } from '../../plan/digest.ts';
import type { StepInstance } from '../../plan/step-request.ts';
import { repositoryPlaces } from '../operator/repository-places.ts';
import type { PostgresClusterView } from '../ports/ports.ts';
import type { StepContext } from '../ports/step.ts';

/**
 * Records which instance serves and where its backups are, and mirrors it on its PostgresCluster, where it outlives a lost
 * ledger. The same instance and version keep the time since when; a repository keeps the place at which it was first seen.
 */
export async function recordServing(context: StepContext, { name, version, cluster }: StepInstance): Promise<void> {
  const { clock, ledger, request } = context;
  const view = await context.cluster.postgresCluster(cluster);
  await ledger.update(({ status }): Status | undefined => {
    const before = status.serving?.instance === name ? status.serving : undefined;
    const live = Object.entries(view ? repositoryPlaces(view) : {});
    const repositories = Object.fromEntries(live.map(([repo, at]) => [repo, before?.repositories?.[repo] ?? at]));
    const kept = before?.version === version ? before : undefined;
    if (kept && canonicalJson(kept.repositories) === canonicalJson(repositories)) return undefined;
    const { since, digest } = kept ?? { since: clock.now().toISOString(), digest: request.digest };
    return { ...status, serving: { instance: name, version, since, digest, repositories } };
  });
  await setMirror(context, view, request.lifecycle);
}

/** Takes the mark from an instance that serves no longer, if its database is still there. */
export async function forgetServing(context: StepContext, { cluster }: StepInstance): Promise<void> {
  await setMirror(context, await context.cluster.postgresCluster(cluster), null);
}

async function setMirror(
  { cluster }: StepContext,
  view: PostgresClusterView | undefined,
  value: string | null,
): Promise<void> {
  if (view === undefined || (view.annotations[ANNOTATION.serving] ?? null) === value) return;
  await cluster.annotatePostgresCluster(view.name, { [ANNOTATION.serving]: value });
}
