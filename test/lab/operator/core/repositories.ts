import type { Cluster, RepositorySpec, RepositoryStatus } from './cluster.ts';
import { digest } from './names.ts';
import type { Observed } from './observed.ts';

const repositories = ({ spec }: Cluster): readonly RepositorySpec[] => spec.backups?.pgbackrest.repos ?? [];

/** Names of a cluster's repositories that are volumes. */
export const volumeRepos = (cluster: Cluster): readonly string[] =>
  repositories(cluster)
    .filter(({ volume }) => volume !== undefined)
    .map(({ name }) => name);

/** Whether backups have the host that they need, which only volumes do. */
export const isHostReady = ({ cluster, repoHost }: Observed): boolean =>
  volumeRepos(cluster).length === 0 || repoHost?.ready === true;

/** Another bucket, endpoint or region is another repository: stanza and first backup are made again. */
export function repositoryStatuses(
  { cluster, repoVolumes }: Observed,
  before: readonly RepositoryStatus[],
): readonly RepositoryStatus[] {
  return repositories(cluster).map(({ name, s3 }) => {
    const hash = s3 && digest(s3.bucket, s3.endpoint, s3.region);
    const known = before.find((repo) => repo.name === name && repo.repoOptionsHash === hash);
    return {
      stanzaCreated: false,
      ...known,
      name,
      ...(hash === undefined ? {} : { repoOptionsHash: hash }),
      ...(repoVolumes.has(name) ? { bound: true } : {}),
    };
  });
}
