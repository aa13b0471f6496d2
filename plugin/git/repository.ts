import { realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { LifecycleError } from '../errors/errors.ts';
import type { CommitReader } from '../review/commit-reader.ts';
import type { Commits } from '../review/review.ts';
import { commitReader } from './read-commits.ts';
import { gitIn, GitFailure, type RunGit } from './run-git.ts';

/** The clone that a folder is in. */
export interface Repository {
  readonly reader: CommitReader;
  /** The folder, from the root of the repository; `.` for the root. */
  readonly within: string;
  /**
   * What a pull request of HEAD into this revision changes: from their merge base to HEAD.
   * @param revision a branch, tag or commit; anything that git takes for one
   * @throws LifecycleError base-unknown, no-merge-base
   */
  readonly changesSince: (revision: string) => Promise<Commits>;
}

/**
 * @param path a file or folder, absolute; it need not be there (any more)
 * @throws LifecycleError no-repository
 */
export async function openRepository(
  path: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Repository> {
  const folder = nearestFolder(path);
  const git = gitIn(folder, environment);
  const root = await rootOf(git, folder);
  const rest = relative(folder, path);
  return {
    reader: commitReader(gitIn(root, environment)),
    within:
      relative(root, join(realpathSync(folder), rest))
        .split(sep)
        .join('/') || '.',
    changesSince: async (revision) => {
      const head = (await commitOf(git, 'HEAD')) ?? refuse('base-unknown', 'HEAD has no commit yet');
      const asked =
        (await commitOf(git, revision)) ?? refuse('base-unknown', `${JSON.stringify(revision)}${await shallow(git)}`);
      const base = await mergeBase(git, asked, head);
      return {
        base: base ?? refuse('no-merge-base', `${JSON.stringify(revision)} and HEAD${await shallow(git)}`),
        head,
      };
    },
  };
}

/** The folder itself, or the one that it was in. */
function nearestFolder(path: string): string {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder || path === dirname(path) ? path : nearestFolder(dirname(path));
}

async function rootOf(git: RunGit, folder: string): Promise<string> {
  try {
    return (await git(['rev-parse', '--show-toplevel'])).toString().replace(/\n$/, '');
  } catch (error) {
    const isThere = error instanceof GitFailure && error.exitCode > 0;
    return refuse(isThere ? 'no-repository' : 'git-failed', `${folder}: ${textOfGit(error)}`);
  }
}

/** Never an option, whatever somebody calls a branch. */
async function commitOf(git: RunGit, revision: string): Promise<string | undefined> {
  if (!/^[^-\p{Cc}][^\p{Cc}]*$/u.test(revision)) return undefined;
  try {
    const output = await git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]);
    return /^[0-9a-f]{40,64}$/.exec(output.toString().trim())?.[0];
  } catch (error) {
    if (error instanceof GitFailure && error.exitCode > 0) return undefined;
    throw error;
  }
}

async function mergeBase(git: RunGit, one: string, other: string): Promise<string | undefined> {
  try {
    return (await git(['merge-base', one, other])).toString().trim();
  } catch (error) {
    if (error instanceof GitFailure && error.exitCode === 1) return undefined;
    throw new LifecycleError('git-failed', textOfGit(error));
  }
}

async function shallow(git: RunGit): Promise<string> {
  const answer = await git(['rev-parse', '--is-shallow-repository']);
  return answer.toString().trim() === 'true' ? ' (this clone is shallow: it has no more than the newest commits)' : '';
}

/** Its first line, without `fatal:`. */
const textOfGit = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/^fatal: /, '').split('\n')[0] ?? '';

function refuse(...[code, detail]: ConstructorParameters<typeof LifecycleError>): never {
  throw new LifecycleError(code, detail);
}
