import type { Decision } from '../../lifecycle/status.ts';
import { decisionOf, moveDecision, noteDecision } from '../ledger/decision.ts';
import { refuse, type StepContext } from '../ports/step.ts';

type Final = 'Fenced' | 'Committed' | 'Aborted';

/** Seconds between two times of the ledger, to milliseconds. */
export const secondsBetween = (from: string, to: string): number =>
  Math.round(Date.parse(to) - Date.parse(from)) / 1000;

const MESSAGE: Readonly<Record<Final, string>> = {
  Fenced: 'the window is open: blue takes no writes',
  Committed: 'committed: green takes over',
  Aborted: 'aborted',
};

/** This plan's decision as the ledger has it now; a step that needs one and finds none is out of order. */
export async function readDecision({ ledger, request }: StepContext): Promise<Decision> {
  const { status } = await ledger.read();
  return (
    decisionOf(status, request.digest) ??
    refuse('step-out-of-order', 'no decision of this plan is open: preflight opens it')
  );
}

/**
 * Moves the decision by compare-and-swap, with phase and message for people in the same write.
 * @returns the decision that now holds, and whether this call moved it.
 */
export async function decide(
  { ledger, request }: StepContext,
  to: Final,
  more: Partial<Decision>,
): Promise<{ readonly moved: boolean; readonly decision: Decision | undefined }> {
  const { written, view } = await ledger.update(({ status }) => {
    const moved = moveDecision(status, request.digest, to, more);
    const message = more.reason === undefined ? MESSAGE[to] : `${MESSAGE[to]}: ${more.reason}`;
    return moved && { ...moved, phase: to, message };
  });
  return { moved: written, decision: decisionOf(view.status, request.digest) };
}

/** Adds fields to the decision while it is in this state; those of `printed` stand beside it in the status. */
export async function note(
  { ledger, request }: StepContext,
  state: Decision['state'],
  more: (decision: Decision) => Partial<Omit<Decision, 'state' | 'digest'>>,
  printed: { readonly message?: string; readonly window?: string } = {},
): Promise<Decision> {
  const { written, view } = await ledger.update(({ status }) => {
    const decision = decisionOf(status, request.digest);
    const noted = decision && noteDecision(status, request.digest, [state], more(decision));
    return noted && { ...noted, ...printed };
  });
  const decision = decisionOf(view.status, request.digest);
  if (!written || !decision) refuse('decision-lost', `the decision is no longer ${state}`);
  return decision;
}

/** Says in the log and on record that the servers had to be made what the decision says once more. */
export async function noteRemade(
  context: StepContext,
  state: Decision['state'],
  was: string,
  more: Pick<Decision, 'lostWrites' | 'blueWrites'> = {},
): Promise<Decision> {
  context.progress.report(`${was}: made so again, as the decision is ${state}`);
  return note(context, state, () => ({ ...more, remade: context.clock.now().toISOString() }));
}

/** For the printer column. */
export const windowText = (seconds: number): string => `${seconds.toFixed(1)}s`;
