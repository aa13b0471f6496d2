import { commitReader } from '../../plugin/git/read-commits.ts';
import { LifecycleError } from '../../plugin/errors/errors.ts';
import type { RepositoryConfig } from '../config/schema.ts';
import type { ReviewedTrees } from '../ports.ts';
import { RepositoryError } from './failure.ts';
import { GitFailure, type ReadGit } from './git.ts';
import type { Mirror } from './mirror.ts';

/** Pull requests of the mirrored repositories, read beside the mirrors. */
export const reviewedTrees = (mirrorOf: (repository: RepositoryConfig) => Mirror): ReviewedTrees => ({
  fetch: async (repository, { head, headRef, base }, signal) => {
    const mirror = mirrorOf(repository);
    // What the head was rebased onto may be newer than the last fetch.
    mirror.pushed();
    const { heads } = await mirror.current(signal);
    if (!(await small(mirror.kept.fetch(head, headRef, signal)))) return 'moved';
    const at = { commit: head, ref: headRef };
    const read = <T>(what: string, action: (run: ReadGit) => Promise<T>): Promise<T> =>
      small(mirror.kept.read(what, signal, action, at));
    const into = heads.get(base);
    const mergeBase = into === undefined ? undefined : await read('its history', (run) => mergeBaseOf(run, into, head));
    return {
      mergeBase,
      reader: {
        tree: (commit, isWanted) =>
          read(`the files of ${commit.slice(0, 12)}`, (run) => commitReader(run).tree(commit, isWanted)),
        blobs: (ids) => read('lifecycle files', (run) => commitReader(run).blobs(ids)),
      },
    };
  },
});

/** What a pull request has too much of is said on it. */
async function small<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof RepositoryError) || error.code !== 'generator-over-limits') throw error;
    throw new LifecycleError('review-too-large', error.detail);
  }
}

/** That there is none is no damage. */
async function mergeBaseOf(run: ReadGit, one: string, other: string): Promise<string | undefined> {
  try {
    return (await run(['merge-base', one, other])).toString().trim();
  } catch (error) {
    if (error instanceof GitFailure && /exit code 1$/.test(error.message)) return undefined;
    throw error;
  }
}
