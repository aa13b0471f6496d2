import { MARK_PREFIX } from './mark.ts';
import type { Session } from './session.ts';

/** What the server's transactions have come to, as text. */
export async function currentSnapshot(session: Session): Promise<string> {
  const [row] = await session.query<{ snapshot: string }>('SELECT pg_current_snapshot()::text AS snapshot');
  return row?.snapshot ?? '';
}

/**
 * Every write that can be committed has a transaction id: rows, catalogs, large objects, setval, and nextval where it goes
 * beyond what the WAL holds already, which is where a clone stands.
 */
const COMMITTED = `
  SELECT x::text AS xid
    FROM (SELECT $1::pg_snapshot AS before, pg_current_snapshot() AS now) AS s,
         generate_series(pg_snapshot_xmin(before)::text::int8, pg_snapshot_xmax(now)::text::int8 - 1) AS x
   WHERE NOT pg_visible_in_snapshot(x::text::xid8, before)
     AND coalesce(pg_xact_status(x::text::xid8), 'unknown') NOT IN ('aborted', 'in progress')`;

/** Our own, once blue is closed: those that took the login from roles or set a mark still stand in those rows. */
const OF_OTHERS = `
     AND NOT EXISTS (SELECT FROM pg_authid r WHERE NOT r.rolcanlogin AND r.xmin = x::text::xid8::xid)
     AND NOT EXISTS (SELECT FROM pg_replication_origin o WHERE starts_with(o.roname, $2) AND o.xmin = x::text::xid8::xid)
   ORDER BY x LIMIT 20`;

/** Transactions of others that were committed after a snapshot, at most 20 of them. @param session superuser. */
export async function committedSince(session: Session, snapshot: string): Promise<readonly string[]> {
  const rows = await session.query<{ xid: string }>(`${COMMITTED} ${OF_OTHERS}`, [snapshot, MARK_PREFIX]);
  return rows.map(({ xid }) => xid);
}

/** Whether any transaction was committed after a snapshot, whoever's. */
export async function isAnyCommittedSince(session: Session, snapshot: string): Promise<boolean> {
  return (await session.query(`${COMMITTED} LIMIT 1`, [snapshot])).length > 0;
}
