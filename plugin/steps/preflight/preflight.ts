import { LifecycleError, type ErrorCode } from '../../errors/errors.ts';
import type { Decision, Status } from '../../lifecycle/status.ts';
import { decisionOf, openDecision } from '../ledger/decision.ts';
import { finishDecision, type FinishWindow } from './finish-window.ts';
import { removeAbortedGreen } from './remove-aborted-green.ts';
import { requireCurrent } from '../ledger/require-current.ts';
import { refuseFromLedger } from './ledger-guards.ts';
import { guardsOf, type DatabaseGuards, type Guard } from './guards.ts';
import { refuse, type Evidence, type RunStep, type StepContext } from '../ports/step.ts';
import { found, seen, waitFor } from '../ports/wait.ts';
import { finishPause } from '../restore/finish-pause.ts';
import { requireNoRestore } from '../restore/open-restores.ts';

const GUARDS_SECONDS = 300;
/** The database's guards switch a WAL segment: not at every second. */
const EVERY_SECONDS = 5;

/**
 * What another window left is finished first. Then everything that has to hold before a window or a rehearsal, each waited for
 * within one bound and all that fail named at once. A switch then clears away green of an aborted attempt and opens the plan's decision.
 */
export function createPreflight(databaseGuards: DatabaseGuards, finish: FinishWindow): RunStep {
  return async (context): Promise<Evidence> => {
    requireCurrent(await context.ledger.read(), context.request);
    await finishDecision(context, finish);
    await finishPause(context);
    const view = await context.ledger.read();
    const decision = decisionOf(view.status, context.request.digest);
    // Killed between the decision and the record of this step: what came after has gone on.
    if (decision?.state === 'Fenced' || decision?.state === 'Committed') return { decision: decision.state };
    refuseFromLedger(view, context.request);
    requireNoRestore(view, context.request.blue.name);
    await waitForGuards(context, databaseGuards);
    if (context.request.plan !== 'Switch') return { guards: 'hold' };
    const removed = await removeAbortedGreen(context);
    await openThisDecision(context);
    return { guards: 'hold', decision: 'Open', ...(removed === undefined ? {} : { removed }) };
  };
}

export async function waitForGuards(context: StepContext, databaseGuards: DatabaseGuards): Promise<void> {
  let failing: readonly Guard[] = [];
  const wait = { what: 'guards', timeoutSeconds: GUARDS_SECONDS, everySeconds: EVERY_SECONDS };
  try {
    await waitFor(context, wait, async () => {
      failing = await guardsOf(context, databaseGuards);
      return failing.length === 0 ? found(undefined) : seen(textOf(failing));
    });
  } catch (error) {
    if (!(error instanceof LifecycleError) || error.code !== 'not-in-time') throw error;
    refuse(codeOf(failing), `${textOf(failing)} (waited ${GUARDS_SECONDS} s)`);
  }
}

const textOf = (guards: readonly Guard[]): string => guards.map(({ text }) => text).join('; ');

/** One code stands for all that is named: what blocks the whole plan first, then what no waiting mends. */
function codeOf(guards: readonly Guard[]): ErrorCode {
  const order: readonly Guard['code'][] = ['other-plan-open', 'guard-failed'];
  return order.find((code) => guards.some((guard) => guard.code === code)) ?? 'not-in-time';
}

/** Open, and the phase for people. @throws LifecycleError where another plan was faster, or this one was aborted. */
export async function openThisDecision(
  { ledger, request, clock }: StepContext,
  more: Pick<Decision, 'greenRoles' | 'approvedBy' | 'pullRequest'> = {},
): Promise<void> {
  const { view } = await ledger.update((before): Status | undefined => {
    requireCurrent(before, request);
    const { status } = before;
    const opened = openDecision(status, request, clock.now(), more);
    if (opened === undefined) return undefined;
    const { name: instance, version } = request.blue;
    // Adopted by annotation, or committed and never confirmed: from here on the ledger says itself who serves.
    const adopted = { instance, version, since: clock.now().toISOString(), digest: request.digest };
    return { ...opened, serving: status.serving?.instance === instance ? status.serving : adopted, phase: 'Switching' };
  });
  const state = decisionOf(view.status, request.digest)?.state;
  if (state === 'Aborted') refuse('attempt-aborted', `attempt ${request.attempt} was aborted just now`);
  if (state === undefined) refuse('other-plan-open', 'another plan opened its decision just now');
}
