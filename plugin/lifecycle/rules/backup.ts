import type { Draft } from '../draft.ts';
import { quoteKey, type Finding, type Path } from '../finding.ts';
import { bucketOf } from '../repository-places.ts';
import { when, type Rule } from './rule.ts';

const REPOSITORIES: Path = ['spec', 'backup', 'repositories'];
const BACKENDS = ['volume', 's3', 'gcs', 'azure'] as const;

type Repository = NonNullable<NonNullable<NonNullable<NonNullable<Draft['spec']>['backup']>['repositories']>[number]>;

interface Placed {
  readonly repository: Repository;
  readonly path: Path;
}

/** The repositories of a draft, and where each stands. */
export function placed(draft: Draft): readonly Placed[] {
  const found = draft.spec?.backup?.repositories ?? [];
  return found.flatMap((repository, index) => (repository ? [{ repository, path: [...REPOSITORIES, index] }] : []));
}

/** Each repository for itself, and its name among the others. */
export const repositories: Rule = (draft) => {
  const seen = new Set<string>();
  return placed(draft).flatMap(({ repository, path }) => {
    const { name } = repository;
    const again = name !== undefined && seen.has(name);
    if (name !== undefined) seen.add(name);
    return [
      ...when(again, () => ({
        code: 'duplicate-repository',
        path: [...path, 'name'],
        detail: `${name ?? ''} stands here again`,
      })),
      ...backends(repository, path),
    ];
  });
};

function backends(repository: Repository, path: Path): readonly Finding[] {
  // The keys, not the values: a backend of the wrong shape is a backend, and reported as such already.
  const present = BACKENDS.filter((backend) => backend in repository);
  const cloud = present.some((backend) => backend !== 'volume');
  return [
    ...when(present.length === 0, () => ({ code: 'repository-without-backend', path, detail: 'it has no backend' })),
    ...present.slice(1).map((backend): Finding => {
      const detail = `${backend} stands beside ${present[0] ?? ''}`;
      return { code: 'repository-with-two-backends', path: [...path, backend], at: 'key', detail };
    }),
    ...when(cloud && !('credentials' in repository), () => ({
      code: 'credentials-missing',
      path,
      detail: `${present.join(' and ')} needs a login`,
    })),
    ...(present.join() === 'volume' ? volumeOnly(repository, path) : []),
  ];
}

function volumeOnly(repository: Repository, path: Path): readonly Finding[] {
  return [
    ...when('path' in repository, () => ({
      code: 'volume-repository-path',
      path: [...path, 'path'],
      at: 'key',
      detail: 'a volume beside a path',
    })),
    ...when('credentials' in repository, () => ({
      code: 'credentials-unused',
      path: [...path, 'credentials'],
      at: 'key',
      detail: 'a volume needs no login',
    })),
  ];
}

/** pgBackRest's default for `repoN-path`. */
const DEFAULT_PATH = '/pgbackrest';

/** Two repositories of one bucket and path would write into each other's archive. */
export const sharedPaths: Rule = (draft) => {
  const seen = new Map<string, string>();
  return placed(draft).flatMap(({ repository, path }) =>
    places(repository).flatMap((place) => {
      const other = seen.get(place);
      seen.set(place, repository.name ?? 'another repository');
      return when(other !== undefined, () => ({
        code: 'repositories-share-path',
        path,
        detail: `${other ?? ''} has the same bucket and path`,
      }));
    }),
  );
};

function places(repository: Repository): readonly string[] {
  const bucket = bucketOf(repository);
  return bucket === undefined ? [] : [`${bucket} ${repository.path ?? DEFAULT_PATH}`];
}

/** What backup and restore requests refer to. */
export const repositoryReferences: Rule = (draft) => {
  const known = placed(draft).map(({ repository }) => repository.name);
  if (draft.spec?.backup?.repositories === undefined || known.includes(undefined)) return [];
  const references = [
    { name: draft.spec.backup.onDemand?.repository, path: ['spec', 'backup', 'onDemand', 'repository'] },
    { name: draft.spec.restore?.repository, path: ['spec', 'restore', 'repository'] },
  ];
  return references.flatMap(({ name, path }) =>
    when(name !== undefined && !known.includes(name), () => ({
      code: 'unknown-repository',
      path,
      detail: `there is no ${quoteKey(name ?? '')}`,
    })),
  );
};
