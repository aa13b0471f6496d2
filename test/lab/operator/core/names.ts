import { createHash } from 'node:crypto';
import type { Cluster, InstanceSetSpec } from './cluster.ts';

export const GROUP = 'postgres-operator.crunchydata.com';
/** Annotation that asks for a one-off backup, and label and annotation of the Job that runs it. */
export const BACKUP = `${GROUP}/pgbackrest-backup`;
export const RESTORE = `${GROUP}/pgbackrest-restore`;
export const CONFIG_HASH = `${GROUP}/pgbackrest-config-hash`;
export const FINALIZER = `${GROUP}/finalizer`;
export const STANZA = 'db';

/** Four characters that stand where the operator has random ones; a repeated decision gets the same name. */
export function suffix(...parts: readonly string[]): string {
  return digest(...parts).slice(0, 4);
}

export function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** `00`, `01` … where the spec has no name. */
export function setName(spec: InstanceSetSpec, index: number): string {
  return spec.name ?? String(index).padStart(2, '0');
}

export function instanceName(cluster: Cluster, set: string, index: number): string {
  const { name, uid } = cluster.metadata;
  return `${name}-${set}-${suffix(uid, set, String(index))}`;
}

export function restoreJobName(cluster: Cluster): string {
  return `${cluster.metadata.name}-pgbackrest-restore`;
}

export function backupJobName(cluster: Cluster, purpose: string, id = ''): string {
  return `${cluster.metadata.name}-backup-${suffix(cluster.metadata.uid, purpose, id)}`;
}

/** The id under which a clone is remembered. */
export function bootstrapId(cluster: Cluster): string {
  return `~pgo-bootstrap-${cluster.metadata.name}`;
}
