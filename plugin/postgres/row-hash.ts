import { quoteIdentifier } from './quote.ts';

/** A column of a relation, as far as its hash depends on it. */
export interface Column {
  readonly name: string;
  /** Name of its type where that is one of pg_catalog's, else empty. */
  readonly type: string;
}

/** Of fixed length, and equal only where every bit is: hashed as they are, many at once. */
const FIXED = [
  ...['bool', 'int2', 'int4', 'int8', 'oid', 'regproc', 'char', 'name', 'uuid', 'macaddr', 'date'],
  ...['time', 'timestamp', 'timestamptz', 'pg_lsn', 'xid8'],
];

/** Texts, whose bytes count and not what a collation says of them. */
const TEXT = ['text', 'varchar'];

/** Hashed one by one: a record of several would hold them all unpacked, and ends at 1 GB. */
const ALONE = ['bytea'];

/**
 * An expression for one row `t`: 64 bits over the values of all its columns. Types whose equality is coarser than their
 * text (numeric 1.0 and 1.00), that have no hash (json, xml, point) or that are the user's are hashed as what their
 * output function says; `format` calls that one and never a cast, which a user may have made. A name of the user's cannot
 * be taken for one of ours: every column stands behind its relation, every function behind pg_catalog.
 */
export function rowHash(columns: readonly Column[]): string {
  const parts = columns.flatMap(hashed);
  // A row without columns is a row, too.
  return parts.length === 0 ? '0::bigint' : recordHash(parts.join(', '));
}

const recordHash = (values: string): string => `pg_catalog.hash_record_extended(ROW(${values}), 0)`;

function hashed({ name, type }: Column): readonly string[] {
  const column = `t.${quoteIdentifier(name)}`;
  if (FIXED.includes(type)) return [column];
  if (TEXT.includes(type)) return [textHash(`${column}::pg_catalog.text`)];
  if (ALONE.includes(type)) return [recordHash(column)];
  // NULL and an empty text are the same to format.
  return [`pg_catalog.num_nulls(${column})`, textHash(`pg_catalog.format('%s', ${column})`)];
}

const textHash = (value: string): string => `pg_catalog.hashtextextended(${value} COLLATE pg_catalog."C", 0)`;
