import { giteaApi, type Api } from 'gitea-js';
import { z } from 'zod';
import { coAuthorsIn } from './co-authors.ts';
import type { ScmAccess } from './access.ts';
import { upsertOnly, type Comments } from './one-comment.ts';
import type { Account, CommitFacts, Person, PullRequestFacts, Review, Scm } from './port.ts';
import { allPages, asked, found, shaped } from './unreachable.ts';

const PAGE = 50;

const user = z.object({ login: z.string().min(1) });
const identity = z.object({ name: z.string(), email: z.string() });
const pull = z.object({
  number: z.int(),
  html_url: z.string(),
  state: z.string(),
  merged: z.boolean(),
  user,
  base: z.object({ ref: z.string() }),
  head: z.object({ sha: z.string() }),
  merge_base: z.string(),
  merge_commit_sha: z.string().nullish(),
  merged_at: z.coerce.date().nullish(),
  merged_by: user.nullish(),
});
const commit = z.object({
  sha: z.string(),
  author: user.nullish(),
  committer: user.nullish(),
  commit: z.object({ author: identity, committer: identity, message: z.string() }),
  parents: z.array(z.object({ sha: z.string() })),
});
const review = z.object({
  user: user.nullish(),
  state: z.string(),
  commit_id: z.string(),
  stale: z.boolean(),
  dismissed: z.boolean(),
  submitted_at: z.coerce.date(),
});
type Pull = z.output<typeof pull>;

/** Gitea says of no account whether it is a robot: such a one must not be among the approvers. */
const account = ({ login }: z.output<typeof user>): Account => ({ login, bot: false });

/** Where a branch began: the first of its first parents that is none of its own commits. */
export function startOf(
  commits: readonly { readonly sha: string; readonly parents: readonly { readonly sha: string }[] }[],
  head: string,
): string {
  const own = new Map(commits.map((each) => [each.sha, each.parents[0]?.sha]));
  let at = head;
  for (let parent = own.get(at); parent !== undefined; parent = own.get(at)) at = parent;
  return at;
}

