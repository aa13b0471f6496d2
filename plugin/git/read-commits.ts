import { hash } from 'node:crypto';
import type { CommitReader } from '../review/commit-reader.ts';
import type { RunGit } from './run-git.ts';

/** Commits of a repository, whole or not at all. */
export const commitReader = (git: RunGit): CommitReader => ({
  tree: async (commit, isWanted) => {
    const records = recordsOf(await git(['ls-tree', '-r', '-l', '-z', '--full-tree', commit]));
    return new Map(
      records.flatMap((record) => {
        const { mode, id, bytes, path } = FILE.exec(record)?.groups ?? broken();
        // Neither links nor submodules: what they lead to is none of this tree's files.
        const isFile = mode?.startsWith('100') === true;
        return isFile && path !== undefined && isWanted(path)
          ? [[path, { id: id ?? '', bytes: Number(bytes) }] as const]
          : [];
      }),
    );
  },
  blobs: async (ids) => {
    if (ids.length === 0) return new Map();
    return contentsOf(await git(['cat-file', '--batch'], ids.map((id) => `${id}\n`).join('')), ids);
  },
});

const FILE = /^(?<mode>[0-7]{6}) (?:blob|commit) (?<id>[0-9a-f]{40,64}) +(?<bytes>\d+|-)\t(?<path>.*)$/s;

/** Each ends with NUL, so that one that was cut off is seen. */
function recordsOf(output: Buffer): readonly string[] {
  if (output.length === 0) return [];
  if (output.at(-1) !== 0) return broken();
  return output.toString('utf8', 0, output.length - 1).split('\0');
}

/** `<id> blob <bytes>\n<content>\n` for each, in their order; each content is what its id says. */
function contentsOf(output: Buffer, ids: readonly string[]): ReadonlyMap<string, Uint8Array> {
  let at = 0;
  return new Map(
    ids.map((id) => {
      const end = output.indexOf('\n', at);
      const [found, type, bytes] = output.toString('latin1', at, Math.max(at, end)).split(' ');
      const content = output.subarray(end + 1, end + 1 + Number(bytes));
      if (end < 0 || found !== id || type !== 'blob' || idOf(content, id) !== id) return broken();
      at = end + 2 + content.length;
      return [id, content] as const;
    }),
  );
}

const idOf = (content: Uint8Array, like: string): string =>
  hash(like.length === 40 ? 'sha1' : 'sha256', Buffer.concat([Buffer.from(`blob ${content.length}\0`), content]));

function broken(): never {
  throw new Error('git did not print what it was asked for');
}
