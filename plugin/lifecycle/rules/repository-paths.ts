import type { Draft } from '../draft.ts';
import type { Finding, Path } from '../finding.ts';
import type { Repository } from '../model.ts';
import { isInVolume, type RepositoryPaths } from '../repository-paths.ts';
import { placesOf, type Place } from '../repository-places.ts';
import { when, type Rule } from './rule.ts';

/** Two instances with one bucket and path would write into each other's archive (I8). */
export const sharedPlaces: Rule = (draft) => {
  const seen = new Map<string, Place>();
  return placesOf(draft).flatMap((place) => {
    const other = seen.get(place.key);
    if (other === undefined) seen.set(place.key, place);
    // An instance that stands there twice is reported as such.
    return when(other !== undefined && other.instance !== place.instance, () => ({
      code: 'repositories-share-path',
      path: place.path,
      detail: `${other?.what ?? ''} has the same bucket and path`,
      remedy: 'leave repositoryPaths to lifecycle next, which writes paths that nobody else has',
    }));
  });
};

/** What is written for repositories that the file has, of the instances that are rendered. */
export const writtenPaths: Rule = (draft) =>
  (['blue', 'green', 'restore'] as const).flatMap((role) => {
    const paths: RepositoryPaths = draft.spec?.[role]?.repositoryPaths ?? {};
    return (Object.keys(paths) as Repository['name'][]).flatMap((name) =>
      writtenPath(draft, name, paths[name], ['spec', role, 'repositoryPaths', name]),
    );
  });

function writtenPath(
  { spec }: Draft,
  name: Repository['name'],
  path: string | undefined,
  at: Path,
): readonly Finding[] {
  const repositories = spec?.backup?.repositories;
  if (path === undefined || repositories?.some((each) => each?.name === undefined) !== false) return [];
  const repository = repositories.find((each) => each?.name === name);
  if (!repository) return [{ code: 'unknown-repository', path: at, at: 'key', detail: `there is no ${name}` }];
  return when('volume' in repository && !isInVolume(path, name), () => ({
    code: 'volume-repository-path',
    path: at,
    detail: 'a volume beside a path elsewhere',
    remedy: `remove it, or keep it at /pgbackrest/${name}`,
  }));
}
