import { readBlobs } from './blobs.ts';
import { RepositoryError } from './failure.ts';
import { isObjectId } from './fetch.ts';
import type { History } from '../ports.ts';
import type { Mirror } from './mirror.ts';
import { isRegular, type TreeFile } from './tree.ts';

/** The commits of one branch, as they are behind this head. */
export function historyOf(mirror: Mirror, head: string, signal: AbortSignal): History {
  const { url } = mirror.repository;
  /** Commits that were fetched, with their refs. */
  const refs = new Map<string, string>();
  return {
    commitsOf: (path, most) =>
      mirror.read('its history', signal, async (run) =>
        ids(await run(['rev-list', '--first-parent', `--max-count=${most}`, head, '--', path])),
      ),
    commitsAfter: (commit, most) =>
      mirror.read('its history', signal, async (run) =>
        ids(await run(['rev-list', '--first-parent', '--reverse', `${object(commit)}..${head}`])).slice(0, most),
      ),
    changesAfter: (commit, path) =>
      mirror.read('its history', signal, async (run) => {
        const range = `${object(commit)}..${head}`;
        return ids(await run(['rev-list', '--full-history', '--show-pulls', '--ancestry-path', range, '--', path]));
      }),
    parentOf: (commit) =>
      mirror.read('its history', signal, async (run) => {
        const [, parent] = (await run(['rev-list', '--parents', '--max-count=1', object(commit)]))
          .toString()
          .trim()
          .split(' ');
        return parent;
      }),
    fileAt: (commit, path) => {
      const ref = refs.get(commit);
      return mirror.kept.read(
        `${path} at ${commit.slice(0, 12)}`,
        signal,
        async (run) => {
          const file = fileOf(await run(['ls-tree', '-z', '--full-tree', object(commit), '--', path]), path);
          if (!file || !isRegular(file)) return undefined;
          const content = (await readBlobs(run, [file.blob])).get(file.blob);
          return content instanceof Uint8Array ? content : 'too large';
        },
        ref === undefined ? undefined : { commit, ref },
      );
    },
    fetchCommit: (commit, ref) => {
      if (!/^refs\/[\w-]+(?:\/[\w.-]+)+$/.test(ref) || ref.includes('..'))
        throw new RepositoryError('generator-repository-unreadable', `${url}: a ref that git does not have`);
      refs.set(commit, ref);
      return mirror.kept.fetch(object(commit), ref, signal).catch((error: unknown) => {
        // Of one pull request; it is no reason to refuse all others.
        if (error instanceof RepositoryError && error.code === 'generator-over-limits') return false;
        throw error;
      });
    },
  };
}

const ids = (output: Buffer): readonly string[] =>
  output
    .toString()
    .split('\n')
    .filter((line) => line !== '');

function object(commit: string): string {
  if (!isObjectId(commit)) throw new RepositoryError('generator-repository-unreadable', 'no id of a commit');
  return commit;
}

function fileOf(output: Buffer, path: string): TreeFile | undefined {
  const [head, found] = output.toString().replace(/\0$/, '').split('\t');
  const [mode = '', , blob = ''] = (head ?? '').split(' ');
  return found === path ? { path, mode, blob } : undefined;
}
