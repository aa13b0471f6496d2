import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { waitFor } from '../wait-for.ts';
import { client, emailOf, PASSWORD, type GiteaClient } from './client.ts';
import type { GiteaServer } from './server.ts';

export type Style = 'merge' | 'rebase' | 'squash' | 'rebase-merge' | 'fast-forward-only';

interface CommitOptions {
  /** Content of files by their paths; null removes one. */
  readonly files: Readonly<Record<string, string | null>>;
  readonly message?: string;
  /** Whose e-mail address it carries. */
  readonly email?: string;
}

/** One repository of a server with a work tree of it, in which everybody works. */
export interface GiteaRepository {
  /** `org/name` */
  readonly project: string;
  readonly url: string;
  readonly folder: string;
  readonly git: (...args: readonly string[]) => Promise<string>;
  /** On the branch that is checked out. @returns the commit */
  readonly commit: (by: string, options: CommitOptions) => Promise<string>;
  /** Pushes the branch that is checked out. */
  readonly push: (by: string, ...options: readonly string[]) => Promise<void>;
  /** Of a branch that was pushed, once its head is what was pushed. @returns its number */
  readonly pullRequest: (by: string, branch: string) => Promise<number>;
  /** Waits until the server has seen what was pushed to a pull request's branch. */
  readonly seen: (number: number, head: string) => Promise<void>;
  readonly review: (number: number, by: string, event: 'APPROVED' | 'REQUEST_CHANGES' | 'COMMENT') => Promise<number>;
  readonly dismiss: (number: number, review: number) => Promise<void>;
  /** By an administrator; the work tree has it afterwards. */
  readonly merge: (number: number, style?: Style) => Promise<void>;
  readonly remove: () => void;
}

export async function createRepository(
  server: GiteaServer,
  org: string,
  name: string,
  files: Readonly<Record<string, string>>,
): Promise<GiteaRepository> {
  const admin = client(server);
  await admin.orgs.createOrgRepo(org, { name, auto_init: false, default_branch: 'main', private: false });
  const folder = mkdtempSync(join(tmpdir(), 'gitea-work-'));
  const environment = {
    HOME: folder,
    PATH: process.env['PATH'] ?? '',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
  };
  const run = async (env: Readonly<Record<string, string>>, args: readonly string[]): Promise<string> =>
    (await execa('git', args, { cwd: folder, env: { ...environment, ...env }, extendEnv: false })).stdout;
  const git = (...args: readonly string[]): Promise<string> => run({}, args);
  const url = `${server.url}/${org}/${name}.git`;
  const as = (login: string): GiteaClient => client(server, login);
  const remote = (login: string): string =>
    url.replace('://', `://${login}:${login === 'root' ? server.adminToken : PASSWORD}@`);

  const commit: GiteaRepository['commit'] = async (
    by,
    { files: changes, message = 'A change', email = emailOf(by) },
  ) => {
    for (const [path, content] of Object.entries(changes)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      if (content === null) rmSync(join(folder, path));
      else writeFileSync(join(folder, path), content);
    }
    await git('add', '-A');
    const who = { GIT_AUTHOR_NAME: by, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: by, GIT_COMMITTER_EMAIL: email };
    await run(who, ['commit', '--allow-empty', '-qm', message]);
    return git('rev-parse', 'HEAD');
  };
  const push: GiteaRepository['push'] = async (by, ...options) => {
    await git('push', '-q', ...options, remote(by), 'HEAD');
  };
  const seen: GiteaRepository['seen'] = async (number, head) => {
    await waitFor(
      async () => {
        const { data } = await admin.repos.repoListGitRefs(org, name, `pull/${number}/head`);
        return data.some(({ object }) => object?.sha === head);
      },
      { what: `${org}/${name}#${number} at ${head.slice(0, 7)}`, timeoutSeconds: 20, everyMilliseconds: 50 },
    );
  };

  await git('init', '-q', '-b', 'main');
  await commit('root', { files, message: 'First' });
  await push('root');
  // Its queue learns of a push a moment later, and until then the API has it for empty.
  const isFilled = async (): Promise<boolean> => (await admin.repos.repoGet(org, name)).data.empty === false;
  await waitFor(isFilled, { what: `${org}/${name} is filled`, timeoutSeconds: 20, everyMilliseconds: 50 });

  return {
    ...{ project: `${org}/${name}`, url, folder, git, commit, push, seen },
    async pullRequest(by, branch) {
      const body = { base: 'main', head: branch, title: `Merge ${branch}` };
      const { data } = await as(by).repos.repoCreatePullRequest(org, name, body);
      const number = data.number ?? 0;
      await seen(number, await git('rev-parse', branch));
      return number;
    },
    async review(number, by, event) {
      const { data } = await as(by).repos.repoCreatePullReview(org, name, number, { event, body: 'A review' });
      return data.id ?? 0;
    },
    async dismiss(number, review) {
      await admin.repos.repoDismissPullReview(org, name, number, review, { message: 'No', priors: false });
    },
    async merge(number, style = 'merge') {
      // It refuses for as long as it has not looked at whether there are conflicts.
      await waitFor(
        async () => {
          const { data } = await admin.repos.repoGetPullRequest(org, name, number);
          return data.mergeable === true;
        },
        { what: `${org}/${name}#${number} can be merged`, timeoutSeconds: 20, everyMilliseconds: 50 },
      );
      await admin.repos.repoMergePullRequest(org, name, number, { Do: style });
      await git('checkout', '-q', 'main');
      await git('fetch', '-q', remote('root'), '+refs/heads/main:refs/remotes/origin/main');
      await git('reset', '-q', '--hard', 'refs/remotes/origin/main');
    },
    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
