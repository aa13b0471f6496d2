import type { Review } from './review.ts';
import { reviewPage } from './review-page.ts';
import { markdownWithin } from './shorten.ts';

/** GitHub takes 65 536 characters in a comment; what stands below a review needs room, too. */
const REVIEW_BYTES = 56_000;

/** The same bytes from the command and in a comment. */
export const reviewMarkdown = (review: Review): string => markdownWithin(reviewPage(review), REVIEW_BYTES);
