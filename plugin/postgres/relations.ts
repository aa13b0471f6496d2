import { comparedCatalogs, LARGE_OBJECT_CATALOGS } from './catalogs.ts';
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

/** Whose locks: the keeper's, for as long as the fence stands, or a commit's, until blue is closed. */
export type LockedFor = 'fence' | 'commit';

/**
 * F4: the catalogs that are locked. A commit locks every one that it compares, so that nothing can be made, granted or
 * refreshed after it has looked. The keeper locks only what neither autovacuum nor a temporary object writes (ADR 21).
 */
async function catalogsToLock(session: Session, lockedFor: LockedFor): Promise<readonly string[]> {
  const compared = lockedFor === 'commit' ? await comparedCatalogs(session, 'database') : [];
  const names = new Set([...LARGE_OBJECT_CATALOGS, ...compared.map(({ name }) => name)]);
  return [...names].map((name) => `pg_catalog.${name}`);
}

/** The relations to lock, quoted, in one fixed order: two that lock them in the same order cannot deadlock. */
export async function relationsToLock(session: Session, lockedFor: LockedFor): Promise<readonly string[]> {
  const rows = await session.query<{ schema: string; name: string }>(`${LOCKABLE} ORDER BY c.oid`, [], CATALOG_SECONDS);
  return [
    ...rows.map(({ schema, name }) => `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`),
    ...(await catalogsToLock(session, lockedFor)),
  ];
}
