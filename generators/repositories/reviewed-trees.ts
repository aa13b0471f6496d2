import { commitReader } from '../../plugin/git/read-commits.ts';
import type { RepositoryConfig } from '../config/schema.ts';
import type { ReviewedTrees } from '../ports.ts';
import { GitFailure } from './git.ts';
import type { Mirror, ReadGit } from './mirror.ts';

/** Pull requests of the mirrored repositories, read in the mirrors. */
export const reviewedTrees = (mirrorOf: (repository: RepositoryConfig) => Mirror): ReviewedTrees => ({
  fetch: async (repository, { head, headRef, base }, signal) => {
    const mirror = mirrorOf(repository);
    // What the head was rebased onto may be newer than the last fetch.
    mirror.pushed();
    const { heads } = await mirror.current(signal);
    if (!(await mirror.fetchCommit(head, headRef, signal))) return 'moved';
    const into = heads.get(base);
    const mergeBase =
      into === undefined
        ? undefined
        : await mirror.read('its history', signal, async (run) => await mergeBaseOf(run, into, head));
    return {
      mergeBase,
      reader: {
        tree: (commit, isWanted) =>
          mirror.read(`the files of ${commit.slice(0, 12)}`, signal, (run) => commitReader(run).tree(commit, isWanted)),
        blobs: (ids) => mirror.read('lifecycle files', signal, (run) => commitReader(run).blobs(ids)),
      },
    };
  },
});

/** That there is none is no damage. */
async function mergeBaseOf(run: ReadGit, one: string, other: string): Promise<string | undefined> {
  try {
    return (await run(['merge-base', one, other])).toString().trim();
  } catch (error) {
    if (error instanceof GitFailure && /exit code 1$/.test(error.message)) return undefined;
    throw error;
  }
}
