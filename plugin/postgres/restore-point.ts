import type { Session } from './session.ts';
import { waitFor, type Wait } from './wait.ts';

export interface RestorePoint {
  /** End of its WAL record; the clone's timeline history names exactly this LSN. */
  readonly lsn: string;
  readonly timeline: number;
  /** WAL segment that holds it, 24 hexadecimal digits. */
  readonly walFile: string;
}

/**
 * Makes a named restore point and closes its WAL segment, so that the archiver takes it (F7).
 * @param session superuser. @param name at most 63 bytes.
 */
export async function makeRestorePoint(session: Session, name: string): Promise<RestorePoint> {
  const [point] = await session.query<{ lsn: string; wal_file: string }>(
    `SELECT lsn::text, pg_walfile_name(lsn) AS wal_file FROM pg_create_restore_point($1) AS lsn`,
    [name],
  );
  if (!point) throw new Error('pg_create_restore_point returned nothing');
  await session.query('SELECT pg_switch_wal()');
  return { lsn: point.lsn, timeline: parseInt(point.wal_file.slice(0, 8), 16), walFile: point.wal_file };
}

/** Segment names of one timeline sort as they were written; history and backup files are no segments. */
const covers = (archived: string | null, walFile: string): boolean =>
  archived !== null && /^[0-9A-F]{24}$/.test(archived) && archived >= walFile;

/** @returns false when the segment did not reach the archive in time. */
export async function waitArchived(session: Session, walFile: string, wait: Wait): Promise<boolean> {
  const archived = await waitFor(
    `waiting for ${walFile} to reach the archive`,
    async () => {
      const [row] = await session.query<{ last: string | null }>(
        'SELECT last_archived_wal AS last FROM pg_stat_archiver',
      );
      return covers(row?.last ?? null, walFile) ? true : undefined;
    },
    { everyMilliseconds: 100, ...wait },
  );
  return archived ?? false;
}
