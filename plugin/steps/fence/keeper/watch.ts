import { LifecycleError } from '../../../errors/errors.ts';
import type { Decision } from '../../../lifecycle/status.ts';
import { endOnce } from '../../../postgres/end-sessions.ts';
import { cancelQueued, holderProblems } from '../../../postgres/evidence.ts';
import { serverIdentity } from '../../../postgres/identity.ts';
import { roleNames } from '../../../postgres/roles.ts';
import { withSession } from '../../../postgres/session.ts';
import { within } from '../../../postgres/wait.ts';
import { decisionOf } from '../../ledger/decision.ts';
import { answeredInTime, API_SECONDS } from '../../ports/in-time.ts';
import type { StepContext } from '../../ports/step.ts';
import { MAINTENANCE } from '../../database/sessions.ts';
import type { BlueConnections } from '../connections.ts';
import { windowText } from '../decide.ts';
import { keepGreenClosed } from './keep-green-closed.ts';
import { repeat } from './loops.ts';
import { identityProblems, type Opening } from './make-evidence.ts';
import type { Closed } from './raise.ts';

const QUEUE_MILLISECONDS = 100;
const CHAIN_MILLISECONDS = 500;
const LEDGER_MILLISECONDS = 400;
const ADDRESS_MILLISECONDS = 1000;
const GREEN_MILLISECONDS = 1000;
const BUDGET_MILLISECONDS = 200;
const PRINT_MILLISECONDS = 2000;
/** A query on an idle server takes milliseconds; a connection that is silent for this long is lost. */
const SILENCE_MILLISECONDS = 5000;
/** Blue's address may fail for this long (a name server's hiccup) before it counts as a failover. */
const ADDRESS_FAILS = 10;
/** A commit that has not finished for this long after Committed is taken to be dead. */
export const COMMIT_GRACE_MILLISECONDS = 5000;

const lost = (detail: string): LifecycleError => new LifecycleError('fence-lost', detail);

/**
 * Watches over the standing fence until the decision is final and, if Committed, also complete or left undone.
 * @param until ends the watch without a result.
 * @throws LifecycleError when the window has to be undone: budget, loss, SIGTERM.
 */
export async function watch(
  context: StepContext,
  blue: BlueConnections,
  opening: Opening,
  closed: Closed,
  until: AbortSignal,
): Promise<Decision> {
  const inTime = answeredInTime(context, API_SECONDS);
  const committed: Committed = { seen: undefined };
  const every = (milliseconds: number, turn: () => Promise<Decision | undefined>): Promise<Decision> =>
    repeat(context.clock, milliseconds, until, turn);
  return Promise.race([
    ...[blue.helper, ...blue.holders].map((session) => lossOf(session.database, session.onLost.bind(session))),
    asked(context),
    every(LEDGER_MILLISECONDS, ledgerLook(inTime, committed)),
    every(BUDGET_MILLISECONDS, budgetLook(context, opening, committed)),
    every(QUEUE_MILLISECONDS, () => keepQueueShort(blue, opening, closed)),
    every(CHAIN_MILLISECONDS, () => checkChain(blue, opening, closed)),
    every(ADDRESS_MILLISECONDS, addressCheck(blue, opening)),
    every(GREEN_MILLISECONDS, () => keepGreenClosed(inTime)),
    every(PRINT_MILLISECONDS, () => printWindow(inTime, opening)),
  ]);
}

function lossOf(database: string, onLost: (listener: (reason: string) => void) => void): Promise<never> {
  return new Promise((_resolve, reject) => {
    onLost((reason) => {
      reject(lost(`the connection to database ${database} was lost: ${reason}`));
    });
  });
}

