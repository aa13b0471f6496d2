import { Gitlab } from '@gitbeaker/rest';
import { z } from 'zod';
import type { ScmAccess } from './access.ts';
import { coAuthorsIn } from './co-authors.ts';
import { requestsBy } from './gitlab-requests.ts';
import { baseChangedAt, reviewsFrom, type GitlabApprovals } from './gitlab-reviews.ts';
import { upsertOnly, type Comments } from './one-comment.ts';
import type { Account, CommitFacts, CommitStatus, PullRequestFacts, Review, Scm } from './port.ts';
import { asked, found, reasonOf, shaped, statusOf, unreachable } from './unreachable.ts';

const user = z.object({ id: z.int(), username: z.string().min(1) });
const merge = z.object({
  iid: z.int(),
  web_url: z.string(),
  state: z.string(),
  target_branch: z.string(),
  sha: z.string(),
  diff_refs: z.object({ base_sha: z.string() }),
  merge_commit_sha: z.string().nullish(),
  squash_commit_sha: z.string().nullish(),
  merged_at: z.coerce.date().nullish(),
  author: user,
  merge_user: user.nullish(),
});
const commit = z.object({
  id: z.string(),
  author_name: z.string(),
  author_email: z.string(),
  committer_name: z.string(),
  committer_email: z.string(),
  message: z.string(),
});
const note = z.object({
  id: z.int(),
  body: z.string(),
  system: z.boolean(),
  created_at: z.coerce.date(),
  author: user,
});
const member = z.object({
  username: z.string(),
  state: z.string(),
  membership_state: z.string().nullish(),
  access_level: z.int(),
});
/** Guests and reporters may look only; GitLab takes an approval of a code owner from here on. */
const DEVELOPER = 30;
const profile = user.extend({
  bot: z.boolean().nullish(),
  public_email: z.string().nullish(),
  email: z.string().nullish(),
  commit_email: z.string().nullish(),
});

/** Of a whole list, with all of its pages. */
const MOST_MILLISECONDS = 20_000;
/** A description takes no more. */
const MOST_DESCRIPTION = 255;
const STATES = { pending: 'pending', success: 'success', failure: 'failed', error: 'failed' } as const;

