import { folderOf, isLifecycleFile, isTemplate, folderOfTemplate } from './paths.ts';

/** A tree's files that matter: path → object id and size in bytes. */
export type Tree = ReadonlyMap<string, { readonly id: string; readonly bytes: number }>;

type Change = 'added' | 'changed' | 'removed';

/** A lifecycle file that is not the same, or something that is rendered with it. */
export interface ChangedFile {
  readonly path: string;
  readonly change: Change | 'moved' | 'templates';
  /** Where it was: of one that moved. */
  readonly from?: string;
  /** What changed in its folder's templates/, by path. */
  readonly templates: readonly { readonly path: string; readonly change: Change }[];
}

/** What a file calls itself; undefined where it cannot be read. */
type NameOf = (path: string) => string | undefined;

/**
 * Every lifecycle file that is not the same in both trees, in the order of its path.
 * @param names how the files that are gone, and those that are new, call themselves
 */
export function changedFiles(
  base: Tree,
  head: Tree,
  names: { readonly base: NameOf; readonly head: NameOf },
): readonly ChangedFile[] {
  const changes = new Map<string, ChangedFile['change']>();
  const templates = new Map<string, { path: string; change: Change }[]>();
  for (const path of [...new Set([...base.keys(), ...head.keys()])].sort(byText)) {
    const change = changeOf(base, head, path);
    if (change === undefined) continue;
    if (isLifecycleFile(path)) changes.set(path, change);
    else if (isTemplate(path)) {
      const of = lifecycleFileIn(folderOfTemplate(path));
      if (!base.has(of) && !head.has(of)) continue;
      templates.set(of, [...(templates.get(of) ?? []), { path, change }]);
      if (!changes.has(of) && changeOf(base, head, of) === undefined) changes.set(of, 'templates');
    }
  }
  const moves = movesOf(base, head, changes, names);
  const gone = new Set(moves.values());
  return [...changes]
    .filter(([path]) => !gone.has(path))
    .map(([path, change]): ChangedFile => {
      const from = moves.get(path);
      const own = templates.get(path) ?? [];
      return from === undefined
        ? { path, change, templates: own }
        : { path, change: 'moved', from, templates: movedTemplates(base, head, from, path) };
    })
    .sort((a, b) => byText(a.path, b.path));
}

/** Of code units: the same on every machine. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const lifecycleFileIn = (folder: string): string => (folder === '.' ? 'lifecycle.yaml' : `${folder}/lifecycle.yaml`);

function changeOf(base: Tree, head: Tree, path: string): Change | undefined {
  const [before, after] = [base.get(path), head.get(path)];
  if (before?.id === after?.id) return undefined;
  if (before === undefined) return 'added';
  return after === undefined ? 'removed' : 'changed';
}

/**
 * New path → old path: of one that is the same to the byte, else of one that calls itself the same, where that is clear. Two that are called alike
 * (one a cluster) are two.
 */
function movesOf(
  base: Tree,
  head: Tree,
  changes: ReadonlyMap<string, ChangedFile['change']>,
  names: { readonly base: NameOf; readonly head: NameOf },
): ReadonlyMap<string, string> {
  const removed = [...changes].filter(([, change]) => change === 'removed').map(([path]) => path);
  const added = [...changes].filter(([, change]) => change === 'added').map(([path]) => path);
  const moves = new Map<string, string>();
  const pair = (keyOfOld: NameOf, keyOfNew: NameOf): void => {
    const taken = new Set(moves.values());
    const old = Map.groupBy(
      removed.filter((path) => !taken.has(path)),
      keyOfOld,
    );
    const now = Map.groupBy(
      added.filter((path) => !moves.has(path)),
      keyOfNew,
    );
    for (const [key, [path, ...more]] of now) {
      const [from, ...others] = (key === undefined ? undefined : old.get(key)) ?? [];
      if (path !== undefined && from !== undefined && more.length === 0 && others.length === 0) moves.set(path, from);
    }
  };
  pair(
    (path) => base.get(path)?.id,
    (path) => head.get(path)?.id,
  );
  pair(names.base, names.head);
  return moves;
}

function movedTemplates(base: Tree, head: Tree, from: string, to: string): ChangedFile['templates'] {
  const own = (tree: Tree, file: string): ReadonlyMap<string, string> =>
    new Map(
      [...tree]
        .filter(([path]) => isTemplate(path) && folderOfTemplate(path) === folderOf(file))
        .map(([path, { id }]) => [path.slice(path.lastIndexOf('/') + 1), id]),
    );
  const [old, now] = [own(base, from), own(head, to)];
  const folder = to.slice(0, -'lifecycle.yaml'.length);
  return [...new Set([...old.keys(), ...now.keys()])].sort(byText).flatMap((name) => {
    const change = !old.has(name)
      ? 'added'
      : !now.has(name)
        ? 'removed'
        : old.get(name) === now.get(name)
          ? undefined
          : 'changed';
    return change === undefined ? [] : [{ path: `${folder}templates/${name}`, change }];
  });
}
