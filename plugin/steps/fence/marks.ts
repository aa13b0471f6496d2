import { randomBytes } from 'node:crypto';
import { MARK_PREFIX, readMarks, removeMarks, setMark } from '../../postgres/mark.ts';
import type { Session } from '../../postgres/session.ts';
import { refuse, type StepContext } from '../ports/step.ts';

/**
 * What blue says of this plan's window when the ledger does not answer (ADR 18): that it is fenced, and that a commit has begun
 * to decide. Set and looked at under the turn; taken off when the decision is carried out.
 */
const prefixOf = ({ request }: StepContext): string => `${MARK_PREFIX}${request.digest}-`;
const fencedMark = (context: StepContext): string => `${prefixOf(context)}fenced`;

export const markFenced = (context: StepContext, session: Session): Promise<void> =>
  setMark(session, fencedMark(context));

/** Each commit's own: when one takes its mark back, another's write may be on its way. */
export const newDecidingMark = (context: StepContext): string =>
  `${prefixOf(context)}deciding-${randomBytes(4).toString('hex')}`;

/**
 * Whether blue may be opened without the ledger: this plan's fence is there, and nobody has begun to decide.
 * @throws LifecycleError `not-in-time`
 */
export async function checkUndecided(context: StepContext, session: Session): Promise<void> {
  const marks = await readMarks(session, prefixOf(context));
  if (!marks.includes(fencedMark(context))) refuse('not-in-time', "this plan's fence is not on blue");
  if (marks.length > 1) refuse('not-in-time', 'a commit has begun to decide: only the ledger knows how that ended');
}

/** Once a decision is carried out they mean nothing. */
export const removeMarksOf = (context: StepContext, session: Session): Promise<void> =>
  removeMarks(session, prefixOf(context));
