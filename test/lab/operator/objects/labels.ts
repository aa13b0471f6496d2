import { GROUP } from '../core/names.ts';

/** The operator's labels and annotations, all under its own prefix. */
export const LABELS = {
  cluster: `${GROUP}/cluster`,
  instance: `${GROUP}/instance`,
  instanceSet: `${GROUP}/instance-set`,
  /** `postgres` on instances, `pgbackrest` on the repository host. */
  data: `${GROUP}/data`,
  patroni: `${GROUP}/patroni`,
  role: `${GROUP}/role`,
  pguser: `${GROUP}/pguser`,
  repo: `${GROUP}/pgbackrest-repo`,
  restore: `${GROUP}/pgbackrest-restore`,
  cronJob: `${GROUP}/pgbackrest-cronjob`,
} as const;

/** Annotations with which the stand-in keeps what Patroni would know. */
export const ANNOTATIONS = {
  leader: `${GROUP}/leader`,
  systemIdentifier: `${GROUP}/system-identifier`,
  /** The database container that runs PostgreSQL in its role, by its id: another container has to be ordered anew. */
  started: `${GROUP}/started`,
  configuration: `${GROUP}/configuration`,
} as const;

export function clusterLabels(cluster: string): Readonly<Record<string, string>> {
  return { [LABELS.cluster]: cluster };
}
