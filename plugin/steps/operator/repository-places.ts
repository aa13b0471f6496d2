import type { PostgresClusterView } from '../ports/ports.ts';
import { operatorSpec } from './operator-status.ts';

/** `repo1` to where it is: `s3 bucket /path`. */
export type RepositoryPlaces = Readonly<Record<string, string>>;

/** Where a database's backups and archive are, by its spec: kind, bucket or container, and path. */
export function repositoryPlaces(view: PostgresClusterView): RepositoryPlaces {
  const { repos = [], global = {} } = operatorSpec(view).backups?.pgbackrest ?? {};
  const places = repos.map(({ name, s3, gcs, azure }) => {
    const store = s3 ? `s3 ${s3.bucket}` : gcs ? `gcs ${gcs.bucket}` : azure ? `azure ${azure.container}` : 'volume';
    return [name, `${store} ${global[`${name}-path`] ?? `/pgbackrest/${name}`}`] as const;
  });
  return Object.fromEntries(places);
}

/** Those that are elsewhere now, in words. A repository that was taken out or added has moved nowhere. */
export function movedRepositories(before: RepositoryPlaces, now: RepositoryPlaces): readonly string[] {
  return Object.entries(before).flatMap(([name, place]) => {
    const at = now[name];
    return at === undefined || at === place ? [] : [`${name} is at ${at}, its backups and archive are at ${place}`];
  });
}
