import type { Review } from '../scm/port.ts';
import { sameLogin } from './login.ts';

/** A comment is no opinion: it leaves an approval as it is, and one that was withdrawn as well. */
const decides = ({ state }: Review): boolean => state !== 'commented';

/** Each reviewer's newest review that decides something, in the order of their times. */
export const latestReviews = (reviews: readonly Review[]): readonly Review[] => reduced(reviews, (_, next) => next);

/**
 * Each reviewer's newest review among those that nothing can begin on any more. An approval that ran out stays what it was (ADR 26),
 * whatever its reviewer says afterwards, until a newer approval of his has run out too.
 * @param until when a review runs out
 */
export function lapsedReviews(
  reviews: readonly Review[],
  until: (review: Review) => Date,
  now: Date,
): readonly Review[] {
  const isOver = (review: Review): boolean => until(review) <= now;
  const held = reduced(reviews, (before, next) => {
    const ranOut = before?.state === 'approved' && next.at >= until(before);
    return ranOut && !(next.state === 'approved' && isOver(next)) ? before : next;
  });
  return held.filter(isOver);
}

function reduced(
  reviews: readonly Review[],
  choose: (before: Review | undefined, next: Review) => Review,
): readonly Review[] {
  const chosen = new Map<string, Review>();
  for (const review of inOrder(reviews.filter(decides))) {
    const who = sameLogin(review.by.login);
    chosen.set(who, choose(chosen.get(who), review));
  }
  return inOrder([...chosen.values()]);
}

/** By time; those of one moment as the host has them. */
const inOrder = (reviews: readonly Review[]): readonly Review[] =>
  reviews.toSorted((a, b) => a.at.getTime() - b.at.getTime());
