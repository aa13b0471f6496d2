import type { Plan } from '../plugin/plan/plan.ts';
import type { CommitReader } from '../plugin/review/commit-reader.ts';
import type { Standing } from './approvals/standing.ts';
import type { RepositoryConfig } from './config/schema.ts';
import type { ParameterSet } from './parameter-set.ts';
import type { PullRequestFacts } from './scm/port.ts';

/** What the rooms of the generator ask of each other. */

/** One call of the ApplicationSet controller. */
export interface Asked {
  readonly repoURL: string;
  readonly revision: string;
  /** Globs of folders; empty is all that the configuration allows. */
  readonly paths: readonly string[];
  readonly values: Readonly<Record<string, string>>;
}

export interface Inventory {
  /**
   * Every lifecycle file that was asked for, in the order of its path.
   * @throws LifecycleError of GENERATOR_ERRORS: never a list that may be incomplete (I15)
   */
  readonly parameters: (asked: Asked, signal: AbortSignal) => Promise<readonly ParameterSet[]>;
  /** A webhook says that something was pushed: the next answer waits for a fetch that begins after this. */
  readonly pushed: (repository: RepositoryConfig) => void;
  /** For the page and for metrics; asks no server. */
  readonly view: () => readonly RepositoryView[];
}

export interface RepositoryView {
  readonly url: string;
  /** Of the last fetch that succeeded. */
  readonly fetchedAt: Date | undefined;
  /** Why the last fetch failed, where it did: `code: text`. */
  readonly failure: string | undefined;
  /** Since the start of this process; for metrics. */
  readonly fetches: { readonly succeeded: number; readonly failed: number };
  readonly revisions: readonly {
    readonly revision: string;
    readonly commit: string;
    readonly files: readonly ParameterSet[];
    /** Of these, whatever is not valid at the head: the commit that they are served from, and its date. */
    readonly lastGood: readonly { readonly path: string; readonly commit: string; readonly committedAt: Date }[];
    /** Of files that were never valid, or that no parameter set stands for. */
    readonly problems: readonly string[];
  }[];
}

/** A request in a file at a branch's head, whose approval is looked for. */
export interface ApprovalAsked {
  readonly repository: RepositoryConfig;
  readonly branch: string;
  /** Of the lifecycle file. */
  readonly path: string;
  readonly namespace: string;
  readonly plan: Plan;
  /** The mirror's content, for the commits that brought the request in. */
  readonly history: History;
}

/** What a mirror can be asked of commits; each throws LifecycleError generator-repository-unreadable. */
export interface History {
  /** First-parent commits of the branch that touched the file, newest first, at most so many. */
  readonly commitsOf: (path: string, most: number) => Promise<readonly string[]>;
  /** First-parent commits after this one, oldest first, at most so many: where a rebase merge ends. */
  readonly commitsAfter: (commit: string, most: number) => Promise<readonly string[]>;
  /**
   * Every commit behind the branch's head that descends from this one and changes the file, by whatever parents, in no order: so that of what a
   * merge has brought together nothing is overlooked.
   */
  readonly changesAfter: (commit: string, path: string) => Promise<readonly string[]>;
  /** @returns its first parent; undefined for the first commit of all. */
  readonly parentOf: (commit: string) => Promise<string | undefined>;
  /** @returns undefined where the commit has no such file; one of more than 1 MiB is not read. */
  readonly fileAt: (commit: string, path: string) => Promise<Uint8Array | 'too large' | undefined>;
  /** Fetches a commit that no branch has any more: the head of a merged pull request. @returns whether it is there; not where it brings too much. */
  readonly fetchCommit: (commit: string, ref: string) => Promise<boolean>;
}

export interface Approvals {
  /** @throws LifecycleError generator-scm-unreachable where it cannot be known now. */
  readonly approvalOf: (asked: ApprovalAsked) => Promise<ParameterSet['approval']>;
  /** Of an open pull request that brings the request in. @returns undefined where nothing of it has to be approved. */
  readonly standingOf: (asked: StandingAsked) => Promise<Standing | undefined>;
  /** A webhook says that something of a pull request has changed: what is remembered of the source host is asked again. */
  readonly changed: (repository: RepositoryConfig, number: number) => void;
}

export interface StandingAsked extends Pick<ApprovalAsked, 'repository' | 'path' | 'namespace' | 'plan'> {
  /** Of the pull request. */
  readonly number: number;
}

export interface PullRequests {
  /**
   * A webhook says that something about a pull request changed: its commits, its reviews, its state. Called after the webhook was answered,
   * for one pull request never twice at once; what it throws is logged and counted, and the next event tries again.
   */
  readonly changed: (repository: RepositoryConfig, number: number, signal: AbortSignal) => Promise<void>;
}

/** What of mirrors the reviews of pull requests are made from. */
export interface ReviewedTrees {
  /**
   * Fetches the head of a pull request from the repository itself (its `headRef`: never from a fork, nor from what a payload names), and the
   * branch that it goes into as it is now.
   * @returns `'moved'` where the repository does not have that head (any more); mergeBase is undefined where both have no common ancestor
   * @throws LifecycleError of GENERATOR_ERRORS, as everything of the reader does
   */
  readonly fetch: (
    repository: RepositoryConfig,
    pullRequest: Pick<PullRequestFacts, 'head' | 'headRef' | 'base'>,
    signal: AbortSignal,
  ) => Promise<{ readonly mergeBase: string | undefined; readonly reader: CommitReader } | 'moved'>;
}
