import type { Decision, Status } from '../../lifecycle/status.ts';
import type { StepRequest } from '../../plan/step-request.ts';

/**
 * The decision's transitions, as pure changes of the ledger's status: `Open → Fenced → Committed | Aborted`, and
 * `Open → Aborted`. Each returns undefined where the transition is not allowed; a Ledger.update then writes nothing.
 */
const HISTORY_LENGTH = 10;

export function isFinal({ state }: Decision): boolean {
  return state === 'Committed' || state === 'Aborted';
}

/** A final decision whose consequences are all carried out: `blueClosed` or `unfenced` is recorded. */
export function isComplete(decision: Decision): boolean {
  if (decision.state === 'Committed') return decision.blueClosed !== undefined;
  return decision.state === 'Aborted' && decision.unfenced !== undefined;
}

/** This plan's decision; undefined when there is none, or that of another plan. */
export function decisionOf({ decision }: Status, digest: string): Decision | undefined {
  return decision?.digest === digest ? decision : undefined;
}

/** Whether this plan was aborted: from then on `status.message` keeps the reason, whatever its steps have to say. */
export const isAborted = (status: Status, digest: string): boolean => decisionOf(status, digest)?.state === 'Aborted';

/** What is known of a decision when it is opened, besides the request. */
type Known = Pick<Decision, 'greenRoles' | 'approvedBy' | 'pullRequest'>;

/** Opens this plan's decision; what ended before goes into the history. Refused while another one is not complete. */
export function openDecision(status: Status, request: StepRequest, now: Date, more: Known = {}): Status | undefined {
  const { decision } = status;
  if (decision !== undefined && (decision.digest === request.digest || !isComplete(decision))) return undefined;
  return withDecision(status, { ...newDecision(request, now), ...more });
}

/**
 * Decides for green where blue's database is gone, so that there is nothing to close and nobody who could undo it. Another decision, however
 * far it is, was about that database.
 */
export function committedWithoutBlue(status: Status, request: StepRequest, now: Date, more: Known): Status | undefined {
  if (status.decision?.digest === request.digest) return undefined;
  const at = now.toISOString();
  return withDecision(status, {
    ...newDecision(request, now),
    ...more,
    state: 'Committed',
    committedAt: at,
    blueClosed: at,
  });
}

const newDecision = (request: StepRequest, now: Date): Decision => ({
  digest: request.digest,
  state: 'Open',
  attempt: request.attempt,
  blue: request.blue.name,
  green: request.green?.name ?? '',
  ...(request.green ? { instances: { blue: request.blue, green: request.green } } : {}),
  openedAt: now.toISOString(),
});

const withDecision = (status: Status, decision: Decision): Status => {
  const { decision: before, history = [] } = status;
  return { ...status, decision, history: (before ? [before, ...history] : history).slice(0, HISTORY_LENGTH) };
};

const FROM: Readonly<Record<Decision['state'], readonly Decision['state'][]>> = {
  Open: [],
  Fenced: ['Open'],
  Committed: ['Fenced'],
  Aborted: ['Open', 'Fenced'],
};

/** Moves this plan's decision on; `more` are fields that are written with it. */
export function moveDecision(
  status: Status,
  digest: string,
  to: Decision['state'],
  more: Partial<Decision>,
): Status | undefined {
  const decision = decisionOf(status, digest);
  if (decision === undefined || !FROM[to].includes(decision.state)) return undefined;
  return { ...status, decision: { ...decision, ...more, state: to } };
}

/** Adds fields to this plan's decision while it is in one of the states. */
export function noteDecision(
  status: Status,
  digest: string,
  states: readonly Decision['state'][],
  more: Partial<Omit<Decision, 'state' | 'digest'>>,
): Status | undefined {
  const decision = decisionOf(status, digest);
  if (decision === undefined || !states.includes(decision.state)) return undefined;
  return { ...status, decision: { ...decision, ...more } };
}
