import { LABELS } from '../objects/labels.ts';
import type { Pass } from './pass.ts';
import { forget } from './scope.ts';

/** Deletes an instance's StatefulSet, then its pod; the volume is kept. */
export async function deleteRunner(pass: Pass, instance: string): Promise<void> {
  await forget(pass, 'StatefulSet', instance);
  for (const { metadata } of pass.pods) {
    if (metadata?.labels?.[LABELS.instance] !== instance || metadata.deletionTimestamp !== undefined) continue;
    await pass.api.remove('Pod', pass.cluster.metadata.namespace, metadata.name ?? '');
  }
}
