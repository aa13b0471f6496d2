import type { Repository } from './model.ts';

/**
 * Where an instance's backups are, as pgBackRest's `repoN-path`. A path is fixed for an instance's life: another one would
 * leave the archive behind, and two clusters of one bucket and path corrupt each other (I8). So it stands in the file
 * (`repositoryPaths`), written when the instance is; what stands nowhere follows from the instance's name, for the files of
 * before. These functions take drafts, so that rules, renderer and `lifecycle next` read one definition.
 */

/** The operator's own default, and where it mounts volumes; their stanza is never created elsewhere (PGO v6.0.3). */
const OPERATOR_ROOT = '/pgbackrest';

/** `repo1` … `repo4` → path. */
export type RepositoryPaths = Readonly<Partial<Record<Repository['name'], string | undefined>>>;

/** What a path depends on of a repository, and of an instance. */
interface PathRepository {
  readonly name?: Repository['name'] | undefined;
  readonly path?: string | undefined;
}
interface PathInstance {
  readonly name?: string | undefined;
  readonly names?: { readonly database?: string | undefined } | undefined;
  readonly attempt?: number | undefined;
  readonly repositoryPaths?: RepositoryPaths | undefined;
}

const isVolume = (repository: object): boolean => 'volume' in repository && repository.volume !== undefined;

const written = ({ name }: PathRepository, { repositoryPaths }: PathInstance): string | undefined =>
  name && repositoryPaths?.[name];

const below = ({ path = OPERATOR_ROOT, name = 'repo1' }: PathRepository, ...parts: readonly string[]): string =>
  [path, ...parts, name].join('/');

/** @returns undefined where the operator decides: a volume's. */
export function pathOfBlue(repository: PathRepository, blue: PathInstance): string | undefined {
  const own = written(repository, blue);
  if (own !== undefined || isVolume(repository)) return own;
  // A cluster that existed before its lifecycle stays where it is.
  if (blue.names?.database !== undefined) return repository.path ?? below(repository);
  return below(repository, blue.name ?? '', '1');
}

/** A second attempt is a second clone of one source: on the first one's path it would meet a WAL of the same names. */
export function pathOfGreen(repository: PathRepository, green: PathInstance): string | undefined {
  const own = written(repository, green);
  const { name = '', attempt = 1 } = green;
  if (isVolume(repository)) return own;
  if (own !== undefined) return attempt === 1 ? own : `${own}-${attempt}`;
  return below(repository, name, String(attempt));
}

/** What is restored beside. */
interface PathRestore extends Pick<PathInstance, 'name' | 'repositoryPaths'> {
  readonly id?: string | undefined;
}

/** A restore's id is used once, ever: an instance that comes back under a name does not meet its older archive. */
export function pathOfRestored(
  repository: PathRepository,
  restore: PathRestore,
  lifecycle: string | undefined,
): string | undefined {
  const own = written(repository, restore);
  if (own !== undefined || isVolume(repository)) return own;
  const { name = '', id = '' } = restore;
  return below(repository, lifecycle ?? '', name, id);
}

/** @param rehearsal the name of its instance, which holds the digest of its plan */
export function pathOfRehearsal(
  repository: PathRepository,
  green: PathInstance,
  rehearsal: string,
): string | undefined {
  const own = written(repository, green);
  if (isVolume(repository)) return own;
  return own === undefined ? below(repository, rehearsal, '1') : `${own}-${rehearsal}`;
}

/** Whether a volume's path is one that its stanza can be created at. */
export const isInVolume = (path: string, repository: Repository['name']): boolean =>
  path === `${OPERATOR_ROOT}/${repository}` || path.startsWith(`${OPERATOR_ROOT}/${repository}/`);

type Paths = (repository: Repository) => string | undefined;

/** The paths of all repositories that have one; undefined when none has. */
export function pathsOf(repositories: readonly Repository[], path: Paths): RepositoryPaths | undefined {
  const paths = repositories.flatMap((repository): [string, string][] => {
    const own = path(repository);
    return own === undefined ? [] : [[repository.name, own]];
  });
  return paths.length === 0 ? undefined : Object.fromEntries(paths);
}

/** Whose paths are to be made. */
interface NewInstance {
  readonly lifecycle: string;
  readonly instance: string;
  /** Text that no other life of any instance has: of none in another namespace or cluster, and of no earlier one of its name. */
  readonly life: string;
}

/** The paths of a new instance: for `lifecycle next`, and for the first file of a lifecycle. */
export function newRepositoryPaths(
  repositories: readonly Repository[],
  { lifecycle, instance, life }: NewInstance,
): RepositoryPaths | undefined {
  return pathsOf(repositories, (repository) =>
    isVolume(repository) ? undefined : below(repository, lifecycle, instance, life),
  );
}
