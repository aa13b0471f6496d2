import { applicationDatabases, relationsToLock } from '../relations.ts';
import { withSession } from '../session.ts';
import type { ServerGuard } from './guard.ts';

/** Keeper and commit lock every table once each; PostgreSQL's shared lock table has no room beyond this product. */
export const lockRoom: ServerGuard = async ({ session, open }) => {
  let locks = 0;
  for (const database of await applicationDatabases(session)) {
    locks += await withSession(open(database), async (each) => {
      const [fence, commit] = [await relationsToLock(each, 'fence'), await relationsToLock(each, 'commit')];
      return fence.length + commit.length;
    });
  }
  const [limit] = await session.query<{ room: number }>(`
    SELECT current_setting('max_locks_per_transaction')::int
           * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int) AS room`);
  const room = limit?.room ?? 0;
  return locks <= room
    ? []
    : [
        `keeper and commit need ${locks} locks, and the lock table has room for ${room}: ` +
          'raise max_locks_per_transaction',
      ];
};
