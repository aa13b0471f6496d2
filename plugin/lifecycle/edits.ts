import type { Document } from 'yaml';
import type { Path } from './finding.ts';
import type { Blue, Lifecycle, LifecycleSpec, Stage } from './model.ts';
import { newRepositoryPaths, pathOfBlue, pathOfGreen, pathOfRestored, pathsOf } from './repository-paths.ts';
import { append, applyEdit, insertAfter, remove, replaceValue, type Edit } from './source/edit.ts';
import { readYaml } from './source/read-yaml.ts';

/** One change of a text, made by its reading. */
type Change = (text: string, document: Document) => Edit;

/** A change of a lifecycle file: how its text changes, and what it says then. */
export interface Move {
  readonly to: 'AtRest' | Stage;
  readonly changes: readonly Change[];
  /** Without defaults where they are left out. */
  readonly result: object;
}

/** The text after all changes, each made on a reading of what those before have left. */
export function edited(text: string, { changes }: Move): string {
  return changes.reduce((before, change) => applyEdit(before, change(before, readYaml(before).document)), text);
}

const BLUE: Path = ['spec', 'blue'];
const GREEN: Path = ['spec', 'green'];
const RESTORE: Path = ['spec', 'restore'];
const CLOSED: Path = ['spec', 'closed'];

const add =
  (behind: Path, fields: object): Change =>
  (text, document) =>
    insertAfter(text, document, behind, fields);
const take =
  (path: Path): Change =>
  (text, document) =>
    remove(text, document, path);
const set =
  (path: Path, value: string): Change =>
  (_text, document) =>
    replaceValue(document, path, value);

const withSpec = (lifecycle: Lifecycle, changed: object): object => ({
  ...lifecycle,
  spec: { ...lifecycle.spec, ...changed },
});

const pathsOfNew = ({ metadata, spec }: Lifecycle, instance: string, life: string): Pick<Blue, 'repositoryPaths'> => {
  const repositoryPaths = newRepositoryPaths(spec.backup.repositories, { lifecycle: metadata.name, instance, life });
  return repositoryPaths === undefined ? {} : { repositoryPaths };
};

/** A new green, with paths for its backups that no other instance has. */
export function toPrepare(
  lifecycle: Lifecycle,
  { name, version }: { readonly name: string; readonly version: string },
  life: string,
): Move {
  const green = { name, version, strategy: 'Clone', stage: 'Prepare', ...pathsOfNew(lifecycle, name, life) };
  return {
    to: 'Prepare',
    changes: [add(BLUE, { green })],
    result: withSpec(lifecycle, { green }),
  };
}

/** A green that was written by hand gets its paths now, before its database exists. */
export function toSwitch(lifecycle: Lifecycle, life: string): Move {
  const { green } = lifecycle.spec;
  if (!green) throw new Error('there is no green');
  const paths = green.repositoryPaths === undefined ? pathsOfNew(lifecycle, green.name, life) : {};
  return {
    to: 'Switch',
    changes: [
      set([...GREEN, 'stage'], 'Switch'),
      ...(paths.repositoryPaths === undefined ? [] : [add([...GREEN, 'stage'], paths)]),
    ],
    result: withSpec(lifecycle, { green: { ...green, stage: 'Switch', ...paths } }),
  };
}

/**
 * Green, as it runs, is the new blue: its backups stay where they are, the attempt included. The one before it is listed as
 * closed, with what its objects are called and where its backups are.
 */
export function toAtRest(lifecycle: Lifecycle): Move {
  const { green, ...spec } = lifecycle.spec;
  if (!green) throw new Error('there is no green');
  const { name, version, names } = green;
  const paths = pathsOf(spec.backup.repositories, (each) => pathOfGreen(each, green));
  const next = { name, version, ...(names && { names }), ...written(paths) };
  return toNewBlue({ ...lifecycle, spec }, GREEN, next, closing(spec));
}

/** What was restored beside, and switched to, is the new blue. */
export function toRestoredBeside(lifecycle: Lifecycle): Move {
  const { restore, ...spec } = lifecycle.spec;
  const { name: owner } = lifecycle.metadata;
  if (restore?.name === undefined) throw new Error('there is no restore beside');
  const { name, applicationVersion: version = spec.blue.version } = restore;
  const paths = pathsOf(spec.backup.repositories, (each) => pathOfRestored(each, restore, owner));
  // Of what is lost nothing is left to retire.
  const closes = restore.sourceLost ? undefined : closing(spec);
  return toNewBlue({ ...lifecycle, spec }, RESTORE, { name, version, ...written(paths) }, closes);
}

/** Blue as it is listed when it is closed: with what its objects are called and where its backups are. */
const closing = ({ backup, blue }: LifecycleSpec): Blue => ({
  ...blue,
  ...written(pathsOf(backup.repositories, (each) => pathOfBlue(each, blue))),
});

/**
 * @param lifecycle without what brought the new blue
 * @param was where that stood
 * @param closes the one before, where there is still something of it
 */
function toNewBlue(lifecycle: Lifecycle, was: Path, { name, version, ...more }: Blue, closes: Blue | undefined): Move {
  const { blue, closed, ...rest } = lifecycle.spec;
  const all = [...(closed ?? []), ...(closes ? [closes] : [])];
  return {
    to: 'AtRest',
    changes: [
      ...(closes ? [close(closed, closes)] : []),
      take(was),
      ...(['names', 'repositoryPaths'] as const)
        .filter((field) => blue[field] !== undefined)
        .map((field) => take([...BLUE, field])),
      set([...BLUE, 'name'], name),
      set([...BLUE, 'version'], JSON.stringify(version)),
      ...(Object.keys(more).length === 0 ? [] : [add([...BLUE, 'version'], more)]),
    ],
    result: {
      ...lifecycle,
      spec: { ...rest, blue: { name, version, ...more }, ...(all.length > 0 && { closed: all }) },
    },
  };
}

const close = (closed: LifecycleSpec['closed'], before: Blue): Change =>
  closed ? (text, document) => append(text, document, CLOSED, before) : add(BLUE, { closed: [before] });

/** The instance that was restored beside is to serve. */
export function toRestoredSwitch(lifecycle: Lifecycle): Move {
  const { restore } = lifecycle.spec;
  if (!restore) throw new Error('there is no restore');
  return {
    to: 'Switch',
    changes: [set([...RESTORE, 'stage'], 'Switch')],
    result: withSpec(lifecycle, { restore: { ...restore, stage: 'Switch' } }),
  };
}

/** What was restored is what runs, at the version that fits it. */
export function toRestored(lifecycle: Lifecycle): Move {
  const { restore, ...rest } = lifecycle.spec;
  if (!restore) throw new Error('there is no restore');
  const { applicationVersion: version = rest.blue.version } = restore;
  return {
    to: 'AtRest',
    changes: [
      take(RESTORE),
      ...(version === rest.blue.version ? [] : [set([...BLUE, 'version'], JSON.stringify(version))]),
    ],
    result: { ...lifecycle, spec: { ...rest, blue: { ...rest.blue, version } } },
  };
}

const written = (repositoryPaths: Blue['repositoryPaths']): Pick<Blue, 'repositoryPaths'> =>
  repositoryPaths === undefined ? {} : { repositoryPaths };
