import type { Cluster } from '../core/cluster.ts';

/** Names of a cluster's objects, as the operator gives them; other software relies on them. */
export const haService = (cluster: string): string => `${cluster}-ha`;
export const primaryService = (cluster: string): string => `${cluster}-primary`;
export const podsService = (cluster: string): string => `${cluster}-pods`;
export const userSecret = (cluster: string, user: string): string => `${cluster}-pguser-${user}`;
export const certificateSecret = (cluster: string): string => `${cluster}-cluster-cert`;
export const replicationSecret = (cluster: string): string => `${cluster}-replication-cert`;
export const configMap = (cluster: string): string => `${cluster}-config`;
export const repoHost = (cluster: string): string => `${cluster}-repo-host`;
export const repoClaim = (cluster: string, repo: string): string => `${cluster}-${repo}`;
export const dataClaim = (instance: string): string => `${instance}-pgdata`;

/** The name under which clients reach the primary; it is in the Secrets. */
export function primaryHost({ metadata }: Cluster): string {
  return `${primaryService(metadata.name)}.${metadata.namespace}.svc`;
}

/** `repo1` → `1`, as pgBackRest's `--repo` wants it. */
export const repoIndex = (repo: string): string => repo.slice('repo'.length);
