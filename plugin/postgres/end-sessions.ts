import type { Session } from './session.ts';
import { waitFor, type Wait } from './wait.ts';

/** Which sessions of the application to end. Times are the server's own (`serverTime`). */
export interface Selection {
  readonly roles: readonly string[];
  /** Only sessions begun at or before this time; default all. */
  readonly begunUntil?: string;
  /** Only sessions begun after this time; default all. */
  readonly begunAfter?: string;
  /** F2: lets a statement that only reads come to its end. */
  readonly spareRunningReaders?: boolean;
}

interface Round {
  /** Signalled in this round: process and its start. */
  readonly signalled: readonly string[];
  /** Those of them that wait for a lock on a relation. */
  readonly waiting: readonly string[];
  readonly spared: number;
  readonly starting: readonly number[];
}

/** A connection with `replication=database` runs SQL like any other. */
const CLIENTS = `('client backend', 'walsender')`;

/** Backends that hold a virtual transaction id, those too that are just starting (E). */
const IN_TRANSACTION = `SELECT DISTINCT pid FROM pg_locks WHERE locktype = 'virtualxid' AND pid IS NOT NULL`;

/** A client's statement that has no transaction id yet, and no lock that one needs to write. */
const RUNNING_READER = `
  a.backend_type = 'client backend' AND a.state = 'active' AND a.backend_xid IS NULL AND NOT EXISTS (
    SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.locktype = 'relation'
       AND l.mode NOT IN ('AccessShareLock', 'RowShareLock'))`;

const ROUND = `
  WITH activity AS MATERIALIZED (SELECT * FROM pg_stat_activity),
  chosen AS MATERIALIZED (
    SELECT a.pid, a.pid || ' ' || a.backend_start AS life, $5::boolean AND ${RUNNING_READER} AS spared FROM activity a
     WHERE a.usename = ANY ($1::name[]) AND a.backend_type IN ${CLIENTS} AND a.pid <> pg_backend_pid()
       AND ($2::timestamptz IS NULL OR a.backend_start <= $2) AND ($3::timestamptz IS NULL OR a.backend_start > $3)),
  signalled AS MATERIALIZED (SELECT pid, life, pg_terminate_backend(pid) FROM chosen WHERE NOT spared)
  SELECT ARRAY(SELECT life FROM signalled) AS signalled,
         ARRAY(SELECT life FROM signalled s WHERE EXISTS (
           SELECT FROM pg_locks l WHERE l.pid = s.pid AND l.locktype = 'relation' AND NOT l.granted)) AS waiting,
         (SELECT count(*) FROM chosen WHERE spared)::int AS spared,
         ARRAY(SELECT p FROM unnest($4::int[]) AS p LEFT JOIN activity a ON a.pid = p
                WHERE a.pid IS NULL OR a.usename IS NULL AND a.backend_type IN ${CLIENTS}) AS starting`;

/**
 * One round: signals every session chosen, at once. The two looks are two statements in this order: a backend that was
 * still starting at the first and is through at the second is in `pg_stat_activity` by then; the other way round, or in
 * one statement, it could be in neither. From 18 on one that is starting is in there too, but without its user.
 */
async function round(session: Session, selection: Selection): Promise<Round> {
  const inTransaction = await session.query<{ pid: number }>(IN_TRANSACTION);
  const [seen] = await session.query<Round>(ROUND, [
    selection.roles,
    selection.begunUntil ?? null,
    selection.begunAfter ?? null,
    inTransaction.map(({ pid }) => pid),
    selection.spareRunningReaders ?? false,
  ]);
  return seen ?? { signalled: [], waiting: [], spared: 0, starting: [] };
}

/**
 * Rounds one after the other. A session that was signalled in an earlier one and is seen to wait for a lock now counts as
 * ended: a wait for a lock looks at signals before it goes on, so that nothing of its transaction is committed any more. It
 * has rolled back already and drops its temporary tables, for which it needs catalogs that a commit has locked.
 */
function rounds(
  session: Session,
  selection: Selection,
): () => Promise<Pick<Round, 'spared' | 'starting'> & { ended: number }> {
  const before = new Set<string>();
  return async () => {
    const { signalled, waiting, spared, starting } = await round(session, selection);
    const leaving = new Set(waiting.filter((life) => before.has(life)));
    for (const life of signalled) before.add(life);
    return { ended: signalled.filter((life) => !leaving.has(life)).length, spared, starting };
  };
}

/** A client that dawdles in authentication keeps its backend starting for up to a minute. */
const STARTING_SIGNALLED_AFTER_ROUNDS = 100;

/**
 * E: signals all first, then polls, until there is neither a chosen session nor a backend that passed the login check
 * or read its settings but cannot be told yet.
 * @returns false when the time was up before that.
 */
export async function endSessions(session: Session, selection: Selection, wait: Wait): Promise<boolean> {
  let count = 0;
  const next = rounds(session, selection);
  const ended = await waitFor(
    "ending the application's sessions",
    async () => {
      const { ended, starting } = await next();
      count += 1;
      if (count > STARTING_SIGNALLED_AFTER_ROUNDS) {
        await session.query('SELECT pg_terminate_backend(p) FROM unnest($1::int[]) AS p', [starting]);
      }
      return ended + starting.length === 0 ? true : undefined;
    },
    { everyMilliseconds: 10, ...wait },
  );
  return ended ?? false;
}

/** Ends sessions as their statements come to an end, where those only read; `endSessions` has to follow. */
export async function endAfterReading(session: Session, selection: Selection, wait: Wait): Promise<void> {
  const next = rounds(session, { ...selection, spareRunningReaders: true });
  await waitFor(
    "letting the application's reads finish",
    async () => {
      const { ended, spared } = await next();
      return ended + spared === 0 ? true : undefined;
    },
    { everyMilliseconds: 10, ...wait },
  );
}

/** One round without waiting: old readers whose statement has ended in the meantime (F2, while the fence stands). */
export async function endOnce(session: Session, selection: Selection): Promise<void> {
  await round(session, selection);
}
