import { comparedCatalogs, lasting, TEMPORARY } from './catalogs.ts';
import { relationsOf, shortHash, tableDigest, useTextSettings } from './digest.ts';
import { inDatabases } from './readers.ts';
import { quoteLiteral } from './quote.ts';
import { applicationDatabases } from './relations.ts';
import { readSequences } from './sequences.ts';
import { CATALOG_SECONDS, withSession, type OpenSession, type Session } from './session.ts';

/** A hash of every catalog by its name. */
type Catalogs = ReadonlyMap<string, string>;

/** Every catalog of the session's database, or every one that all databases share, in one query. */
async function hashCatalogs(session: Session, whose: 'database' | 'shared'): Promise<Catalogs> {
  const catalogs = await comparedCatalogs(session, whose);
  const hashes = catalogs.map(
    (catalog) =>
      `SELECT ${quoteLiteral(catalog.name)} AS name,
              coalesce(sum(hashtextextended(ROW(${catalog.columns.join(', ')})::text, 0)), 0)::text AS hash
         FROM pg_catalog.${catalog.name} WHERE ${whose === 'shared' ? 'true' : lasting(catalog)}`,
  );
  const rows = await session.query<{ name: string; hash: string }>(
    `${TEMPORARY} ${hashes.join(' UNION ALL ')}`,
    [],
    CATALOG_SECONDS,
  );
  return new Map(rows.map(({ name, hash }) => [name, hash]));
}

async function sharedPart(session: Session): Promise<Catalogs> {
  await useTextSettings(session);
  return hashCatalogs(session, 'shared');
}

interface DatabasePart {
  readonly catalogs: Catalogs;
  readonly sequences: readonly string[];
  readonly views: readonly string[];
}

async function databasePart(session: Session): Promise<DatabasePart> {
  await useTextSettings(session);
  const views: string[] = [];
  for (const view of await relationsOf(session, 'view')) {
    const { rows, hash } = await tableDigest(session, view);
    views.push(`${view.name} ${rows} ${hash}`);
  }
  return {
    catalogs: await hashCatalogs(session, 'database'),
    // How far the WAL is ahead changes at a checkpoint, and is no value that anyone was given.
    sequences: (await readSequences(session)).map(({ name, last, called }) => `${name} ${last} ${called}`),
    views,
  };
}

/**
 * What a table lock does not stop, as one value to compare (F4): every catalog, sequences and materialized views.
 * `part=hash` pairs, so that a difference can be named.
 * @param session superuser, in the maintenance database. @param open further superuser sessions.
 */
export async function catalogDigest(session: Session, open: OpenSession): Promise<string> {
  const databases = await applicationDatabases(session);
  const parts = await inDatabases(databases, open, databasePart);
  const of = (select: (part: DatabasePart) => readonly string[]): string =>
    shortHash(parts.map((part, index) => [databases[index], ...select(part)].join('\n')).join('\n\n'));
  const shared = await withSession(open(session.database), sharedPart);
  const names = new Set(parts.flatMap(({ catalogs }) => [...catalogs.keys()]));
  return [
    ...[...shared].map(([name, hash]) => [name, shortHash(hash)]),
    ...[...names].map((name) => [name, of(({ catalogs }) => [catalogs.get(name) ?? ''])]),
    ['sequences', of(({ sequences }) => sequences)],
    ['materialized-views', of(({ views }) => views)],
  ]
    .map((pair) => pair.join('='))
    .join(' ');
}

/** Names of the parts in which two digests differ. */
export function changedParts(before: string, after: string): readonly string[] {
  const known = new Set(before.split(' '));
  return after
    .split(' ')
    .filter((pair) => !known.has(pair))
    .map((pair) => pair.split('=')[0] ?? pair);
}
