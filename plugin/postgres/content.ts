import { relationNames, shortHash, tableDigest, useTextSettings, type TableDigest } from './digest.ts';
import { applicationDatabases } from './relations.ts';
import { withSession, type OpenSession, type Session } from './session.ts';

const LARGE_OBJECTS = 'pg_catalog.pg_largeobject';

/** What of a database holds data: tables, populated materialized views, large objects. */
export async function digestible(session: Session): Promise<readonly string[]> {
  return [...(await relationNames(session, 'table')), ...(await relationNames(session, 'view')), LARGE_OBJECTS];
}

/** One digest over the content of all databases, from the digests of their tables in order. */
export const contentDigest = (tables: readonly TableDigest[]): string =>
  shortHash(tables.map(({ database, table, rows, hash }) => `${database}|${table}|${rows}|${hash}`).join('\n'));

/** Reads a server's whole content. @param session superuser, in the maintenance database. */
export async function readContent(
  session: Session,
  open: OpenSession,
  report: (message: string) => void,
): Promise<string> {
  const tables: TableDigest[] = [];
  for (const database of await applicationDatabases(session)) {
    await withSession(open(database), async (each) => {
      await useTextSettings(each);
      for (const name of await digestible(each)) {
        report(`reading ${database}: ${name}`);
        tables.push(await tableDigest(each, name));
      }
    });
  }
  return contentDigest(tables);
}
