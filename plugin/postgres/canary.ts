import { quoteIdentifier } from './quote.ts';
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
  const sqlstate = await outcomeOfWrite(session, table, begin, lockTimeoutMilliseconds);
  return { database: session.database, sqlstate, mayWrite: table !== undefined || may?.other === true, table };
}

/** The SQLSTATE with which a write of the session's role ends. @param table of whose rows it may change some. */
async function outcomeOfWrite(
  session: Session,
  table: string | undefined,
  begin: 'BEGIN' | 'BEGIN READ WRITE',
  lockTimeoutMilliseconds: number,
): Promise<string> {
  await session.query(begin);
  try {
    await session.query(`SET LOCAL lock_timeout = ${lockTimeoutMilliseconds}`);
    await session.query(WRITE);
    if (table !== undefined) await session.query(`LOCK TABLE ONLY ${table} IN ROW EXCLUSIVE MODE`);
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
 * One table of each of these roles that may change a table's rows. From the grants: to ask for every role and every table takes
 * minutes where there are many of both. A grant on columns lets nobody take a table's lock.
 */
const WRITABLE_BY_ROLE = `
  WITH granted AS MATERIALIZED (
    SELECT DISTINCT ON (c.relnamespace, g.grantee) c.oid, c.relnamespace, c.relname, n.nspname, g.grantee
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) AS g
     WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
       AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%'
       AND g.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
     ORDER BY c.relnamespace, g.grantee, c.oid)
  SELECT DISTINCT ON (r.rolname) r.rolname AS role, quote_ident(t.nspname) || '.' || quote_ident(t.relname) AS table
    FROM pg_catalog.pg_roles r
    JOIN granted t ON t.grantee = 0 OR pg_has_role(r.oid, t.grantee, 'USAGE')
                   OR pg_has_role(r.oid, 'pg_write_all_data', 'USAGE')
   WHERE r.rolname = ANY ($1::name[]) AND has_schema_privilege(r.oid, t.relnamespace, 'USAGE')
   ORDER BY r.rolname, t.oid`;

/** A lock that is not free at once is not free: nobody is waited for. */
const AT_ONCE = 1;

/**
 * Writes as each of these roles that may change a table's rows, overriding read-only, and rolls back. The role is taken on by the
 * superuser whose session it is (SET SESSION AUTHORIZATION), because nobody has the others' passwords.
 */
export async function overridingCanaries(session: Session, roles: readonly string[]): Promise<readonly RoleCanary[]> {
  const writers = await session.query<{ role: string; table: string }>(WRITABLE_BY_ROLE, [roles]);
  const canaries: RoleCanary[] = [];
  for (const { role, table } of writers) {
    await session.query(`SET SESSION AUTHORIZATION ${quoteIdentifier(role)}`);
    const sqlstate = await outcomeOfWrite(session, table, 'BEGIN READ WRITE', AT_ONCE);
    await session.query('RESET SESSION AUTHORIZATION');
    canaries.push({ role, database: session.database, sqlstate, mayWrite: true, table });
  }
  return canaries;
}