export function gitlab({ api: host, project, token, noReplyDomain, fetch }: ScmAccess): Scm {
  const client = (): InstanceType<typeof Gitlab> =>
    new Gitlab({ host, token: token(), requesterFn: requestsBy(fetch), queryTimeout: MOST_MILLISECONDS });
  const list = async <T>(what: string, schema: z.ZodType<T>, ask: () => Promise<unknown>): Promise<readonly T[]> =>
    shaped(z.array(schema), await found(what, ask), what);

  async function profileOf(id: number): Promise<z.output<typeof profile>> {
    return shaped(profile, await found('an account', () => client().Users.show(id)), 'an account');
  }

  const accountOf = async ({ id }: z.output<typeof user>): Promise<Account> => {
    const { username, bot } = await profileOf(id);
    return { login: username, bot: bot === true };
  };

  /** The account whose e-mail address it is: only where it is public, or the token is an administrator's. */
  async function loginOf(email: string): Promise<string | undefined> {
    const what = 'whose an e-mail address is';
    const some = await list(what, user, () => client().Users.all({ search: email, perPage: 20, maxPages: 1 }));
    const profiles = await Promise.all(some.map(({ id }) => profileOf(id)));
    const has = (each: z.output<typeof profile>): boolean =>
      [each.email, each.public_email, each.commit_email].some((one) => one?.toLowerCase() === email.toLowerCase());
    return profiles.find(has)?.username;
  }

  async function commitsOf(iid: number): Promise<readonly CommitFacts[]> {
    const commits = await list(`commits of ${project}!${iid}`, commit, () =>
      client().MergeRequests.allCommits(project, iid, { perPage: 100 }),
    );
    const people = commits.flatMap(({ author_email: author, committer_email: committer, message }) => [
      author.toLowerCase(),
      committer.toLowerCase(),
      ...coAuthorsIn(message).map(({ email }) => email),
    ]);
    const addresses = [...new Set(people)];
    const logins = new Map(await Promise.all(addresses.map(async (email) => [email, await loginOf(email)] as const)));
    const person = (name: string, email: string): CommitFacts['committer'] => ({
      name,
      email,
      login: logins.get(email.toLowerCase()),
    });
    return commits.map((each) => ({
      sha: each.id,
      authors: [
        person(each.author_name, each.author_email),
        ...coAuthorsIn(each.message).map(({ name, email }) => person(name, email)),
      ],
      committer: person(each.committer_name, each.committer_email),
    }));
  }

  /** What GitLab itself says there: who did what, when. */
  async function notesOf(iid: number): Promise<GitlabApprovals['notes']> {
    const notes = await list(`notes of ${project}!${iid}`, note, () =>
      client().MergeRequestNotes.all(project, iid, { perPage: 100 }),
    );
    return notes
      .filter(({ system }) => system)
      .map(({ author, body, created_at: at }) => ({ by: { login: author.username, bot: false }, body, at }));
  }

  async function reviewsOf(iid: number, told = notesOf(iid)): Promise<readonly Review[]> {
    const what = `approvals of ${project}!${iid}`;
    const approvals = z.object({ approved_by: z.array(z.object({ user })) });
    const reviewer = z.object({ user, state: z.string() });
    const version = z.object({ head_commit_sha: z.string(), created_at: z.coerce.date() });
    const api = client();
    const [now, reviewers, notes, versions] = await Promise.all([
      found(what, () => api.MergeRequestApprovals.showConfiguration(project, { mergerequestIId: iid })),
      list(what, reviewer, () => api.MergeRequests.showReviewers(project, iid)),
      told,
      list(what, version, () => api.MergeRequests.allDiffVersions(project, iid)),
    ]);
    return reviewsFrom({
      approvedBy: await Promise.all(shaped(approvals, now, what).approved_by.map((each) => accountOf(each.user))),
      asksForChanges: await Promise.all(
        reviewers.filter(({ state }) => state === 'requested_changes').map((each) => accountOf(each.user)),
      ),
      notes,
      versions: versions.map(({ head_commit_sha: head, created_at: at }) => ({ head, at })),
    });
  }

  /** Settings of a paid edition; where it has none, nobody is kept out. */
  async function committersAreKeptOut(): Promise<boolean> {
    const settings = z.object({
      merge_requests_author_approval: z.boolean().nullish(),
      merge_requests_disable_committers_approval: z.boolean().nullish(),
    });
    try {
      const known = shaped(settings, await client().MergeRequestApprovals.showConfiguration(project), 'settings');
      return (
        known.merge_requests_disable_committers_approval === true && known.merge_requests_author_approval === false
      );
    } catch (error) {
      const status = statusOf(error);
      if (status === 403 || status === 404) return false;
      throw unreachable(`approval settings of ${project}`, reasonOf(error));
    }
  }

  async function pullRequest(iid: number): Promise<PullRequestFacts | undefined> {
    const what = `${project}!${iid}`;
    const answer = await asked(what, () => client().MergeRequests.show(project, iid));
    if (answer === undefined) return undefined;
    const known = shaped(merge, answer, what);
    const merged = known.state === 'merged';
    const told = notesOf(iid);
    const [author, mergedBy, commits, notes, reviews, hostKeepsCommittersOut] = await Promise.all([
      accountOf(known.author),
      known.merge_user ? accountOf(known.merge_user) : undefined,
      commitsOf(iid),
      told,
      reviewsOf(iid, told),
      committersAreKeptOut(),
    ]);
    return {
      number: iid,
      url: known.web_url,
      state: merged ? 'merged' : known.state === 'opened' ? 'open' : 'closed',
      base: known.target_branch,
      baseChangedAt: baseChangedAt(notes),
      head: known.sha,
      headRef: `refs/merge-requests/${iid}/head`,
      mergeBase: known.diff_refs.base_sha,
      mergeCommit: merged ? (known.merge_commit_sha ?? known.squash_commit_sha ?? known.sha) : undefined,
      mergedAt: merged ? (known.merged_at ?? undefined) : undefined,
      author,
      mergedBy,
      commits,
      reviews,
      hostKeepsCommittersOut,
      noReplyDomain,
    };
  }

  return {
    kind: 'gitlab',
    project,
    pullRequest,
    reviews: (iid) => reviewsOf(iid),

    async mergedPullRequestOf(sha, branch) {
      const what = `merge request of commit ${sha.slice(0, 7)}`;
      const schema = merge.pick({ iid: true, state: true, target_branch: true, merge_commit_sha: true }).extend({
        squash_commit_sha: z.string().nullish(),
        sha: z.string().nullish(),
      });
      const answer = await asked(what, () => client().Commits.allMergeRequests(project, sha));
      const merged = (answer === undefined ? [] : shaped(z.array(schema), answer, what)).filter(
        ({ state, target_branch: target }) => state === 'merged' && target === branch,
      );
      const own = merged.find((each) => [each.merge_commit_sha, each.squash_commit_sha, each.sha].includes(sha));
      return (own ?? merged[0])?.iid;
    },

    async openPullRequests() {
      const what = `open merge requests of ${project}`;
      const open = await list(what, z.object({ iid: z.int() }), () =>
        client().MergeRequests.all({ projectId: project, state: 'opened', perPage: 100 }),
      );
      return open.map(({ iid }) => iid);
    },

    async changedFiles(iid) {
      const file = z.object({ old_path: z.string(), new_path: z.string() });
      const files = await list(`files of ${project}!${iid}`, file, () =>
        client().MergeRequests.allDiffs(project, iid, { perPage: 100 }),
      );
      return [...new Set(files.flatMap(({ old_path: before, new_path: after }) => [before, after]))];
    },

    async teamMembers(group) {
      const what = `members of @${group}`;
      const answer = await asked(what, () => client().GroupMembers.all(group, { perPage: 100 }));
      if (answer === undefined) return undefined;
      return shaped(z.array(member), answer, what)
        .filter(({ access_level: level, state, membership_state: membership }) =>
          [level >= DEVELOPER, state === 'active', (membership ?? 'active') === 'active'].every(Boolean),
        )
        .map(({ username }) => username);
    },

    async fileAt(ref, path) {
      const what = `${path} at ${ref}`;
      const answer: unknown = await asked(what, () => client().RepositoryFiles.showRaw(project, path, ref));
      return answer === undefined ? undefined : new TextEncoder().encode(shaped(z.string(), answer, what));
    },

    async upsertComment(iid, marker, body, onlyEdit) {
      const what = `comment on ${project}!${iid}`;
      const me = shaped(user, await found('whose the token is', () => client().Users.showCurrentUser()), what);
      const comments: Comments = {
        async own() {
          const notes = await list(what, note, () => client().MergeRequestNotes.all(project, iid, { perPage: 100 }));
          return notes.filter((each) => !each.system && each.author.id === me.id && each.body.startsWith(marker));
        },
        async create(text) {
          await found(what, () => client().MergeRequestNotes.create(project, iid, text));
        },
        async edit(id, text) {
          await found(what, () => client().MergeRequestNotes.edit(project, iid, id, { body: text }));
        },
        async remove(id) {
          await asked(what, async () => {
            await client().MergeRequestNotes.remove(project, iid, id);
            return true;
          });
        },
      };
      await upsertOnly(comments, body, onlyEdit);
    },

    async setStatus(sha, { context, state, description, targetUrl }: CommitStatus) {
      const options = {
        name: context,
        description: description.slice(0, MOST_DESCRIPTION),
        ...(targetUrl !== undefined && { targetUrl }),
      };
      await found(`status of ${sha.slice(0, 7)}`, async () => {
        try {
          await client().Commits.editStatus(project, sha, STATES[state], options);
        } catch (error) {
          // It refuses to become what it is.
          if (!(error instanceof Error && error.message.includes('Cannot transition status'))) throw error;
        }
        return true;
      });
    },
  };
}
