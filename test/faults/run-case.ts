import { env } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import type { Template } from '../lab/postgres/blue-green.ts';
import type { Instance } from '../lab/postgres/instance.ts';
import { Load } from '../lab/postgres/load.ts';
import { Switch, until } from '../lab/postgres/switch.ts';
import { problemsOf } from './check.ts';
import { pointOf, type Fault, type Point } from './fault.ts';
import { Processes } from './processes.ts';
import { runSync } from './run-sync.ts';

/**
 * How the window is to end: by a commit, by the hook of a sync that failed, by the keeper at its budget, or by the preflight of
 * another plan, which finds it without keeper and hook, open or just committed.
 */
export const SCENARIOS = ['commit', 'hook', 'budget', 'left open', 'left committed'] as const;
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
/** Gentle, because there are many cases side by side. */
const PACE = { pace: 50, retry: 250 };

export const titleOf = ({ scenario, fault }: Case): string =>
  fault ? `${scenario}; ${fault.kind} at ${pointOf(fault)}` : `${scenario}, undisturbed`;

/** Everything that belongs to a case while it runs. */
export interface Running {
  readonly scenario: Scenario;
  readonly it: Switch;
  readonly load: Load;
  readonly budgetSeconds: number;
  readonly startedAt: number;
  green: Instance | undefined;
  /** When keeper and commit were both gone, with a decision that is Committed. */
  unheldSince?: number;
}

export async function runCase(template: Template, each: Case): Promise<Seen> {
  const { scenario, budgetSeconds = BUDGET } = each;
  const it = await Switch.open(template, { windowBudgetSeconds: budgetSeconds });
  const running: Running = { scenario, it, load: new Load(), budgetSeconds, startedAt: Date.now(), green: undefined };
  const processes = await Processes.start(it, each.fault);
  try {
    await startClients(running);
    const sync = runSync(running, processes);
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
