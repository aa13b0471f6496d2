import { suffix } from '../core/names.ts';
import type { Scope } from './scope.ts';

const REPEAT_MILLISECONDS = 60_000;

/** Writes an Event about the cluster; the same one again only after a while. */
export async function warn({ api, cluster, memory }: Scope, reason: string, message: string): Promise<void> {
  const { name, namespace, uid } = cluster.metadata;
  const key = `${reason}: ${message}`;
  if (Date.now() - (memory.warned.get(key) ?? 0) < REPEAT_MILLISECONDS) return;
  memory.warned.set(key, Date.now());
  const now = new Date().toISOString();
  await api.create(namespace, {
    kind: 'Event',
    metadata: { name: `${name}.${suffix(uid, key, now)}${String(Date.now())}` },
    involvedObject: { apiVersion: cluster.apiVersion, kind: cluster.kind, name, namespace, uid },
    type: 'Warning',
    reason,
    message,
    source: { component: 'postgrescluster-controller' },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  });
}
