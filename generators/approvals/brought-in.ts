import type { History } from '../ports.ts';
import type { PullRequestFacts, Scm } from '../scm/port.ts';
import type { Introduction, RequestIn } from './introductions.ts';

/** The pull request that brought a request into a branch, or why there is none whose reviews could count: for people. */
export type BroughtIn = { readonly pullRequest: PullRequestFacts } | { readonly none: string };

export interface Place {
  readonly branch: string;
  readonly path: string;
  readonly history: History;
  readonly scm: Pick<Scm, 'pullRequest' | 'mergedPullRequestOf' | 'project'>;
  readonly requestIn: RequestIn;
}

/** A rebase merge of more commits than that is not looked for. */
const MOST_REBASED = 50;

/**
 * Looks for the merged pull request whose reviewers saw that exactly this request comes in: it went into this branch, its final head asks
 * for it, and what it started from did not.
 */
export async function broughtInBy(introduction: Introduction, place: Place): Promise<BroughtIn> {
  const { branch, scm } = place;
  const { commit, request, takenAway } = introduction;
  if (takenAway !== undefined)
    return {
      none: `commit ${short(takenAway)} took it away after ${short(commit)} had asked for it, and a merge brought it back: ask for it anew`,
    };
  const merge = await mergeOf(commit, place);
  if (merge === undefined)
    return { none: `commit ${short(commit)}, which asks for it first, came in without a pull request` };
  const pullRequest = await scm.pullRequest(merge.number);
  const name = `${scm.project}#${merge.number}`;
  if (pullRequest?.state !== 'merged') return { none: `${name} is not merged` };
  if (pullRequest.base !== branch) return { none: `${name} went into ${pullRequest.base}, not into ${branch}` };
  const direct = {
    none: `commit ${short(commit)}, which asks for it first, is no part of ${name}, which came after it`,
  };
  if (!isPart(commit, merge.after, pullRequest)) return direct;
  if (!(await isBehind(commit, pullRequest, place)))
    return { none: `${name} did not come into ${branch} by commit ${short(commit)}, which asks for it first` };
  if (!(await place.history.fetchCommit(pullRequest.head, pullRequest.headRef)))
    return { none: `the final head of ${name} is not in the repository any more, or brings more than is fetched` };
  if ((await requestAt(pullRequest.head, place)) !== request)
    return { none: `${name} asked for something else at its final head, ${short(pullRequest.head)}` };
  return (await requestAt(pullRequest.mergeBase, place)) === request ? direct : { pullRequest };
}

/**
 * Its merge, or a commit of its own, or one that a rebase made of one: of a rebase each commit is at most one of the branch, and what lies before
 * the first of them came in by itself.
 */
const isPart = (commit: string, after: number, { commits }: PullRequestFacts): boolean =>
  commits.length > 0 && (after < commits.length || commits.some(({ sha }) => sha === commit));

/** A branch of a pull request that was squashed can come in once more, by whoever merges it by himself. */
async function isBehind(commit: string, { commits, mergeCommit }: PullRequestFacts, place: Place): Promise<boolean> {
  if (mergeCommit === undefined || commit === mergeCommit) return mergeCommit !== undefined;
  const after = await place.history.commitsAfter(commit, Math.max(MOST_REBASED, commits.length));
  return after.includes(mergeCommit);
}

const short = (commit: string): string => commit.slice(0, 7);

/** Of a rebase hosts may know the last commit only. */
async function mergeOf(
  commit: string,
  { branch, history, scm }: Place,
): Promise<{ readonly number: number; readonly after: number } | undefined> {
  const own = await scm.mergedPullRequestOf(commit, branch);
  if (own !== undefined) return { number: own, after: 0 };
  const later = await history.commitsAfter(commit, MOST_REBASED);
  for (const [index, each] of later.entries()) {
    const number = await scm.mergedPullRequestOf(each, branch);
    if (number !== undefined) return { number, after: index + 1 };
  }
  return undefined;
}

async function requestAt(commit: string, { history, path, requestIn }: Place): Promise<string | undefined> {
  const content = await history.fileAt(commit, path);
  return content === undefined || content === 'too large' ? undefined : requestIn(content)?.request;
}
