import type { HeldLocks } from './locks.ts';
import { LOCKABLE } from './relations.ts';
import { CATALOG_SECONDS, type Session } from './session.ts';

interface HolderState {
  readonly database: string;
  readonly status: string | null;
  readonly owner: boolean;
  readonly relations: number;
}

const HOLDERS = `
  SELECT h.database, pg_xact_status(h.xid::xid8) AS status,
         EXISTS (SELECT FROM pg_locks l WHERE l.pid = h.pid AND l.granted
                    AND l.locktype = 'transactionid' AND l.transactionid = h.xid::xid8::xid) AS owner,
         (SELECT count(*)::int FROM pg_locks l JOIN pg_database d ON d.oid = l.database
           WHERE l.pid = h.pid AND l.granted AND l.locktype = 'relation' AND l.mode = 'ShareLock'
             AND d.datname = h.database) AS relations
    FROM unnest($1::text[], $2::int[], $3::text[]) AS h (database, pid, xid)`;

/**
 * F8: the transactions that hold the locks are in progress, and own every one of them. Locks that are there again
 * after a gap prove nothing; the transaction ids do.
 * @returns what is wrong, in words; empty when the chain holds.
 */
export async function holderProblems(session: Session, holders: readonly HeldLocks[]): Promise<readonly string[]> {
  const states = await session.query<HolderState>(HOLDERS, [
    holders.map(({ database }) => database),
    holders.map(({ pid }) => pid),
    holders.map(({ xid }) => xid),
  ]);
  return states.flatMap(({ database, status, owner, relations }, index) => {
    const expected = holders[index]?.relations ?? 0;
    if (status !== 'in progress') return [`the transaction that locked database ${database} is ${status ?? 'unknown'}`];
    if (!owner) return [`database ${database} is locked by another session than the keeper's`];
    return relations === expected ? [] : [`${relations} of ${expected} relations are locked in database ${database}`];
  });
}

const UNHELD = `
  SELECT r.schema || '.' || r.name AS name FROM (${LOCKABLE}) AS r
   WHERE NOT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                      WHERE l.pid = $1 AND l.granted AND l.locktype = 'relation' AND l.mode = 'ShareLock'
                        AND l.relation = r.oid AND d.datname = current_database())`;

/**
 * Every table is one of those that the keeper has locked all the time. One that was made since the fence was raised could be
 * in the catalogs that it recorded and not among its locks: what was written there since, nobody can tell.
 * @param sessions one a database; under a commit's locks no table can be made after this look.
 * @returns what is wrong, in words.
 */
export async function unheldProblems(
  sessions: readonly Session[],
  holders: readonly HeldLocks[],
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const session of sessions) {
    const { database } = session;
    const { pid = 0 } = holders.find((holder) => holder.database === database) ?? {};
    const rows = await session.query<{ name: string }>(UNHELD, [pid], CATALOG_SECONDS);
    problems.push(
      ...rows.map(({ name }) => `table ${name} in database ${database} was made since the fence was raised`),
    );
  }
  return problems;
}

const QUEUE = `
  SELECT pg_cancel_backend(w.pid)
    FROM (SELECT DISTINCT l.pid FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
           WHERE l.locktype = 'relation' AND NOT l.granted
             AND (l.mode = 'AccessExclusiveLock' OR a.backend_type = 'autovacuum worker')) AS w
   WHERE pg_blocking_pids(w.pid) && $1::int[]`;

/**
 * F5: cancels whoever waits for an ACCESS EXCLUSIVE lock on what the fence holds, because plain readers queue behind
 * it; and an autovacuum that waits for a locked catalog, so that it goes on with the next table instead of standing
 * still for the whole window.
 */
export async function cancelQueued(session: Session, holders: readonly HeldLocks[]): Promise<void> {
  await session.query(QUEUE, [holders.map(({ pid }) => pid)]);
}

/** Whether one of the plugin's own programs has sessions, by their application name. */
export async function isConnected(session: Session, applicationName: string): Promise<boolean> {
  const found = await session.query(
    'SELECT FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()',
    [applicationName],
  );
  return found.length > 0;
}

/** Signals the sessions of one of the plugin's own programs, by their application name. @returns how many there were. */
export async function endByName(session: Session, applicationName: string): Promise<number> {
  const signalled = await session.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()',
    [applicationName],
  );
  return signalled.length;
}
