import { sqlState, type Session } from './session.ts';

/** What became of a write that was tried and rolled back. */
export interface Canary {
  readonly database: string;
  /** `00000`: accepted. `25006`: refused as read-only. `55P03`: a lock stood in its way. */
  readonly sqlstate: string;
  /** The statements tried; empty when this role can write nothing in this database. */
  readonly statements: readonly string[];
}

/** A table of any schema on which this session's role may change rows; DML on no rows still passes every gate. */
const WRITABLE_TABLE = `
  SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
         has_table_privilege(c.oid, 'DELETE') AS may_delete,
         (SELECT quote_ident(attname) FROM pg_attribute
           WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity <> 'a'
             AND has_column_privilege(c.oid, attnum, 'UPDATE') ORDER BY attnum LIMIT 1) AS updatable
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
     AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%'
     AND has_schema_privilege(n.oid, 'USAGE')
     AND (has_table_privilege(c.oid, 'DELETE') OR has_any_column_privilege(c.oid, 'UPDATE'))
   ORDER BY c.oid LIMIT 1`;

const CREATABLE_SCHEMA = `
  SELECT quote_ident(nspname) AS name FROM pg_namespace
   WHERE has_schema_privilege(oid, 'CREATE') AND nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
   ORDER BY oid LIMIT 1`;

async function statementsFor(session: Session): Promise<readonly string[]> {
  const [table] = await session.query<{ name: string; may_delete: boolean; updatable: string | null }>(WRITABLE_TABLE);
  const [schema] = await session.query<{ name: string }>(CREATABLE_SCHEMA);
  const canary = schema && `${schema.name}.lifecycle_canary_${session.pid}`;
  return [
    ...(table ? [table.may_delete ? `DELETE FROM ${table.name} WHERE false` : updateNothing(table)] : []),
    // A write that reaches a page and the WAL, where the role may create tables.
    ...(canary === undefined ? [] : [`CREATE TABLE ${canary} (n int)`, `INSERT INTO ${canary} VALUES (1)`]),
  ];
}

const updateNothing = ({ name, updatable }: { name: string; updatable: string | null }): string =>
  `UPDATE ${name} SET ${updatable ?? ''} = ${updatable ?? ''} WHERE false`;

/**
 * Writes as the session's role, and rolls back: changes to a table of the application (of no rows, so that no trigger
 * and no sequence moves) and, where the role may, a table of its own with a row.
 * @param begin `BEGIN` obeys the role's default; `BEGIN READ WRITE` overrides it, as F6 does.
 */
export async function writeCanary(
  session: Session,
  begin: 'BEGIN' | 'BEGIN READ WRITE' = 'BEGIN',
  lockTimeoutMilliseconds = 1000,
): Promise<Canary> {
  const statements = await statementsFor(session);
  const result = (sqlstate: string): Canary => ({ database: session.database, sqlstate, statements });
  await session.query(begin);
  try {
    await session.query(`SET LOCAL lock_timeout = ${lockTimeoutMilliseconds}`);
    for (const statement of statements) await session.query(statement);
    return result('00000');
  } catch (error) {
    const state = sqlState(error);
    if (state === undefined) throw error;
    return result(state);
  } finally {
    await session.query('ROLLBACK').catch(() => undefined);
  }
}
