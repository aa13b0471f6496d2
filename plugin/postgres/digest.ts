import { createHash } from 'node:crypto';
import { OPERATOR_SCHEMA } from './roles.ts';
import { rowHash, type Column } from './row-hash.ts';
import { CATALOG_SECONDS, READING_SECONDS, type Session } from './session.ts';

/** A relation's content, whatever the order of its rows. */
export interface TableDigest {
  readonly database: string;
  /** `schema.name`, quoted where needed. */
  readonly table: string;
  readonly rows: number;
  /** Sum of a 64-bit hash of every row. */
  readonly hash: string;
}

/** Text of values must not depend on a role's or server's settings: both sides are read under these. */
const TEXT_SETTINGS = [
  "SET TimeZone = 'UTC'",
  "SET DateStyle = 'ISO, YMD'",
  "SET IntervalStyle = 'postgres'",
  "SET bytea_output = 'hex'",
  'SET extra_float_digits = 3',
  "SET lc_monetary = 'C'",
  "SET xmloption = 'content'",
  'SET search_path = pg_catalog',
  'SET row_security = off',
  'SET default_transaction_read_only = on',
];

export async function useTextSettings(session: Session): Promise<void> {
  for (const setting of TEXT_SETTINGS) await session.query(setting);
}

/** What can be digested. */
export interface Relation {
  /** `schema.name`, quoted where needed. */
  readonly name: string;
  /** In their order, without those that are computed when they are read. */
  readonly columns: readonly Column[];
}

const RELATIONS = `
  SELECT quote_ident(nspname) || '.' || quote_ident(c.relname) AS name,
         (SELECT coalesce(json_agg(json_build_object('name', a.attname, 'type',
                   CASE WHEN y.typnamespace = 'pg_catalog'::regnamespace THEN y.typname ELSE '' END) ORDER BY a.attnum), '[]')
            FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> 'v') AS columns
    FROM pg_class c JOIN pg_namespace ON pg_namespace.oid = c.relnamespace
   WHERE c.relkind = $1 AND c.relpersistence = 'p' AND c.relispopulated
     AND nspname NOT IN ('pg_catalog', 'information_schema') AND nspname NOT LIKE 'pg\\_toast%' AND NOT ${OPERATOR_SCHEMA}
   ORDER BY nspname COLLATE "C", c.relname COLLATE "C"`;

/** Ordinary tables (partitions by themselves) or populated materialized views, by name; without the operator's own. */
export const relationsOf = (session: Session, kind: 'table' | 'view'): Promise<readonly Relation[]> =>
  session.query<Relation>(RELATIONS, [kind === 'table' ? 'r' : 'm'], CATALOG_SECONDS);

/** @param session superuser, after `useTextSettings`. */
export async function tableDigest(session: Session, { name, columns }: Relation): Promise<TableDigest> {
  const [row] = await session.query<{ rows: string; hash: string }>(
    `SELECT count(*)::text AS rows, coalesce(sum(${rowHash(columns)}), 0)::text AS hash FROM ONLY ${name} AS t`,
    [],
    READING_SECONDS,
  );
  return { database: session.database, table: name, rows: Number(row?.rows ?? 0), hash: row?.hash ?? '' };
}

/** Sixteen hexadecimal digits over a text; of one way only, so that a role's verifier does not shine through. */
export const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
