import { relationsOf, shortHash, tableDigest, useTextSettings, type Relation, type TableDigest } from './digest.ts';
import { applicationDatabases } from './relations.ts';
import { shareOut, withReaders } from './readers.ts';
import type { OpenSession, Session } from './session.ts';

const LARGE_OBJECTS: Relation = {
  name: 'pg_catalog.pg_largeobject',
  columns: [
    { name: 'loid', type: 'oid' },
    { name: 'pageno', type: 'int4' },
    { name: 'data', type: 'bytea' },
  ],
};

/** What of a database holds data: tables, populated materialized views, large objects. */
async function digestible(session: Session): Promise<readonly Relation[]> {
  return [...(await relationsOf(session, 'table')), ...(await relationsOf(session, 'view')), LARGE_OBJECTS];
}

/** Everything that a server holds. */
export interface Content {
  readonly databases: readonly string[];
  readonly tables: readonly TableDigest[];
  readonly rows: number;
  /** Over all of them in order: another reading of the same content gives the same. */
  readonly digest: string;
}

/** One digest over the content of all databases, from the digests of their tables in order. */
const contentDigest = (tables: readonly TableDigest[]): string =>
  shortHash(tables.map(({ database, table, rows, hash }) => `${database}|${table}|${rows}|${hash}`).join('\n'));

/** Reads a server's whole content, several tables at a time. @param session superuser, in the maintenance database. */
export async function readContent(
  session: Session,
  open: OpenSession,
  report: (message: string) => void,
): Promise<Content> {
  const tables: TableDigest[] = [];
  const databases = await applicationDatabases(session);
  for (const database of databases) {
    tables.push(...(await readDatabase(database, open, report)));
  }
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return { databases, tables, rows, digest: contentDigest(tables) };
}

function readDatabase(
  database: string,
  open: OpenSession,
  report: (message: string) => void,
): Promise<readonly TableDigest[]> {
  return withReaders(
    () => open(database),
    async (readers) => {
      await Promise.all(readers.map(useTextSettings));
      const relations = await digestible(readers[0]);
      return shareOut(readers, relations, (reader, relation, index) => {
        report(`reading ${database}: ${index + 1} of ${relations.length} tables, ${relation.name}`);
        return tableDigest(reader, relation);
      });
    },
  );
}
