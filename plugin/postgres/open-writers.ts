import type { Session } from './session.ts';
import { waitFor, type Wait } from './wait.ts';

const SECONDS = 5;

/** Whoever has a transaction id holds a lock on it. An autovacuum writes nothing of the application's. */
const WRITERS = `
  SELECT l.pid, l.transactionid::text AS xid, pg_terminate_backend(l.pid) AS signalled
    FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
   WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted
     AND l.pid <> ALL ($1::int[]) AND l.pid <> pg_backend_pid()
     AND a.backend_type IS DISTINCT FROM 'autovacuum worker'`;

/** Those of them that are left; one that was signalled and waits for a lock is on its way out (see `endSessions`). */
const LEFT = `
  SELECT l.pid, pg_terminate_backend(l.pid) AS signalled
    FROM pg_locks l JOIN unnest($1::int[], $2::text[]) AS w (pid, xid) ON w.pid = l.pid AND w.xid = l.transactionid::text
   WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted
     AND NOT EXISTS (SELECT FROM pg_locks q WHERE q.pid = l.pid AND q.locktype = 'relation' AND NOT q.granted)`;

/**
 * Ends every transaction that has written something before the locks were there and is still open. What it holds no lock
 * on stands in no list and in no catalog yet, a new table for instance, and its COMMIT needs no lock: it would be
 * acknowledged after a commit has looked.
 * @param ours processes that are left alone. @returns who is left, in words, when the time is up.
 */
export async function endOpenWriters(
  helper: Session,
  ours: readonly number[],
  { clock }: Wait,
): Promise<string | undefined> {
  const writers = await helper.query<{ pid: number; xid: string }>(WRITERS, [ours]);
  const values = [writers.map(({ pid }) => pid), writers.map(({ xid }) => xid)];
  let left: readonly { readonly pid: number }[] = writers;
  const ended = await waitFor(
    'ending open transactions',
    async () => {
      left = left.length === 0 ? left : await helper.query<{ pid: number }>(LEFT, values);
      return left.length === 0 ? true : undefined;
    },
    { clock, seconds: SECONDS, everyMilliseconds: 10 },
  );
  return ended ? undefined : `the open transaction of pid ${left.map(({ pid }) => pid).join(', ')}`;
}