/** SIGTERM inside the window, for example when the plugin is upgraded: the next keeper could not hold these locks. */
function asked({ signal }: StepContext): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = (): void => {
      reject(new LifecycleError('aborted', 'the keeper was asked to end while the window was open'));
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

/** When a commit was first seen: how long ago it was is counted from then, because its own clock may be an hour ahead. */
interface Committed {
  seen: number | undefined;
}

/** An API server that does not answer changes nothing until the budget: the fence stands. */
function ledgerLook(
  { ledger, request, clock }: StepContext,
  committed: Committed,
): () => Promise<Decision | undefined> {
  return async () => {
    const view = await ledger.read().catch(() => undefined);
    const decision = view && decisionOf(view.status, request.digest);
    if (decision?.state === 'Aborted' || decision?.blueClosed !== undefined) return decision;
    if (decision?.state === 'Committed') {
      committed.seen ??= clock.now().getTime();
      return clock.now().getTime() - committed.seen >= COMMIT_GRACE_MILLISECONDS ? decision : undefined;
    }
    return undefined;
  };
}

/** A loop of its own, which no answer holds up. A commit that was seen has no budget: it is rolled forward. */
function budgetLook(context: StepContext, opening: Opening, committed: Committed): () => Promise<undefined> {
  return () => {
    if (committed.seen === undefined) checkBudget(context, opening);
    return Promise.resolve(undefined);
  };
}

/** @throws LifecycleError when the window has been open for longer than it may. */
function checkBudget({ request, clock }: StepContext, { fencedAt }: Opening): void {
  const open = (clock.now().getTime() - Date.parse(fencedAt)) / 1000;
  if (open < request.windowBudgetSeconds) return;
  throw new LifecycleError(
    'window-over-budget',
    `open for ${open.toFixed(1)} s, the budget is ${request.windowBudgetSeconds} s`,
  );
}

/**
 * Bounds the raising of the fence: clients feel its first setting already. Nobody can commit before there is evidence, so
 * the ledger need not be asked.
 * @throws LifecycleError at the budget, and on SIGTERM.
 */
export function boundRaising<T>(
  context: StepContext,
  opening: Opening,
  raising: Promise<T>,
  until: AbortSignal,
): Promise<T> {
  const budget = repeat<never>(context.clock, BUDGET_MILLISECONDS, until, async () => {
    await Promise.resolve();
    checkBudget(context, opening);
    return undefined;
  });
  return Promise.race([raising, asked(context), budget]);
}

/** F5, and F2's rest: readers from before the fence, once their statement has ended. */
async function keepQueueShort({ helper }: BlueConnections, { roles }: Opening, closed: Closed): Promise<undefined> {
  await cancelQueued(helper, closed.held);
  const begunUntil = closed.settingsSince;
  await endOnce(helper, { roles: roleNames(roles), begunUntil, spareRunningReaders: true });
  return undefined;
}

/** F8, again and again. */
async function checkChain({ helper }: BlueConnections, { identity }: Opening, { held }: Closed): Promise<undefined> {
  const looks = async (): Promise<readonly string[]> => [
    ...identityProblems(identity, await serverIdentity(helper)),
    ...(await holderProblems(helper, held)),
  ];
  const problems = await within(SILENCE_MILLISECONDS, looks(), () => lost("blue's server does not answer"));
  if (problems.length > 0) throw lost(problems.join('; '));
  return undefined;
}

/** Where blue's address leads now: after a failover the old primary may live on with all our locks, and nobody there. */
function addressCheck({ open }: BlueConnections, { identity }: Opening): () => Promise<undefined> {
  let failed = 0;
  return async () => {
    try {
      const seen = await withSession(open(MAINTENANCE), serverIdentity);
      failed = 0;
      const problems = identityProblems(identity, seen);
      if (problems.length > 0) throw lost(problems.join('; '));
    } catch (error) {
      if (error instanceof LifecycleError) throw error;
      failed += 1;
      if (failed >= ADDRESS_FAILS) throw lost("blue's address no longer leads to a server");
    }
    return undefined;
  };
}

async function printWindow({ ledger, request, clock }: StepContext, { fencedAt }: Opening): Promise<undefined> {
  const seconds = (clock.now().getTime() - Date.parse(fencedAt)) / 1000;
  await ledger
    .update(({ status }) =>
      decisionOf(status, request.digest)?.state === 'Fenced'
        ? { ...status, window: `open ${windowText(Math.round(seconds))}` }
        : undefined,
    )
    .catch(() => undefined);
  return undefined;
}
