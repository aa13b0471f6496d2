import { isObjectId } from './fetch.ts';
import type { ReadGit } from './git.ts';
import { NotWhole } from './failure.ts';

/** What a tree has of one file. */
export interface TreeFile {
  readonly path: string;
  /** `100644`, `100755`; `120000` is a symbolic link, `160000` a submodule. */
  readonly mode: string;
  readonly blob: string;
}

/** By path, in the order of git. */
export type Tree = ReadonlyMap<string, TreeFile>;

const MAX_PATH = 1024;
const NAMES = ['lifecycle.yaml', 'lifecycle.yml'];

/** Files that this product reads, and those that carry nearly its name. */
function isWanted(path: string): boolean {
  return path.length <= MAX_PATH && NAMES.includes(path.slice(path.lastIndexOf('/') + 1));
}

/** All lifecycle files of a commit. Every folder is read, or this throws. */
export async function readTree(run: ReadGit, commit: string): Promise<Tree> {
  const output = await run(['ls-tree', '-r', '-z', '--full-tree', commit]);
  return new Map(
    records(output).flatMap((record) => {
      const [head, path] = split(record, '\t');
      if (!isWanted(path)) return [];
      const [mode = '', , blob = ''] = head.split(' ');
      return [[path, checked({ path, mode, blob })] as const];
    }),
  );
}

export interface ChangedTree {
  readonly tree: Tree;
  /** Paths of lifecycle files that are there, gone or different. */
  readonly changed: readonly string[];
}

/** The same for another commit, by what differs: only folders that differ are read. */
export async function readTreeFrom(run: ReadGit, tree: Tree, from: string, commit: string): Promise<ChangedTree> {
  const output = await run(['diff-tree', '-r', '-z', '--no-renames', '--raw', '--no-abbrev', from, commit]);
  const parts = records(output);
  const next = new Map(tree);
  const changed: string[] = [];
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const [, mode = '', , blob = ''] = (parts[index] ?? '').split(' ');
    const path = parts[index + 1] ?? '';
    if (!isWanted(path)) continue;
    changed.push(path);
    if (mode === '000000') next.delete(path);
    else next.set(path, checked({ path, mode, blob }));
  }
  return { tree: next, changed };
}

/** @throws where the output was cut: each record ends with NUL. */
export function records(output: Buffer): readonly string[] {
  if (output.length === 0) return [];
  if (output[output.length - 1] !== 0) throw new NotWhole('the list of files is cut off');
  return output.toString('utf8', 0, output.length - 1).split('\0');
}

function split(text: string, at: string): readonly [string, string] {
  const index = text.indexOf(at);
  return index === -1 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}

function checked(file: TreeFile): TreeFile {
  if (isObjectId(file.blob) && /^[0-7]{6}$/.test(file.mode)) return file;
  throw new NotWhole('the list of files cannot be read');
}

export const isRegular = ({ mode }: TreeFile): boolean => mode.startsWith('100');
