import { setTimeout as delay } from 'node:timers/promises';
import { abort } from '../../plugin/steps/fence/abort/abort.ts';
import { commit } from '../../plugin/steps/fence/commit/commit.ts';
import { isComplete, isFinal } from '../../plugin/steps/ledger/decision.ts';
import type { Ledger } from '../../plugin/steps/ports/ports.ts';
import type { RunStep } from '../../plugin/steps/ports/step.ts';
import { finishDecision, finishWindow } from '../../plugin/steps/preflight/finish-window.ts';
import { runStep } from '../../plugin/steps/run/runner.ts';
import { requestFor } from '../../plugin/steps/testing/world.ts';
import { until, type Keeper } from '../lab/postgres/switch.ts';
import { waitFor } from '../lab/wait-for.ts';
import type { StepName } from './fault.ts';
import type { Processes } from './processes.ts';
import type { Running } from './run-case.ts';
import { runWaves } from './run-waves.ts';

/** A hook that failed runs again when the sync is retried. */
const RETRIES = 3;
const RETRY_MILLISECONDS = 3000;
/** What Argo CD takes to find out that a sync has failed. */
const NOTICE_SECONDS = 3;
/** A pod on a node that is cut off still runs when the next one is started elsewhere. */
const ELSEWHERE_SECONDS = 15;

/** As Argo CD: wave by wave, and the hook when one has failed. */
export async function runSync(running: Running, processes: Processes): Promise<void> {
  const { it, scenario } = running;
  const keeper = it.keeper(processes.context('keeper'));
  const green = await makeGreen(running, processes, keeper);
  if (scenario === 'left open' || scenario === 'left committed') {
    if (green && scenario === 'left committed') {
      await decideOnly(running, processes);
      running.unheldSince = Date.now();
    }
    await keeper.kill();
    return runPreflight(running, processes);
  }
  if (green && scenario === 'commit' && (await runsWell(running, processes, 'commit', commit))) return;
  if (green && scenario === 'budget') await waitForEnd(running);
  for (let tries = 0; tries < RETRIES; tries += 1) {
    if (await runsWell(running, processes, 'abort', abort)) return;
    await delay(RETRY_MILLISECONDS);
  }
}

const runsWell = async (
  { it }: Running,
  processes: Processes,
  step: 'commit' | 'abort',
  run: RunStep,
): Promise<boolean> => (await runStep(it.context(processes.context(step)), step, run)).exit === 0;

/**
 * The waves from the fence to the smoke test. Where they are not what the scenario is about, the ones after the clone are
 * undisturbed and as short as can be. @returns whether they went well.
 */
async function makeGreen(running: Running, processes: Processes, keeper: Keeper): Promise<boolean> {
  const { it, scenario, budgetSeconds } = running;
  try {
    await until('the keeper is ready', () => keeper.ready(), budgetSeconds + NOTICE_SECONDS);
    // The policy admits no green then.
    if (it.decision.state !== 'Fenced') return false;
    running.green = await it.clone();
    await processes.publish('green', running.green);
    // A wave that takes for ever ends at the budget, by its Job's deadline.
    if (scenario === 'commit') {
      return await Promise.race([runWaves(running, processes), waitForEnd(running).then(() => false)]);
    }
    for (const name of ['verify', 'migrate', 'smoke']) it.done(name);
    return true;
  } catch {
    return false;
  }
}

/** A commit that dies right after its compare-and-swap. */
async function decideOnly({ it }: Running, processes: Processes): Promise<void> {
  const context = it.context(processes.context('commit'));
  const update: Ledger['update'] = async (change) => {
    const result = await context.ledger.update(change);
    if (result.view.status.decision?.state === 'Committed') throw new Error('the process is gone');
    return result;
  };
  const ledger = { read: () => context.ledger.read(), update };
  await commit({ ...context, ledger }).catch(() => undefined);
}

/** The next plan's. Its Job's pod may be cut off from a server; then there is another one, on another node. */
async function runPreflight({ it }: Running, processes: Processes): Promise<void> {
  const request = requestFor('Switch', { digest: 'another', attempt: 2 });
  const finish = (step: StepName): Promise<void> =>
    finishDecision({ ...it.context(processes.context(step)), request }, finishWindow).catch(() => undefined);
  const complete = waitFor(() => Promise.resolve(isComplete(it.decision)), {
    what: 'the window finished',
    timeoutSeconds: ELSEWHERE_SECONDS,
  });
  const first = finish('preflight');
  await Promise.race([first, complete.catch(() => undefined)]);
  if (!isComplete(it.decision)) await finish('preflight elsewhere');
}

/** A step of the window that takes for ever ends at the budget by its own deadline, or when the decision is against it. */
async function waitForEnd({ it, budgetSeconds, startedAt }: Running): Promise<void> {
  const left = budgetSeconds + NOTICE_SECONDS - (Date.now() - startedAt) / 1000;
  const ended = waitFor(() => Promise.resolve(isFinal(it.decision)), { what: 'the budget', timeoutSeconds: left });
  await ended.catch(() => undefined);
  await delay(NOTICE_SECONDS * 1000);
}
