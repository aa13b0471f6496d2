import { resolve } from 'node:path';
import { EXIT, LifecycleError } from '../errors/errors.ts';
import { reviewCommits } from '../review/review-commits.ts';
import { reviewMarkdown } from '../review/review-markdown.ts';
import { reviewPage } from '../review/review-page.ts';
import type { Review } from '../review/review.ts';
import { byBuiltIns } from './by-built-ins.ts';
import { PlacedError } from './failure.ts';
import type { Io } from './io.ts';
import { pageText } from './page-text.ts';
import type { PlanOptions } from './plan-options.ts';
import { sarif } from './sarif.ts';
import { readSaved } from './saved-status.ts';

/** What HEAD changes against the commit where it left `base`, for people, programs and pull requests. @returns the exit code */
export async function planBase(io: Io, path: string, base: string, options: PlanOptions): Promise<number> {
  refuseApprovals(options);
  const repository = await io.repository(resolve(io.cwd, path));
  const saved = options.status === undefined ? undefined : readSaved(options.status);
  const review = await reviewCommits(repository.reader, await repository.changesSince(base), {
    within: repository.within,
    render: byBuiltIns(),
    statusOf: (_, { metadata }) => (metadata.name === saved?.name ? saved.status : undefined),
  });
  if (saved && options.status !== undefined) requireOne(review, saved.name, options.status);
  io.out(printed(review, options.output, io.colours));
  return review.problems.length === 0 ? EXIT.ok : EXIT.problems;
}

function printed(review: Review, output: PlanOptions['output'], colours: boolean): string {
  switch (output) {
    case 'json':
      return `${JSON.stringify(review, undefined, 2)}\n`;
    case 'markdown':
      return reviewMarkdown(review);
    case 'sarif':
      return sarif(review.problems);
    case 'table':
      return pageText(reviewPage(review), colours);
  }
}

const APPROVALS = ['unapproved', 'approval', 'approvalKeys', 'cluster', 'namespace'] as const;

/** A review says what has to be approved, not whether it is: it is the same for everybody. */
function refuseApprovals(options: PlanOptions): void {
  if (APPROVALS.some((name) => options[name] !== undefined))
    throw new LifecycleError('usage', '--base looks at no approval: leave out what approvals are checked by');
}

/** A status that is nobody's, or could be of several, would be shown as if it were. */
function requireOne({ files }: Review, name: string, status: string): void {
  const of = files.filter(({ measured }) => measured).map(({ path }) => path);
  if (of.length === 1) return;
  const why = of.length === 0 ? 'no file that changes is of it' : `several files are of it: ${of.join(', ')}`;
  throw new PlacedError(status, 'usage', `it is of Lifecycle ${name}, and ${why}`);
}
