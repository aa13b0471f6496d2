import { approver } from '../../plugin/approval/claims.ts';
import type { PullRequestFacts, Review } from '../scm/port.ts';
import { isAllowed, type Allowed, type Members } from './allowed.ts';
import { sameLogin } from './login.ts';
import { requestersOf, roleOf, type Requesters } from './requesters.ts';
import { NOT_COUNTED, type NotCountedCode, type Standing } from './standing.ts';

export interface Rules {
  readonly quorum: number;
  readonly allowed: Allowed;
  readonly members: Members;
}

/** What the reviews of a pull request come to. Of a clock it knows nothing. */
export interface Judgement {
  readonly standing: Standing;
  /** When the newest whole quorum came together; undefined where none did. */
  readonly at: Date | undefined;
}

type Facts = Pick<
  PullRequestFacts,
  'author' | 'baseChangedAt' | 'commits' | 'head' | 'hostKeepsCommittersOut' | 'noReplyDomain'
>;

/** What hosts call whoever has gone: several are one. */
const GONE = 'ghost';

/**
 * Who approved the final head of a pull request, who may yet, and who does not count.
 * @param reviews one a reviewer, in the order of their times
 */
export function judge(facts: Facts, reviews: readonly Review[], rules: Rules): Judgement {
  const { quorum, allowed, members } = rules;
  const requesters = requestersOf(facts);
  const of = reviews.map((review) => ({ review, code: objectionTo(review, facts, requesters, allowed, members) }));
  const counted = of.filter(({ code }) => code === undefined).map(({ review }) => review);
  const at = wholeQuorumAt(counted, quorum);
  // What ran out stays what it was, also where an author has gone since, or has another address.
  const refused = members === 'anybody' && at !== undefined ? undefined : refusalOf(requesters);
  const standing: Standing = {
    quorum,
    approvedBy: counted.map(({ by }) => by.login),
    mayApprove: mayApprove(allowed, requesters, counted),
    notCounted: of.flatMap(({ review, code }) =>
      code === undefined ? [] : [{ who: review.by.login, code, why: NOT_COUNTED[code] }],
    ),
    unread: allowed.unread,
    refused,
  };
  return { standing, at: refused === undefined ? at : undefined };
}

function objectionTo(
  { by, state, commit, at }: Review,
  { head, baseChangedAt }: Facts,
  requesters: Requesters,
  allowed: Allowed,
  members: Members,
): NotCountedCode | undefined {
  if (by.bot) return 'bot';
  const isOne = !(members === 'anybody' && sameLogin(by.login) === GONE);
  const role = isOne ? roleOf(by, requesters) : undefined;
  if (role !== undefined) return role;
  if (state === 'dismissed') return 'dismissed';
  if (state === 'stale') return 'old-head';
  if (state !== 'approved') return 'withdrawn';
  if (commit !== head) return 'old-head';
  if (baseChangedAt !== undefined && at <= baseChangedAt) return 'old-base';
  if (!approver.safeParse(by.login).success) return 'name';
  return isAllowed(by.login, allowed, members) ? undefined : 'not-allowed';
}

/**
 * Every further quorum begins the time anew, and a part of one does not: where two have to approve, a third alone cannot revive what two
 * others approved long ago.
 */
function wholeQuorumAt(counted: readonly Review[], quorum: number): Date | undefined {
  const whole = quorum * Math.floor(counted.length / quorum);
  return counted[whole - 1]?.at;
}

function refusalOf({ unknown: [first] }: Requesters): string | undefined {
  if (first === undefined) return undefined;
  const { name, commit } = first;
  return `the source host does not know whose address ${printable(name)}, an author of commit ${commit}, has, so that nobody can tell that it is none of the approvers: let its owner add it to the account, or commit again with another one`;
}

/** A name is whatever somebody has written into a commit. */
const printable = (name: string): string => JSON.stringify(name.replaceAll(/[^\p{L}\p{N} .'_-]/gu, '?').slice(0, 80));

function mayApprove(
  { users, teams }: Allowed,
  { author, ofCommits }: Requesters,
  counted: readonly Review[],
): readonly string[] {
  const has = new Set([author, ...ofCommits, ...counted.map(({ by }) => sameLogin(by.login))]);
  return [...users.filter((user) => !has.has(sameLogin(user))), ...teams.map((team) => `@${team}`)];
}
