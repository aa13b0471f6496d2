import { quoteIdentifier } from './quote.ts';
import { CATALOG_SECONDS, sqlState, type Session } from './session.ts';

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

/** A canary, and the role that wrote. */
export interface RoleCanary extends Canary {
  readonly role: string;
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
  const sqlstate = await outcome(session, lockTimeoutMilliseconds, [begin, WRITE, ...(table ? [lock(table)] : [])]);
  return { database: session.database, sqlstate, mayWrite: table !== undefined || may?.other === true, table };
}

/** What a change of a table's rows takes. */
const lock = (table: string): string => `LOCK TABLE ONLY ${table} IN ROW EXCLUSIVE MODE`;

/** The SQLSTATE with which these statements end, the first of which begins a transaction; it is rolled back. */
async function outcome(
  session: Session,
  lockTimeoutMilliseconds: number,
  [begin, ...statements]: readonly [string, ...string[]],
): Promise<string> {
  await session.query(begin);
  try {
    await session.query(`SET LOCAL lock_timeout = ${lockTimeoutMilliseconds}`);
    for (const statement of statements) await session.query(statement);
    return '00000';
  } catch (error) {
    const state = sqlState(error);
    if (state === undefined) throw error;
    return state;
  } finally {
    await session.query('ROLLBACK').catch(() => undefined);
  }
}

/**
 * One table of each of these roles that may change a table's rows, and take the lock for it: a grant on columns does not do. From
 * the grants, because to ask for every role and every table takes minutes where there are many of both.
 */
const WRITABLE_BY_ROLE = `
  WITH granted AS MATERIALIZED (
    SELECT DISTINCT ON (c.relnamespace, g.grantee) c.oid, c.relnamespace, g.grantee
      FROM pg_catalog.pg_class c
     CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) AS g
     WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
       AND g.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
     ORDER BY c.relnamespace, g.grantee, c.oid),
  chosen AS (
    SELECT DISTINCT ON (r.oid) r.oid AS role, t.oid AS table
      FROM pg_catalog.pg_roles r
      JOIN granted t ON t.grantee = 0 OR pg_has_role(r.oid, t.grantee, 'USAGE')
                     OR pg_has_role(r.oid, 'pg_write_all_data', 'USAGE')
      JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
     WHERE r.rolname = ANY ($1::name[]) AND has_schema_privilege(r.oid, n.oid, 'USAGE')
       AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%'
     ORDER BY r.oid, t.oid)
  SELECT r.rolname AS role, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS table
    FROM chosen JOIN pg_catalog.pg_roles r ON r.oid = chosen.role JOIN pg_catalog.pg_class c ON c.oid = chosen.table
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace ORDER BY r.rolname`;

/** A lock that is not free at once is not free: nobody is waited for. */
const AT_ONCE = 1;

/**
 * Takes a table's lock as each of these roles that may change its rows, overriding read-only. The role is taken on by the superuser
 * whose session it is (SET SESSION AUTHORIZATION), because nobody has the others' passwords. No row is written besides: one of the
 * role's settings is the whole server's, and the same role's canary in another database would stand in its way.
 */
export async function overridingCanaries(session: Session, roles: readonly string[]): Promise<readonly RoleCanary[]> {
  const writers = await session.query<{ role: string; table: string }>(WRITABLE_BY_ROLE, [roles], CATALOG_SECONDS);
  const canaries: RoleCanary[] = [];
  for (const { role, table } of writers) {
    await session.query(`SET SESSION AUTHORIZATION ${quoteIdentifier(role)}`);
    const sqlstate = await outcome(session, AT_ONCE, ['BEGIN READ WRITE', lock(table)]);
    await session.query('RESET SESSION AUTHORIZATION');
    canaries.push({ role, database: session.database, sqlstate, mayWrite: true, table });
  }
  return canaries;
}
