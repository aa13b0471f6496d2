import { upsertOnly } from '../../scm/one-comment.ts';
import type { CommitStatus, PullRequestFacts, Scm } from '../../scm/port.ts';

interface Comment {
  readonly id: number;
  readonly by: string;
  body: string;
}

/** A source host as replicas see it: pull requests that change, comments of all, statuses in the order in which they came. */
export interface SourceHost {
  readonly pullRequests: Map<number, PullRequestFacts>;
  readonly comments: Comment[];
  readonly statuses: { readonly commit: string; readonly status: CommitStatus }[];
  /** Waited for before every call; what a slow network does, and who comes between two calls. */
  before: (call: string) => Promise<void>;
  /** What one replica has of it. */
  readonly scm: () => Scm;
  /** Of one commit: context → state and description. */
  readonly statusesOf: (commit: string) => Readonly<Record<string, string>>;
}

export const BOT = 'lifecycle-bot';

export function sourceHost(): SourceHost {
  let next = 1;
  const host: SourceHost = {
    pullRequests: new Map(),
    comments: [],
    statuses: [],
    before: () => Promise.resolve(),
    scm: () => scm,
    statusesOf: (of) =>
      Object.fromEntries(
        host.statuses
          .filter(({ commit }) => commit === of)
          .map(({ status: { context, state, description } }) => [context, `${state}: ${description}`]),
      ),
  };
  const nobody = (): never => {
    throw new Error('nobody asks this');
  };
  const scm: Scm = {
    kind: 'gitea',
    project: 'team/repo',
    pullRequest: async (number) => {
      await host.before('pullRequest');
      return host.pullRequests.get(number);
    },
    upsertComment: async (_, marker, body, onlyEdit) => {
      const comments = {
        own: async () => {
          await host.before('own');
          return host.comments
            .filter((each) => each.by === BOT && each.body.startsWith(marker))
            .map((each) => ({ ...each }));
        },
        create: async (text: string) => {
          await host.before('create');
          host.comments.push({ id: next++, by: BOT, body: text });
        },
        edit: async (id: number, text: string) => {
          await host.before('edit');
          const comment = host.comments.find((each) => each.id === id);
          if (comment) comment.body = text;
        },
        remove: async (id: number) => {
          await host.before('remove');
          const at = host.comments.findIndex((each) => each.id === id);
          if (at >= 0) host.comments.splice(at, 1);
        },
      };
      await upsertOnly(comments, body, onlyEdit);
    },
    setStatus: async (commit, status) => {
      await host.before('setStatus');
      host.statuses.push({ commit, status });
    },
    reviews: nobody,
    mergedPullRequestOf: nobody,
    openPullRequests: nobody,
    changedFiles: nobody,
    teamMembers: nobody,
    fileAt: nobody,
  };
  return host;
}

export const openPullRequest = (head: string, more: Partial<PullRequestFacts> = {}): PullRequestFacts => ({
  number: 1,
  url: 'https://git.example/team/repo/pulls/1',
  state: 'open',
  base: 'main',
  baseChangedAt: undefined,
  head,
  headRef: 'refs/pull/1/head',
  mergeBase: '',
  mergeCommit: undefined,
  mergedAt: undefined,
  author: { login: 'alice', bot: false },
  mergedBy: undefined,
  commits: [],
  reviews: [],
  hostKeepsCommittersOut: false,
  noReplyDomain: 'users.noreply.github.com',
  ...more,
});
