import { execa } from 'execa';
import type { History } from '../../ports.ts';

/** Git itself, in a repository that is there, as far as a branch's history is asked for. */
export function gitHistory(folder: string, branch: string, remote?: string): History {
  const git = async (...args: readonly string[]): Promise<string | undefined> => {
    const { stdout, failed } = await execa('git', args, { cwd: folder, reject: false, stripFinalNewline: false });
    return failed ? undefined : stdout;
  };
  const commits = async (...args: readonly string[]): Promise<readonly string[]> =>
    ((await git('rev-list', '--first-parent', ...args)) ?? '').split('\n').filter(Boolean);
  return {
    commitsOf: (path, most) => commits(`--max-count=${most}`, branch, '--', path),
    commitsAfter: async (commit, most) => (await commits('--reverse', `${commit}..${branch}`)).slice(0, most),
    changesAfter: async (commit, path) => {
      const options = ['--full-history', '--show-pulls', '--ancestry-path'];
      return ((await git('rev-list', ...options, `${commit}..${branch}`, '--', path)) ?? '')
        .split('\n')
        .filter(Boolean);
    },
    parentOf: async (commit) => (await git('rev-parse', '--verify', '-q', `${commit}^1`))?.trim(),
    fileAt: async (commit, path) => {
      const content = await git('show', `${commit}:${path}`);
      return content === undefined ? undefined : new TextEncoder().encode(content);
    },
    fetchCommit: async (commit, ref) => {
      if (remote !== undefined) await git('fetch', '-q', remote, ref);
      return (await git('cat-file', '-t', commit)) !== undefined;
    },
  };
}
