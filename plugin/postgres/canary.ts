import { sqlState, type Session } from './session.ts';

/** What became of a write that was tried and rolled back. */
export interface Canary {
  readonly database: string;
  /** `00000`: accepted. `25006`: refused as read-only. `55P03`: a lock stood in its way. */
  readonly sqlstate: string;
  /** The role may write something here. Where it may not there is nothing to expect. */
  readonly mayWrite: boolean;
  /** A table of any schema whose rows it may change: what the fence's locks stop. */
  readonly table: string | undefined;
}

const WRITABLE = `
  SELECT (SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname)
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
           WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
             AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%'
             AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
           LIMIT 1) AS table,
         EXISTS (SELECT FROM pg_catalog.pg_namespace
                  WHERE has_schema_privilege(oid, 'CREATE') AND nspname NOT LIKE 'pg\\_%'
                    AND nspname <> 'information_schema')
           OR EXISTS (SELECT FROM pg_catalog.pg_class
                       WHERE relkind IN ('r', 'p') AND relpersistence = 'p' AND relnamespace <> 'pg_catalog'::regnamespace
                         AND has_any_column_privilege(oid, 'INSERT, UPDATE')) AS other`;

/** A row in a catalog that every role may write, of a page and in the WAL; no event trigger is told of a role. */
const WRITE = `ALTER ROLE CURRENT_USER SET application_name = 'lifecycle-canary'`;

/**
 * Writes as the session's role, and rolls back, so that no trigger of the user's sees it: a row of the role's own settings, and
 * the lock that every change of a table's rows takes.
 * @param begin `BEGIN` obeys the role's default; `BEGIN READ WRITE` overrides it, as F6 does.
 */
export async function writeCanary(
  session: Session,
  begin: 'BEGIN' | 'BEGIN READ WRITE' = 'BEGIN',
  lockTimeoutMilliseconds = 1000,
): Promise<Canary> {
  const [may] = await session.query<{ table: string | null; other: boolean }>(WRITABLE);
  const table = may?.table ?? undefined;
  const result = (sqlstate: string): Canary => ({
    database: session.database,
    sqlstate,
    mayWrite: table !== undefined || may?.other === true,
    table,
  });
  await session.query(begin);
  try {
    await session.query(`SET LOCAL lock_timeout = ${lockTimeoutMilliseconds}`);
    await session.query(WRITE);
    if (table !== undefined) await session.query(`LOCK TABLE ONLY ${table} IN ROW EXCLUSIVE MODE`);
    return result('00000');
  } catch (error) {
    const state = sqlState(error);
    if (state === undefined) throw error;
    return result(state);
  } finally {
    await session.query('ROLLBACK').catch(() => undefined);
  }
}
