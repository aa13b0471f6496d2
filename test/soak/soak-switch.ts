import { setTimeout as delay } from 'node:timers/promises';
import { textOf } from '../../plugin/errors/text-of.ts';
import type { Decision } from '../../plugin/lifecycle/status.ts';
import { isComplete } from '../../plugin/steps/ledger/decision.ts';
import { abort } from '../../plugin/steps/fence/abort/abort.ts';
import { commit } from '../../plugin/steps/fence/commit/commit.ts';
import { killedAt } from '../../plugin/steps/testing/faults.ts';
import type { Template } from '../lab/postgres/blue-green.ts';
import type { Instance } from '../lab/postgres/instance.ts';
import { missing, type Acknowledged, type Load } from '../lab/postgres/load.ts';
import { refusal } from '../lab/postgres/refusal.ts';
import { Switch, until, type Keeper } from '../lab/postgres/switch.ts';
import { waitFor } from '../lab/wait-for.ts';
import { EXPORTER, startClients } from './clients.ts';
import { asOperator, populate } from './population.ts';
import type { Ending, Schedule } from './schedule.ts';

/** What is seen when the window has ended; each list is empty when the promise holds. */
export interface Seen {
  readonly decision: Decision['state'];
  readonly reason: string | undefined;
  readonly acknowledged: number;
  readonly windowSeconds: number | undefined;
  /** Acknowledged, and not on the server that serves. */
  readonly lost: readonly Acknowledged[];
  /** Acknowledged by blue after the locks of a switch that was committed. */
  readonly late: readonly Acknowledged[];
  /** Writers that the server which serves refuses, with the SQLSTATE. */
  readonly refused: readonly string[];
  /** Writers that the other server lets through. */
  readonly bothOpen: readonly string[];
  /** Locks of the fence that are left on blue. */
  readonly locksLeft: number;
}

const WRITERS = [
  ['bestie', 'bestie', 't0'],
  ['reporter', 'bestie', 't1'],
  ['debezium', 'bestie', 'heartbeat'],
  ['bestie', 'blank', 't0'],
  ['bestie', 'second', 't0'],
] as const;

/** Writers for whom a write ends otherwise than it should; `overriding` also gets past read-only. */
async function outcomes(server: Instance, expected: 'accepted' | 'refused', overriding: boolean): Promise<string[]> {
  const wrong: string[] = [];
  for (const [role, database, table] of WRITERS) {
    const begin = overriding ? ['BEGIN READ WRITE', "SET LOCAL lock_timeout = '300ms'"] : ['BEGIN'];
    const write = `INSERT INTO ${table} (writer, n) VALUES ('afterwards', 0)`;
    const got = await refusal(server, role, [...begin, write, 'COMMIT'], database);
    if ((got === 'accepted') !== (expected === 'accepted')) wrong.push(`${role} in ${database}: ${got}`);
  }
  return wrong;
}

/** Runs one switch to its end and looks at what is left of it. */
export async function soakSwitch(template: Template, schedule: Schedule): Promise<Seen> {
  const budget = schedule.ending === 'over budget' ? { windowBudgetSeconds: 4 } : {};
  const it = await Switch.open(template, budget);
  let green: Instance | undefined;
  await populate(it.blue);
  const { load, followers } = startClients(it, schedule, () => green);
  try {
    await until('everybody writes', () => wrote(load, followers, 0), 60);
    if (schedule.members.includes('open transaction')) await leaveTransactionOpen(it.blue);
    if (schedule.ending === 'unlogged table filled') await fillUnlogged(load, it.blue);
    const keeper = it.keeper();
    await until('the fence stands, or cannot', () => fenced(it, keeper) || it.decision.state === 'Aborted', 60);
    await delay(schedule.pause);
    green = await finish(it, keeper, schedule);
    await until('the window has ended', () => isComplete(it.decision), 90);
    const since = Date.now();
    await until('everybody writes again', () => wrote(load, followers, since), 60);
    await load.stop();
    return await look(it, green, load);
  } finally {
    await load.stop();
    await it.close();
  }
}

const fenced = (it: Switch, keeper: Keeper): boolean => keeper.ready() && it.decision.fence !== undefined;

