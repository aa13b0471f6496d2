import type { Wanted } from '../core/decision.ts';
import { dataVolume } from '../objects/instance.ts';
import { owned } from '../objects/owned.ts';
import { restoreJob } from '../objects/restore-job.ts';
import type { Pass } from './pass.ts';
import { applyOwned } from './scope.ts';

/** The Job, and the volume that it fills. */
export async function createRestoreJob(
  pass: Pass,
  { instance: name, set, source, id, configHash }: Extract<Wanted, { readonly want: 'restore-job' }>,
): Promise<void> {
  const { api, cluster } = pass;
  const { namespace } = cluster.metadata;
  const instance = { name, set };
  const from =
    source.clusterName === cluster.metadata.name ? cluster : await api.cluster(namespace, source.clusterName);
  if (from === undefined) return;
  await applyOwned(pass, dataVolume(cluster, instance));
  const { repoName, options = [] } = source;
  const job = restoreJob(cluster, from, { instance, id, configHash, repoName, options });
  await api.create(namespace, owned(cluster, job));
}
