import type { Decision } from '../../../lifecycle/status.ts';
import { decisionOf, isComplete, isFinal } from '../../ledger/decision.ts';
import { finishAbort } from '../abort/finish-abort.ts';
import { rollForward } from '../commit/roll-forward.ts';
import { COMMIT_GRACE_MILLISECONDS } from './watch.ts';
import { endWindow, reasonOf } from './end-window.ts';
import { keepWindow } from './window.ts';
import { answeredInTime, API_SECONDS } from '../../ports/in-time.ts';
import type { Ledger, LedgerView } from '../../ports/ports.ts';
import type { StepContext } from '../../ports/step.ts';

export interface Readiness {
  set(ready: boolean): void;
}

const LOOK_MILLISECONDS = 1000;
const IDLE_MILLISECONDS = 10_000;

/**
 * The keeper (design §3): holds the window open from Open to a final decision, and sees that it ends, whatever becomes of
 * Argo CD, the plugin or the sync. Runs until the signal, and never leaves a window open behind it.
 */
export async function runKeeper(blind: StepContext, readiness: Readiness): Promise<void> {
  const context = { ...blind, ledger: toldWhenFinal(blind, readiness) };
  const { clock, signal, progress } = context;
  while (!signal.aborted) {
    let pause = LOOK_MILLISECONDS;
    try {
      pause = await turn(context, readiness);
    } catch (error) {
      progress.report(`trying again: ${reasonOf(error)}`);
    }
    await clock.sleep(pause, signal).catch(() => undefined);
  }
}

/**
 * Ready as soon as a final decision is seen, whatever there is still to do: a keeper that cannot reach blue any more would hold up
 * the sync, whose next waves fail on the decision, and whose hook then opens blue.
 */
function toldWhenFinal({ ledger, request }: StepContext, readiness: Readiness): Ledger {
  const tell = (view: LedgerView): LedgerView => {
    const decision = decisionOf(view.status, request.digest);
    if (decision !== undefined && isFinal(decision)) readiness.set(true);
    return view;
  };
  return {
    read: async () => tell(await ledger.read()),
    update: async (change) => {
      const result = await ledger.update(change);
      tell(result.view);
      return result;
    },
  };
}

/** One look at the decision and what it asks for. @returns milliseconds until the next look. */
async function turn(context: StepContext, readiness: Readiness): Promise<number> {
  const { status } = await answeredInTime(context, API_SECONDS).ledger.read();
  const decision = decisionOf(status, context.request.digest);
  readiness.set(decision !== undefined && isFinal(decision));
  if (decision === undefined) return LOOK_MILLISECONDS;
  if (isComplete(decision)) return idle(context, decision);
  await act(context, decision, readiness);
  return 0;
}

async function act(context: StepContext, decision: Decision, readiness: Readiness): Promise<void> {
  switch (decision.state) {
    case 'Open':
      return keepWindow(context, () => {
        readiness.set(true);
      });
    case 'Fenced':
      // Another keeper's window: its locks are gone, and what was written since cannot be told. Never lock again.
      return end(context, decision, 'fence-lost: the keeper was restarted while the window was open');
    case 'Committed':
      await waitForCommit(context, decision);
      await rollForward(context);
      return;
    case 'Aborted':
      return end(context, decision, decision.reason ?? '');
  }
}

/** No locks are this process's own. */
const end = (context: StepContext, { roles = [], fence }: Decision, reason: string): Promise<void> =>
  endWindow(context, reason, { roles, server: fence }, () => Promise.resolve());

/** The commit that decided is probably still at it. Its clock may be ahead of this one: never longer than the grace. */
async function waitForCommit({ clock, signal }: StepContext, { committedAt = '' }: Decision): Promise<void> {
  const left = Date.parse(committedAt) + COMMIT_GRACE_MILLISECONDS - clock.now().getTime();
  if (left > 0) await clock.sleep(Math.min(left, COMMIT_GRACE_MILLISECONDS), signal);
}

/**
 * Everything is on record as done, and is looked at all the same (ADR 19): a failover may have lost it, a step that learnt late
 * may have undone it, green of an abort may not have been reached.
 */
async function idle(context: StepContext, { state }: Decision): Promise<number> {
  const look = state === 'Committed' ? rollForward(context) : finishAbort(context);
  await look.catch((error: unknown) => {
    context.progress.report(`looking at the servers: ${reasonOf(error)}`);
  });
  return IDLE_MILLISECONDS;
}
