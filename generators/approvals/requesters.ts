import type { Account, CommitFacts, Person, PullRequestFacts } from '../scm/port.ts';
import { loginOfNoReply, sameLogin } from './login.ts';

/** Who asks, and so cannot approve: whoever opened the pull request, and whoever has a part in one of its commits. */
export interface Requesters {
  readonly author: string;
  readonly ofCommits: ReadonlySet<string>;
  /** Authors of whom nobody can tell that they are none of the approvers. */
  readonly unknown: readonly { readonly name: string; readonly commit: string }[];
}

type Asked = Pick<PullRequestFacts, 'author' | 'commits' | 'hostKeepsCommittersOut' | 'noReplyDomain'>;

export function requestersOf({ author, commits, hostKeepsCommittersOut, noReplyDomain }: Asked): Requesters {
  const loginsOf = loginsBy(noReplyDomain);
  const ofCommits = new Set(commits.flatMap(({ authors, committer }) => [...authors, committer].flatMap(loginsOf)));
  const unknown = hostKeepsCommittersOut ? [] : commits.flatMap(unknownBy(loginsOf));
  return { author: sameLogin(author.login), ofCommits, unknown };
}

type LoginsOf = (person: Person) => readonly string[];

/** Both where they differ: a no-reply address may name somebody who has another login by now. */
const loginsBy =
  (noReplyDomain: string): LoginsOf =>
  ({ login, email }) =>
    [login, loginOfNoReply(email, noReplyDomain)].filter((each) => each !== undefined).map(sameLogin);

/** Committers are left out: hosts and their robots commit for others, and whoever changes a commit's content is asked to be its author. */
const unknownBy =
  (loginsOf: LoginsOf) =>
  ({ sha, authors }: CommitFacts): Requesters['unknown'] =>
    authors.filter((each) => loginsOf(each).length === 0).map(({ name }) => ({ name, commit: sha.slice(0, 7) }));

/** @returns undefined where he is none of them. */
export function roleOf({ login }: Account, { author, ofCommits }: Requesters): 'author' | 'commit-author' | undefined {
  if (sameLogin(login) === author) return 'author';
  return ofCommits.has(sameLogin(login)) ? 'commit-author' : undefined;
}
