import { quoteIdentifier } from './quote.ts';
import { CATALOG_SECONDS, type Session } from './session.ts';

/**
 * Every database that takes connections, in name order (F3): templates and the maintenance database too, because an
 * application may connect to them and write there. One whose DROP was interrupted (limit -2) lets nobody in.
 */
export async function applicationDatabases(session: Session): Promise<readonly string[]> {
  const rows = await session.query<{ name: string }>(
    'SELECT datname AS name FROM pg_database WHERE datallowconn AND datconnlimit <> -2 ORDER BY datname COLLATE "C"',
  );
  return rows.map(({ name }) => name);
}

/** Everything in the current database that an application can write to: ordinary and partitioned tables. */
export const LOCKABLE = `
  SELECT c.oid, n.nspname AS schema, c.relname AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
     AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%'`;

/**
 * F4: catalogs whose SHARE lock stops what a table lock does not, for a session that overrides read-only: CREATE TABLE
 * AS, REFRESH, CREATE INDEX, GRANT, CREATE FUNCTION, CREATE SCHEMA or TYPE, large objects. Readers go on.
 */
export const LOCKED_CATALOGS = [
  'pg_largeobject',
  'pg_largeobject_metadata',
  'pg_class',
  'pg_proc',
  'pg_attribute',
  'pg_sequence',
  'pg_namespace',
  'pg_type',
] as const;

/** The relations to lock, quoted, in one fixed order: two that lock them in the same order cannot deadlock. */
export async function relationsToLock(session: Session): Promise<readonly string[]> {
  const rows = await session.query<{ schema: string; name: string }>(`${LOCKABLE} ORDER BY c.oid`, [], CATALOG_SECONDS);
  return [
    ...rows.map(({ schema, name }) => `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`),
    ...LOCKED_CATALOGS.map((name) => `pg_catalog.${name}`),
  ];
}
