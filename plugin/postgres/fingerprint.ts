import { relationsOf, shortHash, tableDigest, useTextSettings } from './digest.ts';
import { MARK_PREFIX } from './mark.ts';
import { quoteLiteral } from './quote.ts';
import { applicationDatabases } from './relations.ts';
import { readSequences } from './sequences.ts';
import { CATALOG_SECONDS, withSession, type OpenSession, type Session } from './session.ts';

/**
 * Catalogs that are left out. Every other one is compared, whatever a version of PostgreSQL adds to them: what is not locked
 * has to be seen, also what nobody has thought of.
 */
const LEFT_OUT = [
  // ANALYZE writes them.
  'pg_statistic',
  'pg_statistic_ext_data',
  // Locked, and as large as what the application keeps there.
  'pg_largeobject',
  // Say of other rows only what depends on what.
  'pg_depend',
  'pg_shdepend',
];

/** Columns that VACUUM, ANALYZE and the change of an index write. */
const LEFT_OUT_COLUMNS = [
  'pg_class.relpages',
  'pg_class.reltuples',
  'pg_class.relallvisible',
  'pg_class.relallfrozen',
  'pg_class.relhasindex',
  'pg_class.relhasrules',
  'pg_class.relhastriggers',
  'pg_class.relhassubclass',
  'pg_class.relfrozenxid',
  'pg_class.relminmxid',
  'pg_database.datfrozenxid',
  'pg_database.datminmxid',
  'pg_index.indcheckxmin',
];

/** Rows that are left out: of sessions and ours, not the application's. */
const ROWS: Readonly<Record<string, string>> = {
  pg_class: "relpersistence <> 't'",
  pg_namespace: "nspname NOT LIKE 'pg\\_%temp\\_%'",
  pg_replication_origin: `NOT starts_with(roname, ${quoteLiteral(MARK_PREFIX)})`,
};

const CATALOGS = `
  SELECT c.relname AS name, array_agg(quote_ident(a.attname) ORDER BY a.attnum) AS columns
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
   WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND c.relisshared = $1
     AND a.attnum > 0 AND NOT a.attisdropped
     AND c.relname <> ALL ($2::name[]) AND c.relname || '.' || a.attname <> ALL ($3::text[])
   GROUP BY 1 ORDER BY 1`;

/** A hash of every catalog by its name. */
type Catalogs = ReadonlyMap<string, string>;

/** Every catalog of the session's database, or every one that all databases share, in one query. */
async function hashCatalogs(session: Session, whose: 'database' | 'shared'): Promise<Catalogs> {
  const catalogs = await session.query<{ name: string; columns: readonly string[] }>(CATALOGS, [
    whose === 'shared',
    LEFT_OUT,
    LEFT_OUT_COLUMNS,
  ]);
  const hashes = catalogs.map(
    ({ name, columns }) =>
      `SELECT ${quoteLiteral(name)} AS name, coalesce(sum(hashtextextended(ROW(${columns.join(', ')})::text, 0)), 0)::text AS hash
         FROM pg_catalog.${name} WHERE ${ROWS[name] ?? 'true'}`,
  );
  const rows = await session.query<{ name: string; hash: string }>(hashes.join(' UNION ALL '), [], CATALOG_SECONDS);
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
  const parts = await Promise.all(databases.map((database) => withSession(open(database), databasePart)));
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
