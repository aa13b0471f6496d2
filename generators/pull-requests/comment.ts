import { markdown } from '../../plugin/review/markdown.ts';
import { reviewMarkdown } from '../../plugin/review/review-markdown.ts';
import type { Review } from '../../plugin/review/review.ts';
import { markdownWithin } from '../../plugin/review/shorten.ts';
import { approvalsPage, type Asking } from './approvals-page.ts';

/** What our comment is found again by: its first line, which nobody sees. */
export const MARKER = '<!-- argocd-lifecycle-plugin -->';

/** With the review within the 65 536 characters that GitHub takes. */
const APPROVALS_BYTES = 8000;

/** The review to the byte as `lifecycle plan --base` prints it, and behind it, apart, who has to approve. */
export function commentOf(review: Review, asking: readonly Asking[]): string {
  const approvals = approvalsPage(asking, review.commits.head);
  const behind = approvals.length === 0 ? '' : `\n${markdownWithin(approvals, APPROVALS_BYTES)}`;
  return `${MARKER}\n${reviewMarkdown(review)}${behind}`;
}

/** Where there is none. @param why `code: text; what to do`. */
export const noReviewOf = (why: string): string =>
  `${MARKER}\n${markdown([{ heading: ['Lifecycles'], level: 2 }, { line: [`This change cannot be reviewed: ${why}`] }])}`;
