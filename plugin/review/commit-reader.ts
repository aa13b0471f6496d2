import { readLifecycle, type ReadResult } from '../lifecycle/parse.ts';
import { MAX_BYTES } from '../lifecycle/source/decode.ts';
import type { Tree } from './changed-files.ts';
import { MOST_TEMPLATE_BYTES, tooLarge } from './file-problems.ts';
import { isLifecycleFile } from './paths.ts';

/** Where trees are read from: a repository, by commit and by object. */
export interface CommitReader {
  /** The regular files of a commit whose path is wanted. */
  readonly tree: (commit: string, isWanted: (path: string) => boolean) => Promise<Tree>;
  /** By object id: all that are asked for. */
  readonly blobs: (ids: readonly string[]) => Promise<ReadonlyMap<string, Uint8Array>>;
}

/** One commit's files, as far as they were read. */
export interface Files {
  readonly tree: Tree;
  /** @returns undefined where there is no such file, or it is too large to be read. */
  readonly source: (path: string) => Uint8Array | undefined;
  /** @returns undefined where there is no such file. */
  readonly lifecycle: (path: string) => ReadResult | undefined;
}

const mostBytes = (path: string): number => (isLifecycleFile(path) ? MAX_BYTES : MOST_TEMPLATE_BYTES);

/** Ids of those that are not too large to be read. */
export const readable = (tree: Tree, paths: Iterable<string>): readonly string[] =>
  [...paths].flatMap((path) => {
    const file = tree.get(path);
    return file === undefined || file.bytes > mostBytes(path) ? [] : [file.id];
  });

/** @param contents by object id; may be filled further. */
export function filesOf(tree: Tree, contents: ReadonlyMap<string, Uint8Array>): Files {
  const results = new Map<string, ReadResult>();
  const source = (path: string): Uint8Array | undefined => contents.get(tree.get(path)?.id ?? '');
  const read = (path: string, bytes: number): ReadResult => {
    const content = source(path);
    return content === undefined ? { ok: false, problems: [tooLarge(path, bytes)] } : readLifecycle(content, path);
  };
  return {
    tree,
    source,
    lifecycle: (path) => {
      const file = tree.get(path);
      if (file === undefined) return undefined;
      const result = results.get(path) ?? read(path, file.bytes);
      results.set(path, result);
      return result;
    },
  };
}
