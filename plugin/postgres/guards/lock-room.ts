import { LOCKABLE, LOCKED_CATALOGS, applicationDatabases } from '../relations.ts';
import { withSession } from '../session.ts';
import type { ServerGuard } from './guard.ts';

/** Keeper and commit lock every relation once each; PostgreSQL's shared lock table has no room beyond this product. */
export const lockRoom: ServerGuard = async ({ session, open }) => {
  let relations = 0;
  for (const database of await applicationDatabases(session)) {
    const [row] = await withSession(open(database), (each) =>
      each.query<{ count: number }>(`SELECT count(*)::int AS count FROM (${LOCKABLE}) AS lockable`),
    );
    relations += (row?.count ?? 0) + LOCKED_CATALOGS.length;
  }
  const [limit] = await session.query<{ room: number }>(`
    SELECT current_setting('max_locks_per_transaction')::int
           * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int) AS room`);
  const room = limit?.room ?? 0;
  return relations * 2 <= room
    ? []
    : [
        `${relations} relations have to be locked twice over, and the lock table has room for ${room}: ` +
          'raise max_locks_per_transaction',
      ];
};
