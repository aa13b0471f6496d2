import type { Session } from './session.ts';

/** Which server this is, and which life of it: a restart changes startedAt, a promotion the timeline. */
export interface ServerIdentity {
  readonly systemIdentifier: string;
  readonly timeline: number;
  /** ISO 8601, UTC, microseconds. */
  readonly startedAt: string;
}

/**
 * Asks the running server, not its control file: after a promotion that one names the old timeline until the next
 * checkpoint. @returns undefined on a server in recovery, which takes no writes.
 */
export async function serverIdentity(session: Session): Promise<ServerIdentity | undefined> {
  const [row] = await session.query<{ system: string; wal_file: string | null; started: string }>(`
    SELECT (SELECT system_identifier::text FROM pg_control_system()) AS system,
           CASE WHEN NOT pg_is_in_recovery() THEN pg_walfile_name(pg_current_wal_insert_lsn()) END AS wal_file,
           to_char(pg_postmaster_start_time() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS started`);
  if (!row || row.wal_file === null) return undefined;
  return { systemIdentifier: row.system, timeline: parseInt(row.wal_file.slice(0, 8), 16), startedAt: row.started };
}

/** The server's clock, for comparisons with `backend_start`. */
export async function serverTime(session: Session): Promise<string> {
  const [row] = await session.query<{ now: string }>(
    `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS now`,
  );
  return row?.now ?? '';
}
