import { relationsOf, shortHash, tableDigest, useTextSettings } from './digest.ts';
import { applicationDatabases } from './relations.ts';
import { readSequences } from './sequences.ts';
import { CATALOG_SECONDS, withSession, type OpenSession, type Session } from './session.ts';

/**
 * What a table lock does not stop, as one value to compare (F4): sequences, materialized views, roles with passwords
 * and settings, and the catalog of relations with indexes, views and functions. `part=hash` pairs, so that a
 * difference can be named.
 */
const CLUSTER_CATALOGS = {
  roles: 'pg_authid',
  'role-settings': 'pg_db_role_setting',
  memberships: 'pg_auth_members',
} as const;

/** Everything of a row except what VACUUM and ANALYZE write, by catalog. */
const DATABASE_CATALOGS: Readonly<Record<string, string>> = {
  pg_class: `SELECT oid, relname, relnamespace, relowner, relkind, relfilenode, relpersistence, relnatts, relacl, reloptions,
                    reltoastrelid, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relpersistence <> 't'`,
  pg_attribute: `SELECT attrelid, attnum, attname, atttypid, atttypmod, attnotnull, attisdropped, attacl FROM pg_attribute
                  WHERE attrelid >= 16384`,
  pg_index: `SELECT indexrelid, indrelid, indkey, indisunique, indisvalid, indpred, indexprs FROM pg_index`,
  pg_proc: 'SELECT * FROM pg_proc',
  pg_rewrite: 'SELECT * FROM pg_rewrite',
  pg_trigger: 'SELECT * FROM pg_trigger',
  pg_constraint: 'SELECT * FROM pg_constraint',
  pg_policy: 'SELECT * FROM pg_policy',
  pg_namespace: `SELECT * FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%temp%'`,
  pg_type: 'SELECT oid, typname, typnamespace, typowner, typacl FROM pg_type',
  pg_enum: 'SELECT * FROM pg_enum',
  pg_extension: 'SELECT * FROM pg_extension',
  pg_default_acl: 'SELECT * FROM pg_default_acl',
  pg_largeobject_metadata: 'SELECT * FROM pg_largeobject_metadata',
};

const hashOf = (rows: string): string =>
  `SELECT coalesce(sum(hashtextextended(t::text, 0)), 0)::text AS hash FROM (${rows}) AS t`;

async function hashes(session: Session, queries: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [name, rows] of Object.entries(queries)) {
    const [row] = await session.query<{ hash: string }>(hashOf(rows), [], CATALOG_SECONDS);
    found.push(`${name} ${row?.hash ?? ''}`);
  }
  return found;
}

interface DatabasePart {
  readonly relations: readonly string[];
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
    relations: await hashes(session, DATABASE_CATALOGS),
    // How far the WAL is ahead changes at a checkpoint, and is no value that anyone was given.
    sequences: (await readSequences(session)).map(({ name, last, called }) => `${name} ${last} ${called}`),
    views,
  };
}

/** @param session superuser, in the maintenance database. @param open further superuser sessions. */
export async function catalogDigest(session: Session, open: OpenSession): Promise<string> {
  const databases = await applicationDatabases(session);
  const parts = await Promise.all(databases.map((database) => withSession(open(database), databasePart)));
  const cluster: Record<string, string> = { databases: shortHash(databases.join('\n')) };
  for (const [part, catalog] of Object.entries(CLUSTER_CATALOGS)) {
    const [row] = await session.query<{ hash: string }>(hashOf(`SELECT * FROM ${catalog}`), [], CATALOG_SECONDS);
    cluster[part] = shortHash(row?.hash ?? '');
  }
  const of = (select: (part: DatabasePart) => readonly string[]): string =>
    shortHash(parts.map((part, index) => [databases[index], ...select(part)].join('\n')).join('\n\n'));
  return Object.entries({
    ...cluster,
    relations: of(({ relations }) => relations),
    sequences: of(({ sequences }) => sequences),
    'materialized-views': of(({ views }) => views),
  })
    .map(([part, hash]) => `${part}=${hash}`)
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
