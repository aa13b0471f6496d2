import type { Review } from '../../plugin/review/review.ts';
import type { CommitStatus } from '../scm/port.ts';
import { isEnough, type Asking } from './approvals-page.ts';

/**
 * Two statuses, so that a team may require one without the other. Both are set on every pull request, also where no lifecycle file changes:
 * a status that is required and never comes would hold it back for ever.
 */
const CONTEXTS = { plan: 'lifecycle', approvals: 'lifecycle/approvals' } as const;

export function planStatus({ files, problems }: Review): CommitStatus {
  const context = CONTEXTS.plan;
  if (problems.length > 0)
    return { context, state: 'failure', description: `${count(problems.length, 'problem')} in lifecycle files` };
  const description =
    files.length === 0
      ? 'no lifecycle file changes'
      : `${count(files.length, 'lifecycle file')} can be rendered; see the comment`;
  return { context, state: 'success', description };
}

/** Where there is no review, and why: `code: text`. */
export const failedStatus = (why: string): CommitStatus => ({
  context: CONTEXTS.plan,
  state: 'error',
  description: why,
});

/** A merge is never refused by us: where nobody has approved, what is asked for waits (I13). */
export function approvalsStatus(asking: readonly Asking[]): CommitStatus {
  const context = CONTEXTS.approvals;
  if (asking.length === 0) return { context, state: 'success', description: 'nothing has to be approved' };
  const refused = asking.filter(({ standing }) => standing.refused !== undefined);
  if (refused.length > 0)
    return {
      context,
      state: 'failure',
      description: `${count(refused.length, 'request')} that nobody can approve; see the comment`,
    };
  const missing = asking.filter(({ standing }) => !isEnough(standing));
  if (missing.length > 0)
    return {
      context,
      state: 'pending',
      description: `${count(missing.length, 'request')} to approve; see the comment`,
    };
  return { context, state: 'success', description: `${count(asking.length, 'request')} approved` };
}

const count = (many: number, thing: string): string => `${many} ${thing}${many === 1 ? '' : 's'}`;
