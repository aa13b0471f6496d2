/**
 * What the generator asks of a source host: facts, not judgement (generators/approvals judges), and the two things that it says there.
 * Every function throws LifecycleError generator-scm-unreachable where the host does not answer, refuses the token, or answers what
 * cannot be read: never a list that may be incomplete.
 */
export interface Scm {
  readonly kind: 'github' | 'gitlab' | 'gitea';
  /** `owner/name`, as the configuration names it. */
  readonly project: string;
  /** @returns undefined where there is none of that number. */
  readonly pullRequest: (number: number) => Promise<PullRequestFacts | undefined>;
  /** Of a pull request that is there: what `pullRequest` tells of them. */
  readonly reviews: (number: number) => Promise<readonly Review[]>;
  /**
   * The merged pull request into this branch that a commit of it was made by: its merge, its squash, or the last commit of its rebase. Where the
   * host knows it for the commits before that one too, it may say so.
   * @returns its number; undefined where the host knows of none
   */
  readonly mergedPullRequestOf: (commit: string, branch: string) => Promise<number | undefined>;
  /** Numbers of all that are open. */
  readonly openPullRequests: () => Promise<readonly number[]>;
  /** Paths that a pull request changes, adds, removes; of what it renames both. */
  readonly changedFiles: (number: number) => Promise<readonly string[]>;
  /**
   * Logins of a team's members; at GitHub those of its sub-teams too, at GitLab only whom the group itself names, from Developer on.
   * @returns undefined where there is no such team.
   */
  readonly teamMembers: (team: string) => Promise<readonly string[] | undefined>;
  /** @param ref a branch or commit. @returns undefined where there is no such file. */
  readonly fileAt: (ref: string, path: string) => Promise<Uint8Array | undefined>;
  /**
   * Writes the one comment of ours that holds the marker, in place where it is there already. A comment of somebody else that holds it is
   * left alone. Of several of ours, which two replicas may have written at once, the oldest one stays (scm/one-comment.ts).
   * @param marker the first line of the body, hidden: `<!-- lifecycle-plan -->`
   * @param onlyEdit whether none is made where there is none
   */
  readonly upsertComment: (number: number, marker: string, body: string, onlyEdit?: boolean) => Promise<void>;
  readonly setStatus: (commit: string, status: CommitStatus) => Promise<void>;
}

export interface CommitStatus {
  /** Its name among the others of the commit; the newest of a name holds. */
  readonly context: string;
  readonly state: 'pending' | 'success' | 'failure' | 'error';
  /** One line; cut at what the host takes. */
  readonly description: string;
  readonly targetUrl?: string;
}

export interface PullRequestFacts {
  readonly number: number;
  /** Its page. */
  readonly url: string;
  readonly state: 'open' | 'closed' | 'merged';
  /** The branch that it goes into. */
  readonly base: string;
  /** When another branch became that one; undefined where it always was. */
  readonly baseChangedAt: Date | undefined;
  /** Full id of its newest commit; of its last one where it is merged. */
  readonly head: string;
  /** Where the repository itself has that commit, whatever became of the branch: `refs/pull/12/head`. */
  readonly headRef: string;
  /** Where it left the base branch: what its difference is shown against. */
  readonly mergeBase: string;
  readonly mergeCommit: string | undefined;
  readonly mergedAt: Date | undefined;
  readonly author: Account;
  readonly mergedBy: Account | undefined;
  readonly commits: readonly CommitFacts[];
  /** Every review, in the order in which they were submitted. */
  readonly reviews: readonly Review[];
  /** The host itself lets nobody approve who has a commit in it (GitLab, by settings that were looked at). */
  readonly hostKeepsCommittersOut: boolean;
  /** Of the addresses that the host gives to whoever hides his own: `users.noreply.github.com`. */
  readonly noReplyDomain: string;
}

/** Whoever has a login at the host. */
export interface Account {
  readonly login: string;
  readonly bot: boolean;
}

/** Whoever a commit names; `login` where the host knows whose e-mail address it is. */
export interface Person {
  readonly name: string;
  readonly email: string;
  readonly login: string | undefined;
}

export interface CommitFacts {
  readonly sha: string;
  /** Its author, and those of its `Co-authored-by` trailers. */
  readonly authors: readonly Person[];
  readonly committer: Person;
}

export interface Review {
  readonly by: Account;
  /** `dismissed` and `withdrawn` are what became of it; `stale` is what the host itself says of a review of an older head. */
  readonly state: 'approved' | 'changes requested' | 'commented' | 'dismissed' | 'withdrawn' | 'stale';
  /** The head that it was given on. */
  readonly commit: string;
  readonly at: Date;
}
