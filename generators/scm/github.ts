import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';
import { z } from 'zod';
import type { ScmAccess } from './access.ts';
import { PATIENCE, type Patience } from './limited-fetch.ts';
import { upsertOnly, type Comments } from './one-comment.ts';
import type { Account, CommitFacts, Person, PullRequestFacts, Review, Scm } from './port.ts';
import { allPages, asked, found, shaped, statusOf } from './unreachable.ts';

const PAGE = 100;

const user = z.object({ login: z.string().min(1), type: z.string().optional() });
const pull = z.object({
  html_url: z.string(),
  state: z.string(),
  merged: z.boolean(),
  user: user.nullish(),
  base: z.object({ ref: z.string(), sha: z.string() }),
  head: z.object({ sha: z.string() }),
  merge_commit_sha: z.string().nullish(),
  merged_at: z.coerce.date().nullish(),
  merged_by: user.nullish(),
});
const review = z.object({
  user: user.nullish(),
  state: z.string(),
  commit_id: z.string().nullish(),
  submitted_at: z.coerce.date().nullish(),
});
const person = z.object({
  name: z.string().nullish(),
  email: z.string().nullish(),
  user: z.object({ login: z.string() }).nullish(),
});
const commits = z.object({
  repository: z.object({
    pullRequest: z.object({
      timelineItems: z.object({ nodes: z.array(z.object({ createdAt: z.coerce.date() })) }),
      commits: z.object({
        totalCount: z.int(),
        pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
        nodes: z.array(
          z.object({
            commit: z.object({
              oid: z.string(),
              authors: z.object({ totalCount: z.int(), nodes: z.array(person) }),
              committer: person.nullish(),
            }),
          }),
        ),
      }),
    }),
  }),
});

/** Authors as GitHub knows them, those of trailers too, by every address that belongs to an account: only GraphQL tells. */
const COMMITS = `query ($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) {
    timelineItems(last: 1, itemTypes: [BASE_REF_CHANGED_EVENT, AUTOMATIC_BASE_CHANGE_SUCCEEDED_EVENT]) {
      nodes { ... on BaseRefChangedEvent { createdAt } ... on AutomaticBaseChangeSucceededEvent { createdAt } }
    }
    commits(first: 100, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { commit { oid
      authors(first: 100) { totalCount nodes { name email user { login } } }
      committer { name email user { login } }
    } }
  } } }
}`;

/** Who has gone is called so by GitHub, too. */
const GHOST: Account = { login: 'ghost', bot: false };
const accountOf = (from: z.output<typeof user> | null | undefined): Account =>
  from ? { login: from.login, bot: from.type === 'Bot' } : GHOST;
const personOf = (from: z.output<typeof person> | null | undefined): Person => ({
  name: from?.name ?? '',
  email: from?.email ?? '',
  login: from?.user?.login,
});
/** Of commits and authors beyond what the host tells nobody knows who wrote them. */
const UNLISTED: Person = { name: 'somebody whom the host does not list', email: '', login: undefined };

const STATES: Readonly<Record<string, Review['state']>> = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changes requested',
  COMMENTED: 'commented',
  DISMISSED: 'dismissed',
};

/** A commit status takes no more. */
const MOST_DESCRIPTION = 140;

/**
 * GraphQL is read here only. Throttling takes every call of it for one that writes, of which a whole process may make one a second; a rate limit
 * that it would wait for is an error at once.
 */
const Reader = Octokit.plugin(retry);
const Client = Reader.plugin(throttling);

