import { env } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { abort } from '../../plugin/steps/fence/abort/abort.ts';
import { commit } from '../../plugin/steps/fence/commit/commit.ts';
import { isFinal } from '../../plugin/steps/ledger/decision.ts';
import type { RunStep } from '../../plugin/steps/ports/step.ts';
import { runStep } from '../../plugin/steps/run/runner.ts';
import type { Template } from '../lab/postgres/blue-green.ts';
import type { Instance } from '../lab/postgres/instance.ts';
import { Load } from '../lab/postgres/load.ts';
import { Switch, until, type Keeper } from '../lab/postgres/switch.ts';
import { waitFor } from '../lab/wait-for.ts';
import { problemsOf } from './check.ts';
import { pointOf, type Fault, type Point } from './fault.ts';
import { Processes } from './processes.ts';

/** How the window is to end: by a commit, by the hook of a sync that failed, or by the keeper at its budget. */
export const SCENARIOS = ['commit', 'hook', 'budget'] as const;
export type Scenario = (typeof SCENARIOS)[number];

/** One switch, and the one fault that it meets. Without one it is what the matrix is made from. */
export interface Case {
  readonly scenario: Scenario;
  readonly fault?: Fault;
  readonly budgetSeconds?: number;
}

export interface Seen {
  readonly title: string;
  readonly decision: string;
  readonly reason: string | undefined;
  /** Seconds without an acknowledged write, as a client saw it. */
  readonly gap: number;
  readonly problems: readonly string[];
  readonly struck: boolean;
  readonly points: readonly Point[];
}

/** Enough for a whole switch where some run side by side; a busier machine needs more. */
const BUDGET = Number(env.LIFECYCLE_FAULTS_BUDGET ?? '30');
/** A hook that failed runs again when the sync is retried. */
const RETRIES = 3;
const RETRY_MILLISECONDS = 3000;
/** Gentle, because there are many cases side by side. */
const PACE = { pace: 50, retry: 250 };
/** What Argo CD takes to find out that a sync has failed. */
const NOTICE_SECONDS = 3;

export const titleOf = ({ scenario, fault }: Case): string =>
  fault ? `${scenario}; ${fault.kind} at ${pointOf(fault)}` : `${scenario}, undisturbed`;

/** Everything that belongs to a case while it runs. */
export interface Running {
  readonly it: Switch;
  readonly load: Load;
  readonly budgetSeconds: number;
  readonly startedAt: number;
  green: Instance | undefined;
}

export async function runCase(template: Template, each: Case): Promise<Seen> {
  const { budgetSeconds = BUDGET } = each;
  const it = await Switch.open(template, { windowBudgetSeconds: budgetSeconds });
  const running: Running = { it, load: new Load(), budgetSeconds, startedAt: Date.now(), green: undefined };
  const processes = await Processes.start(it, each.fault);
  try {
    await startClients(running);
    const sync = runSync(running, processes, each.scenario);
    const { problems, gap } = await problemsOf(running);
    processes.end();
    await Promise.race([sync, delay(5000, undefined, { ref: false })]);
    return {
      title: titleOf(each),
      decision: it.decision.state,
      reason: it.decision.reason,
      gap,
      problems,
      struck: each.fault !== undefined && processes.struck(each.fault),
      points: processes.points(),
    };
  } finally {
    await running.load.stop();
    processes.end();
    await it.close();
  }
}

/** One follows the traffic, one overrides read-only on blue for as long as it can. */
async function startClients(running: Running): Promise<void> {
  const { it, load } = running;
  const traffic = (): Instance | undefined => (it.namespace.serves('bestie') === 'bestie' ? it.blue : running.green);
  load.client('writer', traffic, PACE);
  load.client('overrider', () => it.blue, { ...PACE, begin: ['BEGIN READ WRITE', 'SET LOCAL lock_timeout = 0'] });
  await until('clients write', () => new Set(load.acknowledged.map(({ writer }) => writer)).size === 2, 60);
}

/** As Argo CD: wave by wave, and the hook when one has failed. */
async function runSync(running: Running, processes: Processes, scenario: Scenario): Promise<void> {
  const { it } = running;
  const step = async (name: 'commit' | 'abort', run: RunStep): Promise<boolean> =>
    (await runStep(it.context(processes.context(name)), name, run)).exit === 0;
  const keeper = it.keeper(processes.context('keeper'));
  if (await makeGreen(running, processes, keeper)) {
    if (scenario === 'commit' && (await step('commit', commit))) return;
    if (scenario === 'budget') await waitForEnd(running);
  }
  for (let tries = 0; tries < RETRIES; tries += 1) {
    if (await step('abort', abort)) return;
    await delay(RETRY_MILLISECONDS);
  }
}

/** The waves from the fence to the smoke test, undisturbed and as short as can be. @returns whether they went well. */
async function makeGreen(running: Running, processes: Processes, keeper: Keeper): Promise<boolean> {
  const { it, budgetSeconds } = running;
  try {
    const stands = (): boolean => (keeper.ready() && it.decision.fence !== undefined) || isFinal(it.decision);
    await until('the fence stands', stands, budgetSeconds + NOTICE_SECONDS);
    running.green = await it.clone();
    await processes.publish('green', running.green);
    for (const name of ['verify', 'migrate', 'smoke']) it.done(name);
    return true;
  } catch {
    return false;
  }
}

/** A step of the window that takes for ever ends at the budget by its own deadline, or when the decision is against it. */
async function waitForEnd({ it, budgetSeconds, startedAt }: Running): Promise<void> {
  const left = budgetSeconds + NOTICE_SECONDS - (Date.now() - startedAt) / 1000;
  const ended = waitFor(() => Promise.resolve(isFinal(it.decision)), { what: 'the budget', timeoutSeconds: left });
  await ended.catch(() => undefined);
  await delay(NOTICE_SECONDS * 1000);
}
