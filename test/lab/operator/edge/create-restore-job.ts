import type { Cluster } from '../core/cluster.ts';
import type { Wanted } from '../core/decision.ts';
import { isCloud, type RestoreSource } from '../core/restore-source.ts';
import { asSource } from '../objects/cloud-source.ts';
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
  const { cluster } = pass;
  const { namespace } = cluster.metadata;
  const instance = { name, set };
  const from = await sourceOf(pass, source);
  if (from === undefined) return;
  await applyOwned(pass, dataVolume(cluster, instance));
  const job = restoreJob(cluster, from, { instance, id, configHash, source });
  await pass.api.create(namespace, owned(cluster, job));
}

/** The cluster whose repositories the Job has; undefined: gone meanwhile. */
async function sourceOf({ api, cluster }: Pass, source: RestoreSource): Promise<Cluster | undefined> {
  if (isCloud(source)) return asSource(cluster, source);
  const { name, namespace } = cluster.metadata;
  return source.clusterName === name ? cluster : await api.cluster(namespace, source.clusterName);
}
