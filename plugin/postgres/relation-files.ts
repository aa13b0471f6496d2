import { OPERATOR_SCHEMA } from './roles.ts';
import { quoteLiteral } from './quote.ts';
import { CATALOG_SECONDS, type Session } from './session.ts';

/** A relation that has a file: a table, a materialized view, what either has in TOAST, or an index. */
export interface RelationFile {
  /** `schema.name`, quoted where needed. */
  readonly name: string;
  readonly index: boolean;
  /** Of its main fork. */
  readonly blocks: number;
}

const OF_TABLES = `
  c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
  AND (nspname NOT IN ('pg_catalog', 'information_schema') AND nspname NOT LIKE 'pg\\_toast%' AND NOT ${OPERATOR_SCHEMA}
       OR c.oid = 'pg_catalog.pg_largeobject'::regclass)`;

const FILES = `
  WITH tables AS (
    SELECT c.oid, c.reltoastrelid FROM pg_class c JOIN pg_namespace ON pg_namespace.oid = c.relnamespace WHERE ${OF_TABLES}),
  files AS (
    SELECT oid FROM tables UNION ALL SELECT reltoastrelid FROM tables WHERE reltoastrelid <> 0
    UNION ALL SELECT i.indexrelid FROM tables t JOIN pg_index i ON i.indrelid = t.oid)
  SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name, c.relkind = 'i' AS index,
         pg_relation_size(c.oid)::float8 / current_setting('block_size')::int AS blocks
    FROM files JOIN pg_class c USING (oid) JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'm', 't', 'i') ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`;

/** Every file of the current database that holds what the application keeps. @param session superuser. */
export const relationFiles = (session: Session): Promise<readonly RelationFile[]> =>
  session.query<RelationFile>(FILES, [], CATALOG_SECONDS);

/** A table's part from a block on. */
export interface Tail {
  readonly name: string;
  readonly from: number;
}

const IN_ONE_QUERY = 200;

/**
 * Which of these tails hold a row. A clone's files may be shorter or longer than their source's by pages without rows:
 * those by which a table grows are not in the WAL, and a failover or the end of a vacuum leaves or takes some.
 */
export async function tailsWithRows(session: Session, tails: readonly Tail[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (let at = 0; at < tails.length; at += IN_ONE_QUERY) {
    const selects = tails
      .slice(at, at + IN_ONE_QUERY)
      .map(
        ({ name, from }) =>
          `SELECT ${quoteLiteral(name)} AS name WHERE EXISTS (SELECT FROM ONLY ${name} WHERE ctid >= '(${from},0)')`,
      );
    const rows = await session.query<{ name: string }>(selects.join(' UNION ALL '), [], CATALOG_SECONDS);
    found.push(...rows.map(({ name }) => name));
  }
  return found;
}