const wrote = (load: Load, names: readonly string[], since: number): boolean =>
  names.every((name) => load.acknowledged.some(({ writer, at }) => writer === name && at > since));

/** Never committed, so nothing of it has to be anywhere. */
async function leaveTransactionOpen(blue: Instance): Promise<void> {
  const client = await blue.client('bestie');
  await client.query('BEGIN');
  await client.query("INSERT INTO t2 (writer) VALUES ('never committed')");
}

async function fillUnlogged(load: Load, blue: Instance): Promise<void> {
  load.client('unlogged', () => blue, { tables: ['cache'], pace: 20 });
  await until('the unlogged table has rows', () => wrote(load, ['unlogged'], 0), 20);
}

/** From the fence to a final decision. @returns green, where there is one. */
async function finish(it: Switch, keeper: Keeper, schedule: Schedule): Promise<Instance | undefined> {
  const { ending, stagger } = schedule;
  if (it.decision.state === 'Aborted') return undefined;
  if (ending === 'over budget') return undefined;
  if (ending === 'hook after the fence') {
    await abort(it.context());
    return undefined;
  }
  let green: Instance | undefined;
  try {
    await it.green(async (made) => {
      green = made;
      await asOperator(made);
    });
  } catch (error) {
    // As Argo CD does when the sync has failed.
    it.failed('verify', textOf(error));
    await abort(it.context());
    return green;
  }
  await ENDS[ending](it, keeper, schedule, stagger);
  return green;
}

const ignore = (): undefined => undefined;

const commitThenHook = async (it: Switch): Promise<void> => {
  await commit(it.context()).catch(() => abort(it.context()));
};

const ENDS: Readonly<
  Record<Ending, (it: Switch, keeper: Keeper, schedule: Schedule, stagger: number) => Promise<unknown>>
> = {
  commit: commitThenHook,
  'unlogged table filled': commitThenHook,
  'commit and hook at once': (it, _, __, stagger) =>
    Promise.all([commit(it.context()).catch(ignore), delay(stagger).then(() => abort(it.context()))]),
  'commit killed, then the hook': async (it, _, { killAt, killMoment }) => {
    const ports = killedAt({ ledger: it.ledger, cluster: it.namespace }, killAt, killMoment);
    await commit(it.context(ports)).catch(ignore);
    await abort(it.context());
  },
  'hook after the fence': ignoreAsync,
  'over budget': ignoreAsync,
  'hook after verify': (it) => abort(it.context()),
  'keeper killed': async (it, keeper, _, stagger) => {
    await delay(stagger);
    await keeper.kill();
    await commitThenHook(it);
  },
};

function ignoreAsync(): Promise<void> {
  return Promise.resolve();
}

async function look(it: Switch, green: Instance | undefined, load: Load): Promise<Seen> {
  const { state, reason, windowSeconds, fence } = it.decision;
  const committed = state === 'Committed';
  const [serving, other] = committed ? [green, it.blue] : [it.blue, green];
  if (!serving) throw new Error('committed without a green');
  const theirs = load.acknowledged.filter(({ writer }) => writer !== EXPORTER);
  const lockedAt = Date.parse(fence?.lockedAt ?? '');
  const lost = await missing(serving, theirs);
  return {
    decision: state,
    reason,
    acknowledged: theirs.length,
    windowSeconds,
    lost,
    late: committed ? theirs.filter(({ server, at }) => server === it.blue.name && at > lockedAt) : [],
    refused: await outcomes(serving, 'accepted', false),
    bothOpen: other ? await outcomes(other, 'refused', true) : [],
    locksLeft: await locksLeft(it.blue),
  };
}

const LOCKS = `SELECT FROM pg_locks WHERE mode = 'ShareLock' AND locktype = 'relation'`;

/** The keeper lets go when it sees the end, within a second or so. */
async function locksLeft(blue: Instance): Promise<number> {
  const count = async (): Promise<number> => (await blue.sql(LOCKS)).length;
  await waitFor(async () => (await count()) === 0, { what: 'the locks are let go', timeoutSeconds: 20 }).catch(ignore);
  return count();
}
