import { applicationDatabases } from '../relations.ts';
import type { ServerGuard } from './guard.ts';

/**
 * Keeper and commit each hold a session a database and one besides; the keeper looks at blue's address with another, and
 * two more at a time read catalogs, write canaries, ask guards or close blue.
 */
const sessionsNeeded = (databases: number): number => 2 * (databases + 1) + 3;

/** `reserved_connections` exists from PostgreSQL 16 on; superusers may use those, too. */
const ROOM = `
  SELECT current_setting('max_connections')::int AS most,
         (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()) AS used,
         current_setting('superuser_reserved_connections')::int
           + coalesce(current_setting('reserved_connections', true)::int, 0) AS reserved`;

interface Room {
  readonly most: number;
  readonly used: number;
  readonly reserved: number;
}

/** The application can take every connection but those that are kept for superusers. Where it is near that, they have to do. */
export const connectionRoom: ServerGuard = async ({ session }) => {
  const needed = sessionsNeeded((await applicationDatabases(session)).length);
  const [room] = await session.query<Room>(ROOM);
  if (!room || room.reserved >= needed || room.most - room.used >= needed) return [];
  return [
    `${room.used} of ${room.most} connections are taken and ${room.reserved} kept for superusers, of which keeper and commit ` +
      `need ${needed}: set superuser_reserved_connections to ${needed}, or give the application fewer`,
  ];
};
