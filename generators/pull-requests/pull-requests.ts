import { setImmediate } from 'node:timers/promises';
import { LifecycleError } from '../../plugin/errors/errors.ts';
import { folderOf } from '../../plugin/review/paths.ts';
import { reviewCommits, type ReviewOptions } from '../../plugin/review/review-commits.ts';
import type { RepositoryConfig } from '../config/schema.ts';
import type { Approvals, PullRequests, ReviewedTrees } from '../ports.ts';
import type { CommitStatus, PullRequestFacts, Scm } from '../scm/port.ts';
import type { Asking } from './approvals-page.ts';
import { commentOf, MARKER, noReviewOf } from './comment.ts';
import { broughtInBy } from './requests.ts';
import { approvalsStatus, failedStatus, planStatus } from './statuses.ts';

export interface PullRequestsOptions {
  readonly trees: ReviewedTrees;
  /** @returns undefined of a repository without a source host. */
  readonly scm: (repository: RepositoryConfig) => Scm | undefined;
  /** Without them nothing is said of approvals. */
  readonly approvals: Approvals | undefined;
  /** As the inventory has it. @returns undefined where it is none. */
  readonly namespaceOf: (template: string, folder: string, name: string) => string | undefined;
  readonly render: ReviewOptions['render'];
}

/** What is said on a pull request. */
interface Saying {
  readonly comment: string;
  /** Only where there is a comment already. */
  readonly onlyEdit: boolean;
  readonly statuses: readonly CommitStatus[];
}

/** Something changes while it is looked at; then it is looked at again, but not for ever: another event comes. */
const MOST_ROUNDS = 5;

/** Shows every pull request what it does: one comment, and statuses of its head. */
export function createPullRequests(options: PullRequestsOptions): PullRequests {
  return {
    changed: async (repository, number, signal) => {
      const scm = options.scm(repository);
      if (!scm) return;
      /** Anew, also where another replica was told of it. */
      const look = async (): Promise<PullRequestFacts | undefined> => {
        options.approvals?.changed(repository, number);
        const facts = await scm.pullRequest(number);
        signal.throwIfAborted();
        return facts?.state === 'open' && repository.revisions.includes(facts.base) ? facts : undefined;
      };
      let facts = await look();
      for (let round = 0; facts && round < MOST_ROUNDS; round += 1) {
        const saying = await sayingOf(repository, facts, signal, options);
        if (saying !== 'moved') await say(scm, facts, saying, signal);
        const now = await look();
        // Who was slower than another replica would otherwise have the last word with what it saw first.
        if (saying !== 'moved' && now && stateOf(now) === stateOf(facts)) return;
        facts = now;
      }
    },
  };
}

const stateOf = ({ head, base, reviews, commits }: PullRequestFacts): string =>
  JSON.stringify({ head, base, reviews, commits });

async function say(scm: Scm, { number, head }: PullRequestFacts, saying: Saying, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  // The comment first: the statuses say to look at it.
  await scm.upsertComment(number, MARKER, saying.comment, saying.onlyEdit);
  for (const status of saying.statuses) await scm.setStatus(head, status);
}

async function sayingOf(
  repository: RepositoryConfig,
  facts: PullRequestFacts,
  signal: AbortSignal,
  options: PullRequestsOptions,
): Promise<Saying | 'moved'> {
  try {
    const fetched = await options.trees.fetch(repository, facts, signal);
    if (fetched === 'moved') return 'moved';
    const { mergeBase, reader } = fetched;
    if (mergeBase === undefined)
      return failed(new LifecycleError('no-merge-base', `${facts.base} and this pull request`, 'rebase it'));
    const review = await reviewCommits(
      reader,
      { base: mergeBase, head: facts.head },
      {
        render: options.render,
        pause: () => setImmediate(),
      },
    );
    const asking = await askingOf(repository, facts, await broughtInBy(review, reader), options);
    return {
      comment: commentOf(review, asking),
      onlyEdit: review.files.length === 0 && review.problems.length === 0,
      statuses: [planStatus(review), ...(options.approvals ? [approvalsStatus(asking)] : [])],
    };
  } catch (error) {
    if (error instanceof LifecycleError && error.code === 'review-too-large') return failed(error);
    throw error;
  }
}

const failed = ({ message, remedy }: LifecycleError): Saying => ({
  comment: noReviewOf(`${message}; ${remedy}`),
  onlyEdit: false,
  statuses: [failedStatus(message)],
});

async function askingOf(
  repository: RepositoryConfig,
  { number }: PullRequestFacts,
  requests: Awaited<ReturnType<typeof broughtInBy>>,
  { approvals, namespaceOf }: PullRequestsOptions,
): Promise<readonly Asking[]> {
  const asking: Asking[] = [];
  for (const { path, plan, request } of approvals ? requests : []) {
    const namespace = namespaceOf(repository.namespace, folderOf(path), plan.lifecycle.metadata.name) ?? '';
    const standing = await approvals?.standingOf({ repository, path, namespace, plan, number });
    if (standing) asking.push({ path, request, standing });
  }
  return asking;
}
