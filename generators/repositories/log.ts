import { isObjectId } from './fetch.ts';
import { NotWhole } from './failure.ts';
import type { ReadGit } from './git.ts';
import { records } from './tree.ts';

/** Blobs that these files were at one commit; undefined where it has no such file. */
export interface Version {
  readonly commit: string;
  readonly committedAt: Date;
  readonly blobs: readonly (string | undefined)[];
}

/** The files at the head and at first-parent commits that touched one of them, newest first, at most so many. */
export async function versionsOf(
  run: ReadGit,
  head: string,
  paths: readonly string[],
  most: number,
): Promise<readonly Version[]> {
  const args = ['rev-list', '--timestamp', '--first-parent', `--max-count=${most}`, head, '--', ...paths];
  const commits = lines(await run(args)).map((line) => {
    const [seconds, commit = ''] = line.split(' ');
    return { commit, committedAt: new Date(Number(seconds) * 1000) };
  });
  if (commits.length === 0) return [];
  const asked = commits.flatMap(({ commit }) => paths.map((path) => `${commit}:${path}\0`));
  const answers = lines(await run(['cat-file', '-z', '--batch-check=%(objectname) %(objecttype)'], asked.join('')));
  // A path with a line's end in it takes more lines where it is missing: those are no answers.
  const blobs = answers.flatMap((line) => (/^[0-9a-f]{40,64} [a-z]+$| missing$/.test(line) ? [blobOf(line)] : []));
  if (blobs.length !== asked.length) throw new NotWhole('the answer is not whole');
  return commits.map((each, index) => ({
    ...each,
    blobs: blobs.slice(index * paths.length, (index + 1) * paths.length),
  }));
}

function blobOf(line: string): string | undefined {
  const [id = '', type] = line.split(' ');
  return type === 'blob' && isObjectId(id) ? id : undefined;
}

/** One commit of the first-parent chain. */
export interface Link {
  readonly commit: string;
  /** Undefined at the beginning of history. */
  readonly parent: string | undefined;
}

/** The head and its first parents, newest first, at most so many. */
export async function chainOf(run: ReadGit, head: string, most: number): Promise<readonly Link[]> {
  const output = await run(['rev-list', '--first-parent', '--parents', `--max-count=${most}`, head]);
  return lines(output).map((line) => {
    const [commit = '', parent] = line.split(' ');
    return { commit, parent };
  });
}

/** Paths that a commit added and removed, against its first parent. */
export interface Change {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** @param links with a parent */
export async function changesOf(run: ReadGit, links: readonly Link[]): Promise<readonly Change[]> {
  if (links.length === 0) return [];
  const asked = links.map(({ commit, parent = '' }) => `${commit} ${parent}\n`).join('');
  const args = [
    'diff-tree',
    '--stdin',
    '--always',
    '-r',
    '-z',
    '--no-renames',
    '--raw',
    '--no-abbrev',
    '--diff-filter=AD',
  ];
  const parts = records(await run(args, asked));
  const changes: { added: string[]; removed: string[] }[] = [];
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index] ?? '';
    if (isObjectId(part.trim())) {
      changes.push({ added: [], removed: [] });
      continue;
    }
    const change = changes.at(-1);
    const path = parts[++index];
    if (!part.startsWith(':') || !change || path === undefined) throw new NotWhole('the list of changes is not whole');
    (part.endsWith(' A') ? change.added : change.removed).push(path);
  }
  if (changes.length !== links.length) throw new NotWhole('the list of changes is not whole');
  return changes;
}

/** A commit with the time that its committer gave it. */
interface Dated {
  readonly commit: string;
  /** Seconds since 1970. */
  readonly time: number;
  readonly parents: readonly string[];
}

/** Every commit behind a head, that one too; parents before their children. */
export async function ancestryOf(run: ReadGit, head: string): Promise<readonly Dated[]> {
  const output = await run(['rev-list', '--timestamp', '--parents', '--topo-order', '--reverse', head]);
  return lines(output).map((line) => {
    const [seconds, commit = '', ...parents] = line.split(' ');
    return { commit, time: Number(seconds), parents };
  });
}

/** When a commit came into a branch. */
export interface Since {
  /** Seconds since 1970. */
  readonly time: number;
  /** Of the commits that were not built on it, how many there are: of two commits of one chain the older has fewer. */
  readonly beside: number;
}

/**
 * When a commit came, by the newest of the times that it carries, and every commit of the branch that was not built on it: whoever dates a
 * commit back cannot put it before what the branch had already, not even as the first parent of a merge with that.
 */
export function sinceOf(ancestry: readonly Dated[], commit: string): Since {
  const after = new Set<string>();
  let since: Since = { time: 0, beside: 0 };
  for (const each of ancestry)
    if (each.parents.some((parent) => parent === commit || after.has(parent))) after.add(each.commit);
    else since = { time: Math.max(since.time, each.time), beside: since.beside + 1 };
  return since;
}

const lines = (output: Buffer): readonly string[] =>
  output
    .toString()
    .split('\n')
    .filter((line) => line !== '');
