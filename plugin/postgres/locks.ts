import { textOf } from '../errors/text-of.ts';
import { endOpenWriters } from './open-writers.ts';
import { relationsToLock, type LockedFor } from './relations.ts';
import { CATALOG_SECONDS, sqlState, type Session } from './session.ts';
import { waitFor, type Wait } from './wait.ts';

/** One transaction that holds SHARE locks on everything of its database. */
export interface HeldLocks {
  readonly database: string;
  readonly pid: number;
  /** `pg_current_xact_id()`, as text. */
  readonly xid: string;
  /** How many relations it holds. */
  readonly relations: number;
}

/**
 * Settings of a connection that holds locks. No timeout may end it (`transaction_timeout` exists from 17 on), and
 * deadlock_timeout stands below lock_timeout: the other way round autovacuum is never cancelled (F3).
 */
const HOLDER_SETTINGS = `
  SELECT set_config(name, CASE name WHEN 'deadlock_timeout' THEN '100ms' WHEN 'lock_timeout' THEN '300ms'
                               WHEN 'default_transaction_read_only' THEN 'off' ELSE '0' END, false)
    FROM pg_settings
   WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout',
                  'idle_session_timeout', 'deadlock_timeout', 'lock_timeout', 'default_transaction_read_only')`;

/** A lock that is not granted in time, a deadlock in which this session was the victim, a relation that went away. */
const TRY_AGAIN = ['55P03', '40P01', '42P01', '3F000'];

/** @returns the locks, or in words what kept them from being granted. */
async function tryLock(session: Session, relations: readonly string[]): Promise<HeldLocks | string> {
  const [row] = await session.query<{ xid: string }>('SELECT pg_current_xact_id()::text AS xid');
  try {
    const names = relations.map((name) => `ONLY ${name}`).join(', ');
    await session.query(`LOCK TABLE ${names} IN SHARE MODE`, [], CATALOG_SECONDS);
  } catch (error) {
    if (TRY_AGAIN.includes(sqlState(error) ?? '')) return `${textOf(error)} in database ${session.database}`;
    throw error;
  }
  return { database: session.database, pid: session.pid, xid: row?.xid ?? '', relations: relations.length };
}

/** What is locked is still everything that there is. A commit has locked pg_class: nothing is made after this look. */
async function isStillAll(session: Session, relations: readonly string[], lockedFor: LockedFor): Promise<boolean> {
  const now = await relationsToLock(session, lockedFor);
  return now.length === relations.length && now.every((name, index) => name === relations[index]);
}

/** Nothing is kept when it fails: the caller rolls everything back. */
async function lockAll(
  { sessions, helper, lockedFor, besides }: Locking,
  wait: Wait,
): Promise<readonly HeldLocks[] | string> {
  const lists: (readonly string[])[] = [];
  const held: HeldLocks[] = [];
  for (const session of sessions) {
    await session.query('BEGIN READ WRITE');
    const relations = await relationsToLock(session, lockedFor);
    lists.push(relations);
    const locks = await tryLock(session, relations);
    if (typeof locks === 'string') return locks;
    held.push(locks);
  }
  const left = await endOpenWriters(helper, [...besides, ...sessions.map(({ pid }) => pid)], wait);
  if (left !== undefined) return left;
  for (const [index, session] of sessions.entries()) {
    if (await isStillAll(session, lists[index] ?? [], lockedFor)) continue;
    return `tables that are made or dropped in database ${session.database}`;
  }
  return held;
}

/** All databases or none: what was got is given back before the next try, never kept by a savepoint. */
async function tryLockAll(locking: Locking, wait: Wait): Promise<readonly HeldLocks[] | string> {
  const held = await lockAll(locking, wait);
  if (typeof held === 'string') await Promise.all(locking.sessions.map((each) => each.query('ROLLBACK')));
  return held;
}

/** Lock modes that SHARE waits for, and queues behind. */
const WRITING = `('RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')`;

const IN_THE_WAY = `
  WITH ours AS MATERIALIZED (SELECT pg_blocking_pids(h) AS blockers FROM unnest($1::int[]) AS h),
  blockers AS MATERIALIZED (
    SELECT unnest(blockers) AS pid FROM ours
    UNION SELECT pid FROM pg_locks WHERE locktype = 'relation' AND NOT granted AND mode IN ${WRITING})
  SELECT CASE WHEN b.pid = 0 THEN 'a prepared transaction'
              ELSE format('pid %s (%s) in database %s', b.pid, coalesce(a.usename, a.backend_type, 'ending'), a.datname) END AS who,
         CASE WHEN b.pid = 0 THEN false WHEN a.backend_type = 'autovacuum worker' THEN pg_cancel_backend(b.pid)
              ELSE pg_terminate_backend(b.pid) END AS signalled
    FROM blockers b LEFT JOIN pg_stat_activity a ON a.pid = b.pid
   WHERE b.pid <> ALL ($1::int[]) AND b.pid <> pg_backend_pid()`;

/**
 * Ends, every 10 ms, whoever stands in the way, superusers and background workers too (ADR 11): sessions that block us and,
 * because our request queues behind them, those that wait to write (C1); an autovacuum is cancelled.
 * @returns who was in the way last.
 */
async function clearTheWay(
  helper: Session,
  pids: readonly number[],
  { clock }: Wait,
  done: AbortSignal,
): Promise<readonly string[]> {
  let last: readonly string[] = [];
  while (!done.aborted) {
    const rows = await helper.query<{ who: string }>(IN_THE_WAY, [pids]);
    if (rows.length > 0) last = rows.map(({ who }) => who);
    await clock.sleep(10);
  }
  return last;
}

/** What came of it: the locks, or who was in the way when the time was up (nothing is held then). */
export type LockResult =
  { readonly held: readonly HeldLocks[] } | { readonly held: undefined; readonly inTheWay: string };

/** Who locks, and for what. */
export interface Locking {
  /** Superuser, one a database, in name order; they hold the locks until they are closed. */
  readonly sessions: readonly Session[];
  /** Another superuser session. */
  readonly helper: Session;
  readonly lockedFor: LockedFor;
  /** Other transactions of ours that are to stay: a commit's neighbour is the keeper. */
  readonly besides: readonly number[];
}

/** F3 and C1: SHARE locks on everything the application can write, in every database, in the one order. */
export async function lockEverything(locking: Locking, wait: Wait): Promise<LockResult> {
  const { sessions, helper } = locking;
  for (const session of sessions) await session.query(HOLDER_SETTINGS);
  const locked = new AbortController();
  const pids = sessions.map(({ pid }) => pid);
  const clearing = clearTheWay(helper, pids, wait, locked.signal);
  // A helper that is lost ends the wait by its error.
  const lost = clearing.then(() => undefined);
  let failure = '';
  const tryAgain = async (): Promise<readonly HeldLocks[] | undefined> => {
    const held = await tryLockAll(locking, wait);
    if (typeof held !== 'string') return held;
    failure = held;
    return undefined;
  };
  try {
    const tries = waitFor('waiting for the locks', tryAgain, { ...wait, everyMilliseconds: 20 });
    const held = await Promise.race([tries, lost]);
    if (held) return { held };
  } finally {
    locked.abort();
  }
  return { held: undefined, inTheWay: [...(await clearing), failure].join(', ') };
}
