import { createHash } from 'node:crypto';
import { READING_SECONDS, type Session } from './session.ts';

/** A relation's content, whatever the order of its rows. */
export interface TableDigest {
  readonly database: string;
  /** `schema.name`, quoted where needed. */
  readonly table: string;
  readonly rows: number;
  /** Sum of a 64-bit hash of every row's text. */
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

/** Names of what can be digested: ordinary tables (partitions by themselves) or populated materialized views. */
export async function relationNames(session: Session, kind: 'table' | 'view'): Promise<readonly string[]> {
  const rows = await session.query<{ name: string }>(
    `SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = $1 AND c.relpersistence = 'p' AND c.relispopulated
        AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%'
      ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`,
    [kind === 'table' ? 'r' : 'm'],
  );
  return rows.map(({ name }) => name);
}

/** @param session superuser, after `useTextSettings`. @param table quoted. */
export async function tableDigest(session: Session, table: string): Promise<TableDigest> {
  const [row] = await session.query<{ rows: string; hash: string }>(
    `SELECT count(*)::text AS rows, coalesce(sum(hashtextextended(t::text, 0)), 0)::text AS hash FROM ONLY ${table} AS t`,
    [],
    READING_SECONDS,
  );
  return { database: session.database, table, rows: Number(row?.rows ?? 0), hash: row?.hash ?? '' };
}

/** Rows of every ordinary table of the current database. */
export async function countRows(session: Session): Promise<number> {
  let rows = 0;
  for (const table of await relationNames(session, 'table')) {
    const query = `SELECT count(*)::text AS rows FROM ONLY ${table}`;
    const [row] = await session.query<{ rows: string }>(query, [], READING_SECONDS);
    rows += Number(row?.rows ?? 0);
  }
  return rows;
}

/** Sixteen hexadecimal digits over a text; of one way only, so that a role's verifier does not shine through. */
export const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