export function gitea({ api: url, project, token, noReplyDomain, fetch }: ScmAccess): Scm {
  const [owner = '', name = ''] = project.split('/').map(encodeURIComponent);
  const api = (): Api<unknown> => giteaApi(url, { token: token(), customFetch: fetch });
  const pages = <T>(
    what: string,
    schema: z.ZodType<T>,
    ask: (query: { page: number; limit: number }) => Promise<{ readonly data: unknown }>,
  ): Promise<readonly T[]> =>
    allPages(
      what,
      async (page) =>
        shaped(z.array(schema).nullable(), (await found(what, () => ask({ page, limit: PAGE }))).data, what) ?? [],
    );

  /** The branch may have been pushed to after the merge, and the API tells of the branch. */
  async function finalHead({ number, merged, head }: Pull): Promise<string> {
    if (!merged) return head.sha;
    const [ref, what] = [`pull/${number}/head`, `head of ${project}#${number}`];
    const { data } = await found(what, () => api().repos.repoListGitRefs(owner, name, ref));
    const refs = shaped(z.array(z.object({ ref: z.string(), object: z.object({ sha: z.string() }) })), data, what);
    const sha = refs.find((each) => each.ref === `refs/${ref}`)?.object.sha;
    return found(what, () =>
      sha === undefined ? Promise.reject(Object.assign(new Error(), { status: 404 })) : Promise.resolve(sha),
    );
  }

  /**
   * A check of conflicts that runs while it is merged has it start at its own end, where it has no commits: then they are those that what it was merged
   * onto does not have. A fast-forward was merged onto itself, and nothing tells any more.
   * @returns what it was merged onto, where it is to be asked for its commits by that
   */
  async function mergedOnto(
    { number, merge_base: known, merge_commit_sha: merge }: Pull,
    head: string,
  ): Promise<string | undefined> {
    if (known !== head || merge === null || merge === undefined || merge === head) return undefined;
    const what = `where ${project}#${number} started`;
    const schema = z.object({ parents: z.tuple([z.object({ sha: z.string() })]).rest(z.unknown()) });
    const { data } = await found(what, () => api().repos.repoGetSingleCommit(owner, name, merge, { stat: false }));
    return shaped(schema, data, what).parents[0].sha;
  }

  /** The account whose e-mail address it is: only where it is no secret, or the token is an administrator's. */
  async function loginOf(email: string): Promise<string | undefined> {
    const what = 'whose an e-mail address is';
    const { data } = await found(what, () => api().users.userSearch({ q: email, limit: PAGE }));
    const { data: users } = shaped(z.object({ data: z.array(user.extend({ email: z.string() })) }), data, what);
    return users.find((each) => each.email.toLowerCase() === email)?.login;
  }

  async function coAuthors(message: string): Promise<readonly Person[]> {
    return Promise.all(coAuthorsIn(message).map(async (each) => ({ ...each, login: await loginOf(each.email) })));
  }

  /** @param after a commit that is behind all of them; without it as the pull request has it. */
  function listed(number: number, head: string, after?: string): Promise<readonly z.output<typeof commit>[]> {
    const options = { verification: false, files: false };
    return pages(`commits of ${project}#${number}`, commit, (query) =>
      after === undefined
        ? api().repos.repoGetPullRequestCommits(owner, name, number, { ...query, ...options })
        : api().repos.repoGetAllCommits(owner, name, { ...query, ...options, stat: false, sha: head, not: after }),
    );
  }

  function commitsOf(commits: readonly z.output<typeof commit>[]): Promise<readonly CommitFacts[]> {
    return Promise.all(
      commits.map(async ({ sha, author, committer, commit: { author: by, committer: from, message } }) => ({
        sha,
        authors: [{ ...by, login: author?.login }, ...(await coAuthors(message))],
        committer: { ...from, login: committer?.login },
      })),
    );
  }

  async function reviewsOf(number: number): Promise<readonly Review[]> {
    const reviews = await pages(`reviews of ${project}#${number}`, review, (query) =>
      api().repos.repoListPullReviews(owner, name, number, query),
    );
    return reviews.flatMap((each) => {
      const state = stateOf(each);
      if (!each.user || state === undefined) return [];
      return [{ by: account(each.user), state, commit: each.commit_id, at: each.submitted_at }];
    });
  }

  /** When it was last made to go into another branch. */
  async function baseChangedAt(number: number): Promise<Date | undefined> {
    const event = z.object({ type: z.string(), created_at: z.coerce.date() });
    const events = await pages(`timeline of ${project}#${number}`, event, (query) =>
      api().repos.issueGetCommentsAndTimeline(owner, name, number, query),
    );
    return events
      .filter(({ type }) => type === 'change_target_branch')
      .map(({ created_at: at }) => at)
      .toSorted((a, b) => b.getTime() - a.getTime())[0];
  }

  async function pullRequest(number: number): Promise<PullRequestFacts | undefined> {
    const what = `${project}#${number}`;
    const answer = await asked(what, () => api().repos.repoGetPullRequest(owner, name, number));
    if (answer === undefined) return undefined;
    const known = shaped(pull, answer.data, what);
    const [head, reviews, changed] = await Promise.all([finalHead(known), reviewsOf(number), baseChangedAt(number)]);
    const onto = await mergedOnto(known, head);
    const commits = await listed(number, head, onto);
    return {
      number,
      url: known.html_url,
      state: known.merged ? 'merged' : known.state === 'open' ? 'open' : 'closed',
      base: known.base.ref,
      baseChangedAt: changed,
      head,
      headRef: `refs/pull/${number}/head`,
      mergeBase: onto === undefined ? known.merge_base : startOf(commits, head),
      mergeCommit: known.merged ? (known.merge_commit_sha ?? undefined) : undefined,
      mergedAt: known.merged ? (known.merged_at ?? undefined) : undefined,
      author: account(known.user),
      mergedBy: known.merged_by ? account(known.merged_by) : undefined,
      commits: await commitsOf(commits),
      reviews,
      hostKeepsCommittersOut: false,
      noReplyDomain,
    };
  }

  return {
    kind: 'gitea',
    project,
    pullRequest,
    reviews: reviewsOf,

    async mergedPullRequestOf(sha) {
      const what = `pull request of commit ${sha.slice(0, 7)}`;
      const answer = await asked(what, () =>
        api().repos.repoGetCommitPullRequest(owner, name, encodeURIComponent(sha)),
      );
      return answer && shaped(z.object({ number: z.int() }), answer.data, what).number;
    },

    async openPullRequests() {
      const what = `open pull requests of ${project}`;
      const open = await pages(what, z.object({ number: z.int() }), (query) =>
        api().repos.repoListPullRequests(owner, name, { ...query, state: 'open' }),
      );
      return open.map(({ number }) => number);
    },

    async changedFiles(number) {
      const file = z.object({ filename: z.string(), previous_filename: z.string().optional() });
      const files = await pages(`files of ${project}#${number}`, file, (query) =>
        api().repos.repoGetPullRequestFiles(owner, name, number, query),
      );
      return files.flatMap(({ filename, previous_filename: before }) => (before ? [before, filename] : [filename]));
    },

    async teamMembers(team) {
      const [org = '', wanted = ''] = team.split('/');
      const what = `members of @${team}`;
      const id = await teamId(org, wanted, what);
      if (id === undefined) return undefined;
      const members = await pages(what, user, (query) => api().teams.orgListTeamMembers(id, query));
      return members.map(({ login }) => login);
    },

    async fileAt(ref, path) {
      const file = path.split('/').map(encodeURIComponent).join('/');
      const what = `${path} at ${ref}`;
      const answer = await asked(what, () =>
        api().repos.repoGetRawFile(owner, name, file, { ref }, { format: 'arrayBuffer' }),
      );
      return answer && new Uint8Array(shaped(z.instanceof(ArrayBuffer), answer.data, what));
    },

    async upsertComment(number, marker, body, onlyEdit) {
      const what = `comment on ${project}#${number}`;
      const { login } = shaped(user, (await found('whose the token is', () => api().user.userGetCurrent())).data, what);
      const schema = z.array(z.object({ id: z.int(), body: z.string(), user: user.nullable() }));
      const comments: Comments = {
        async own() {
          const { data } = await found(what, () => api().repos.issueGetComments(owner, name, number));
          return shaped(schema, data, what).filter(
            (each) => each.user?.login === login && each.body.startsWith(marker),
          );
        },
        async create(text) {
          await found(what, () => api().repos.issueCreateComment(owner, name, number, { body: text }));
        },
        async edit(id, text) {
          await found(what, () => api().repos.issueEditComment(owner, name, id, { body: text }));
        },
        async remove(id) {
          await asked(what, () => api().repos.issueDeleteComment(owner, name, id));
        },
      };
      await upsertOnly(comments, body, onlyEdit);
    },

    async setStatus(sha, { context, state, description, targetUrl }) {
      const status = { context, state, description, ...(targetUrl !== undefined && { target_url: targetUrl }) };
      await found(`status of ${sha.slice(0, 7)}`, () =>
        api().repos.repoCreateStatus(owner, name, encodeURIComponent(sha), status),
      );
    },
  };

  async function teamId(org: string, wanted: string, what: string): Promise<number | undefined> {
    const schema = z.array(z.object({ id: z.int(), name: z.string() })).nullable();
    const teams = await allPages(what, async (page) => {
      const query = { page, limit: PAGE };
      const answer = await asked(what, () => api().orgs.orgListTeams(encodeURIComponent(org), query));
      return (answer && shaped(schema, answer.data, what)) ?? [];
    });
    return teams.find((each) => each.name.toLowerCase() === wanted.toLowerCase())?.id;
  }
}

/** @returns undefined for what is no review yet. */
function stateOf({ state, stale, dismissed }: z.output<typeof review>): Review['state'] | undefined {
  if (dismissed) return 'dismissed';
  if (state === 'REQUEST_CHANGES') return 'changes requested';
  if (state === 'COMMENT') return 'commented';
  if (state === 'APPROVED') return stale ? 'stale' : 'approved';
  return undefined;
}
