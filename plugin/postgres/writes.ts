import { applicationDatabases } from './relations.ts';
import { withSession, type OpenSession, type Session } from './session.ts';

/**
 * Rows inserted, updated and deleted so far in all tables and large objects of all databases, by anyone, from the
 * cumulative statistics. A session's counts arrive at the latest when it ends, so the number is exact once the
 * application's sessions are ended. It counts rolled-back changes too, and sees neither `nextval` nor DDL; a restart
 * after a crash or a reset of the statistics makes it smaller, which says nothing at all.
 */
export async function countWrites(session: Session, open: OpenSession): Promise<number> {
  let writes = 0;
  for (const database of await applicationDatabases(session)) {
    const [row] = await withSession(open(database), (each) =>
      each.query<{ writes: string }>(`
        SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::text AS writes FROM pg_stat_all_tables
         WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') OR relname = 'pg_largeobject'`),
    );
    writes += Number(row?.writes ?? 0);
  }
  return writes;
}
