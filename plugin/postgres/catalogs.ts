import { quoteLiteral } from './quote.ts';
import { OPERATOR_SCHEMA } from './roles.ts';
import { rowHash, type Column } from './row-hash.ts';
import { CATALOG_SECONDS, type Session } from './session.ts';

/** Large objects: locked as long as the fence stands, because before PostgreSQL 16 a session that is read-only writes them. */
export const LARGE_OBJECT_CATALOGS = ['pg_largeobject', 'pg_largeobject_metadata'] as const;

/**
 * Catalogs that are not compared. Every other one is, whatever a version of PostgreSQL adds to them: what is not locked has
 * to be seen, also what nobody has thought of.
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
  // Nothing of the application's, and superusers write it: also under a commit's locks, to mark it (ADR 18).
  'pg_replication_origin',
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

/** A catalog, as far as it is compared. */
interface Catalog {
  readonly name: string;
  /** In their order. */
  readonly columns: readonly Column[];
  /** Of one column each, to a catalog whose rows may belong to a session's temporary objects. */
  readonly references: readonly { readonly column: string; readonly to: string }[];
}

const CATALOGS = `
  SELECT c.relname AS name, json_agg(json_build_object('name', a.attname, 'type', y.typname) ORDER BY a.attnum) AS columns,
         (SELECT coalesce(json_agg(json_build_object('column', quote_ident(f.fkcols[1]), 'to', t.relname)), '[]')
            FROM pg_catalog.pg_get_catalog_foreign_keys() f JOIN pg_catalog.pg_class t ON t.oid = f.pktable
           WHERE f.fktable = c.oid AND cardinality(f.fkcols) = 1 AND NOT f.is_array) AS references
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
    JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
   WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND c.relisshared = $1
     AND a.attnum > 0 AND NOT a.attisdropped
     AND c.relname <> ALL ($2::name[]) AND c.relname || '.' || a.attname <> ALL ($3::text[])
   GROUP BY c.oid, c.relname ORDER BY 1`;

/** Every catalog that is compared: of the session's database, or those that all databases share. */
export const comparedCatalogs = (session: Session, whose: 'database' | 'shared'): Promise<readonly Catalog[]> =>
  session.query<Catalog>(CATALOGS, [whose === 'shared', LEFT_OUT, LEFT_OUT_COLUMNS]);

/**
 * Object identifiers of what is not the application's and comes and goes in the window: sessions' temporary objects, and what is in
 * the operator's own schemas.
 */
const PASSING = `
  WITH pg_namespace AS MATERIALIZED (
    SELECT oid FROM pg_catalog.pg_namespace WHERE nspname ~ '^pg_(toast_)?temp_[0-9]+$' OR ${OPERATOR_SCHEMA}),
  pg_class AS MATERIALIZED (SELECT oid FROM pg_catalog.pg_class WHERE relnamespace IN (TABLE pg_namespace)),
  pg_type AS MATERIALIZED (SELECT oid FROM pg_catalog.pg_type WHERE typnamespace IN (TABLE pg_namespace)),
  pg_proc AS MATERIALIZED (SELECT oid FROM pg_catalog.pg_proc WHERE pronamespace IN (TABLE pg_namespace))`;

/** Comments and labels refer to rows of any catalog. */
const OF_ANYTHING = ['pg_description', 'pg_seclabel'];

/**
 * A condition for the rows of everything else (under `PASSING`): by their own schema or, where they have
 * none, by what they refer to.
 */
function lasting({ name, references }: Catalog): string {
  if (name === 'pg_namespace') return 'oid NOT IN (TABLE pg_namespace)';
  if (OF_ANYTHING.includes(name)) {
    return `NOT (classoid = 'pg_catalog.pg_class'::regclass AND objoid IN (TABLE pg_class))`;
  }
  const schemas = references.filter(({ to }) => to === 'pg_namespace');
  const objects = references.filter(({ to }) => ['pg_class', 'pg_type', 'pg_proc'].includes(to));
  const conditions = (schemas.length > 0 ? schemas : objects).map(({ column, to }) => `${column} NOT IN (TABLE ${to})`);
  return ['true', ...conditions].join(' AND ');
}

/** A hash of every catalog by its name. */
export type Catalogs = ReadonlyMap<string, string>;

/** Every catalog of the session's database, or every one that all databases share, in one query. */
export async function hashCatalogs(session: Session, whose: 'database' | 'shared'): Promise<Catalogs> {
  const catalogs = await comparedCatalogs(session, whose);
  const hashes = catalogs.map(
    (catalog) =>
      `SELECT ${quoteLiteral(catalog.name)} AS name,
              coalesce(sum(${rowHash(catalog.columns)}), 0)::text AS hash
         FROM pg_catalog.${catalog.name} AS t WHERE ${whose === 'shared' ? 'true' : lasting(catalog)}`,
  );
  const rows = await session.query<{ name: string; hash: string }>(
    `${PASSING} ${hashes.join(' UNION ALL ')}`,
    [],
    CATALOG_SECONDS,
  );
  return new Map(rows.map(({ name, hash }) => [name, hash]));
}