export function github(
  { api: baseUrl, project, token, noReplyDomain, fetch }: ScmAccess,
  patience: Patience = PATIENCE,
): Scm {
  const [owner = '', repo = ''] = project.split('/');
  const waits = (seconds: number, _: unknown, __: unknown, count: number): boolean =>
    count < patience.retries && seconds * 1000 <= patience.longestWaitMilliseconds;
  const options = (): ConstructorParameters<typeof Reader>[0] => ({
    baseUrl,
    auth: token(),
    request: { fetch, retries: patience.retries },
    // What a host said goes into the error; its clients would write it to the log, with addresses.
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    retry: {
      retryAfterBaseValue: patience.firstWaitMilliseconds,
      doNotRetry: [400, 401, 403, 404, 409, 410, 422, 429, 451],
    },
  });
  const client = (): Octokit =>
    new Client({
      ...options(),
      // Without an id all repositories wait for each other.
      throttle: { id: `${baseUrl} ${project}`, onRateLimit: waits, onSecondaryRateLimit: waits },
    });
  const read = (query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<unknown> =>
    new Reader(options()).graphql<unknown>(query, variables);
  const at = { owner, repo };
  const pages = <T>(
    what: string,
    schema: z.ZodType<T>,
    ask: (query: { page: number; per_page: number }) => Promise<{ readonly data: unknown }>,
  ): Promise<readonly T[]> =>
    allPages(what, async (page) =>
      shaped(z.array(schema), (await found(what, () => ask({ page, per_page: PAGE }))).data, what),
    );

  async function commitsOf(number: number): Promise<Pick<PullRequestFacts, 'baseChangedAt' | 'commits'>> {
    const what = `commits of ${project}#${number}`;
    const all: CommitFacts[] = [];
    let after: string | null = null;
    let total: number;
    let baseChangedAt: Date | undefined;
    do {
      const variables = { owner, name: repo, number, after };
      const answer: unknown = await found(what, () => read(COMMITS, variables));
      const known = shaped(commits, answer, what).repository.pullRequest;
      const { totalCount, pageInfo, nodes } = known.commits;
      baseChangedAt = known.timelineItems.nodes.at(-1)?.createdAt;
      all.push(
        ...nodes.map(({ commit: { oid, authors, committer } }) => ({
          sha: oid,
          authors: [...authors.nodes.map(personOf), ...(authors.totalCount > authors.nodes.length ? [UNLISTED] : [])],
          committer: personOf(committer),
        })),
      );
      total = totalCount;
      after = pageInfo.hasNextPage && nodes.length > 0 ? (pageInfo.endCursor ?? null) : null;
    } while (after !== null);
    const unlisted = all.length < total ? [{ sha: '', authors: [UNLISTED], committer: UNLISTED }] : [];
    return { baseChangedAt, commits: [...all, ...unlisted] };
  }

  async function reviewsOf(number: number): Promise<readonly Review[]> {
    const reviews = await pages(`reviews of ${project}#${number}`, review, (query) =>
      client().rest.pulls.listReviews({ ...at, pull_number: number, ...query }),
    );
    return reviews.flatMap(({ user: by, state: word, commit_id: commit, submitted_at: time }) => {
      const state = STATES[word];
      return state && time ? [{ by: accountOf(by), state, commit: commit ?? '', at: time }] : [];
    });
  }

  async function mergeBaseOf(base: string, head: string): Promise<string> {
    const what = `where ${head.slice(0, 7)} left its base`;
    const basehead = `${base}...${head}`;
    const { data } = await found(what, () =>
      client().rest.repos.compareCommitsWithBasehead({ ...at, basehead, per_page: 1 }),
    );
    return shaped(z.object({ merge_base_commit: z.object({ sha: z.string() }) }), data, what).merge_base_commit.sha;
  }

  async function pullRequest(number: number): Promise<PullRequestFacts | undefined> {
    const what = `${project}#${number}`;
    const answer = await asked(what, () => client().rest.pulls.get({ ...at, pull_number: number }));
    if (answer === undefined) return undefined;
    const known = shaped(pull, answer.data, what);
    const [mergeBase, { baseChangedAt, commits: commitFacts }, reviews] = await Promise.all([
      mergeBaseOf(known.base.sha, known.head.sha),
      commitsOf(number),
      reviewsOf(number),
    ]);
    return {
      number,
      url: known.html_url,
      state: known.merged ? 'merged' : known.state === 'open' ? 'open' : 'closed',
      base: known.base.ref,
      baseChangedAt,
      head: known.head.sha,
      headRef: `refs/pull/${number}/head`,
      mergeBase,
      mergeCommit: known.merged ? (known.merge_commit_sha ?? undefined) : undefined,
      mergedAt: known.merged ? (known.merged_at ?? undefined) : undefined,
      author: accountOf(known.user),
      mergedBy: known.merged_by ? accountOf(known.merged_by) : undefined,
      commits: commitFacts,
      reviews,
      hostKeepsCommittersOut: false,
      noReplyDomain,
    };
  }

  return {
    kind: 'github',
    project,
    pullRequest,
    reviews: reviewsOf,

    async mergedPullRequestOf(sha, branch) {
      const what = `pull request of commit ${sha.slice(0, 7)}`;
      const schema = z.array(
        z.object({
          number: z.int(),
          merged_at: z.string().nullish(),
          merge_commit_sha: z.string().nullish(),
          base: z.object({ ref: z.string(), repo: z.object({ full_name: z.string() }) }),
        }),
      );
      const answer = await asked(what, async () => {
        try {
          return await client().rest.repos.listPullRequestsAssociatedWithCommit({
            ...at,
            commit_sha: sha,
            per_page: PAGE,
          });
        } catch (error) {
          // What it says of a commit that it does not have.
          if (statusOf(error) === 422) return undefined;
          throw error;
        }
      });
      const merged = (answer ? shaped(schema, answer.data, what) : []).filter(
        ({ merged_at: time, base }) =>
          typeof time === 'string' &&
          base.ref === branch &&
          base.repo.full_name.toLowerCase() === project.toLowerCase(),
      );
      return (merged.find(({ merge_commit_sha: merge }) => merge === sha) ?? merged[0])?.number;
    },

    async openPullRequests() {
      const what = `open pull requests of ${project}`;
      const open = await pages(what, z.object({ number: z.int() }), (query) =>
        client().rest.pulls.list({ ...at, state: 'open', ...query }),
      );
      return open.map(({ number }) => number);
    },

    async changedFiles(number) {
      const file = z.object({ filename: z.string(), previous_filename: z.string().optional() });
      const files = await pages(`files of ${project}#${number}`, file, (query) =>
        client().rest.pulls.listFiles({ ...at, pull_number: number, ...query }),
      );
      return files.flatMap(({ filename, previous_filename: before }) => (before ? [before, filename] : [filename]));
    },

    async teamMembers(team) {
      const [org = '', slug = ''] = team.split('/');
      const what = `members of @${team}`;
      const members: string[] = [];
      for (let page = 1; ; page += 1) {
        const query = { org, team_slug: slug, per_page: PAGE, page };
        const answer = await asked(what, () => client().rest.teams.listMembersInOrg(query));
        if (answer === undefined) return undefined;
        const some = shaped(z.array(user), answer.data, what);
        members.push(...some.map(({ login }) => login));
        if (some.length < PAGE) return members;
      }
    },

    async fileAt(ref, path) {
      const what = `${path} at ${ref}`;
      const answer = await asked(what, () =>
        client().rest.repos.getContent({ ...at, path, ref, mediaType: { format: 'raw' } }),
      );
      if (answer === undefined) return undefined;
      const data: unknown = answer.data;
      return typeof data === 'string'
        ? new TextEncoder().encode(data)
        : new Uint8Array(shaped(z.instanceof(ArrayBuffer), data, what));
    },

    async upsertComment(number, marker, body, onlyEdit) {
      const what = `comment on ${project}#${number}`;
      // Of an app's token only GraphQL tells whose it is.
      const viewer = await found('whose the token is', () => read('{ viewer { login } }'));
      const { login } = shaped(z.object({ viewer: user }), viewer, 'whose the token is').viewer;
      const schema = z.object({
        id: z.int(),
        body: z
          .string()
          .nullish()
          .transform((text) => text ?? ''),
        user: user.nullish(),
      });
      const comments: Comments = {
        async own() {
          const all = await pages(what, schema, (query) =>
            client().rest.issues.listComments({ ...at, issue_number: number, ...query }),
          );
          return all.filter((each) => each.user?.login === login && each.body.startsWith(marker));
        },
        async create(text) {
          const once = { fetch, retries: 0 };
          await found(what, () =>
            client().rest.issues.createComment({ ...at, issue_number: number, body: text, request: once }),
          );
        },
        async edit(id, text) {
          await found(what, () => client().rest.issues.updateComment({ ...at, comment_id: id, body: text }));
        },
        async remove(id) {
          await asked(what, () => client().rest.issues.deleteComment({ ...at, comment_id: id }));
        },
      };
      await upsertOnly(comments, body, onlyEdit);
    },

    async setStatus(sha, { context, state, description, targetUrl }) {
      const cut = description.slice(0, MOST_DESCRIPTION);
      const status = {
        ...at,
        sha,
        context,
        state,
        description: cut,
        ...(targetUrl !== undefined && { target_url: targetUrl }),
      };
      await found(`status of ${sha.slice(0, 7)}`, () => client().rest.repos.createCommitStatus(status));
    },
  };
}

function ignore(): void {
  // Nothing is to be written.
}
