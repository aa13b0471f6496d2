import type { PullRequestFacts, Review } from '../scm/port.ts';
import type { Allowed, Members } from './allowed.ts';
import { judge, type Judgement } from './judge.ts';
import { lapsedReviews, latestReviews } from './latest-reviews.ts';
import type { Standing } from './standing.ts';

export interface VerdictAsked {
  readonly facts: PullRequestFacts;
  readonly quorum: number;
  readonly allowed: Allowed;
  readonly validSeconds: number;
  readonly now: Date;
  /** Asked only where somebody could still begin on the answer. */
  readonly members: () => Promise<Members>;
}

export interface Verdict {
  readonly standing: Standing;
  /** Where it is approved: since when, and until when it may begin; that may be over. */
  readonly given: { readonly at: Date; readonly until: Date } | undefined;
}

/**
 * What the reviews of a merged pull request come to at a time. Only what may still begin rests on who may approve now, and on whose the commits
 * are; what ran out stays what it was, so that nothing that has begun or is done is rendered otherwise when somebody leaves (ADR 26).
 */
export async function verdictOf({
  facts,
  quorum,
  allowed,
  validSeconds,
  now,
  members,
}: VerdictAsked): Promise<Verdict> {
  const until = (at: Date): Date => new Date(later(at, facts.mergedAt).getTime() + validSeconds * 1000);
  const verdict = ({ standing, at }: Judgement): Verdict => ({
    standing,
    given: at && { at: later(at, facts.mergedAt), until: until(at) },
  });
  const rules = { quorum, allowed };
  const latest = latestReviews(facts.reviews);
  const mayBegin = latest.some(({ state, at }) => state === 'approved' && until(at) > now);
  const live = mayBegin ? verdict(judge(facts, latest, { ...rules, members: await members() })) : undefined;
  if (live?.given && live.given.until > now) return live;
  const lapsed = lapsedReviews(facts.reviews, ({ at }: Review) => until(at), now);
  const over = verdict(judge(facts, lapsed, { ...rules, members: 'anybody' }));
  if (over.given) return over;
  return live ?? verdict(judge(facts, latest, { ...rules, members: new Map() }));
}

const later = (a: Date, b: Date | undefined): Date => (b !== undefined && b > a ? b : a);
