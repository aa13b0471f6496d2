import { LifecycleError } from '../../errors/errors.ts';
import { segmentAt, segmentName } from '../../restorable/segments.ts';
import { parseLsn } from '../../restorable/timeline.ts';
import { withSession, type OpenSession, type Session } from '../session.ts';
import { NO_RECORDS, NO_ROWS, plus, readOn, type HeapRecords, type RowCounts } from './heap-records.ts';
import { readSegments } from './pgbackrest.ts';
import { hostOf } from './run-on-server.ts';

/** A part of one timeline's WAL that a repository holds. */
export interface Stretch {
  /** `repo1` to `repo4`. */
  readonly repository: string;
  readonly timeline: number;
  /** LSNs in PostgreSQL's text form. */
  readonly from: string;
  readonly to: string;
  /** The restore point at its end. */
  readonly restorePoint: string;
}

export interface TableRows extends RowCounts {
  /** `database.schema.table`; `(no longer there)` for all that were dropped, truncated or rewritten since. */
  readonly table: string;
}

/** A stretch that is longer is not read: it is some minutes' work. */
const MOST_BYTES = 2 ** 31;
/** At once, and three segments at least, because a record of one goes on in the next; the text of all stands in memory. */
const BYTES_AT_ONCE = 48 * 2 ** 20;

export const NO_LONGER_THERE = '(no longer there)';

/**
 * The rows of tables that were written in a stretch of WAL, by transactions that were committed in it; of those that were open at its beginning,
 * what they wrote in it. Most first.
 * @param session superuser of the database that wrote it. @param open a session in another database of it.
 * @param databases whose tables count.
 * @throws LifecycleError restore-repository-unreadable where the stretch is too long, or not there as a whole.
 */
export async function writtenRows(
  session: Session,
  open: OpenSession,
  databases: readonly string[],
  stretch: Stretch,
): Promise<readonly TableRows[]> {
  const { committed } = await readStretch(session, stretch);
  const byTable = new Map<string, RowCounts>();
  for (const database of databases) {
    for (const [table, rows] of await withSession(open(database), (each) => inDatabase(each, committed)))
      byTable.set(table, plus(byTable.get(table) ?? NO_ROWS, rows));
  }
  return [...byTable].map(([table, rows]) => ({ table, ...rows })).sort((a, b) => sum(b) - sum(a) || compare(a, b));
}

const sum = ({ inserted, updated, deleted }: RowCounts): number => inserted + updated + deleted;
const compare = (a: TableRows, b: TableRows): number => (a.table < b.table ? -1 : 1);

async function readStretch(session: Session, stretch: Stretch): Promise<HeapRecords> {
  const { repository, timeline, from, to, restorePoint } = stretch;
  const host = hostOf(session);
  const segmentBytes = await host.segmentBytes();
  const numberOf = (lsn: string): number => segmentAt(parseLsn(lsn), segmentBytes);
  const end = numberOf(to);
  const bytes = (end - numberOf(from) + 1) * segmentBytes;
  if (bytes > MOST_BYTES) unknown(repository, `${bytes} bytes of WAL are too many to be read`);
  const atOnce = Math.max(3, BYTES_AT_ONCE / segmentBytes);
  const { reader } = await waldump(session);
  let records = NO_RECORDS;
  for (let first = numberOf(from); ;) {
    const last = Math.min(first + atOnce - 1, end);
    const names = range(first, last).map((number) => segmentName({ timeline, number }, segmentBytes));
    const start = records.last ?? from;
    const text = await readSegments(host, repository, names, (folder) => reader(folder, timeline, start, to));
    const next = readOn(records, text);
    if (last === end) {
      // It ends where it meets what it cannot read, and does not say whether that was the end.
      return next.restorePoints.has(restorePoint) ? next : unknown(repository, `${restorePoint} was not met`);
    }
    const reached = numberOf(next.last ?? from);
    if (reached <= first) unknown(repository, `nothing after ${start}`);
    records = next;
    first = reached;
  }
}

function unknown(repository: string, why: string): never {
  throw new LifecycleError('restore-repository-unreadable', `${repository}: ${why}`);
}

const range = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

type Reader = (folder: string, timeline: number, start: string, end: string) => readonly string[];

async function waldump(session: Session): Promise<{ readonly reader: Reader }> {
  const [row] = await session.query<{ folder: string; version: number }>(
    `SELECT setting AS folder, current_setting('server_version_num')::int AS version FROM pg_config WHERE name = 'BINDIR'`,
  );
  // Of several, 14 takes the last.
  const managers = (row?.version ?? 0) < 150_000 ? [] : ['Heap', 'Heap2', 'Transaction', 'XLOG'];
  return {
    reader: (folder, timeline, start, end) => [
      `${row?.folder ?? ''}/pg_waldump`,
      `--path=${folder}`,
      `--timeline=${timeline}`,
      `--start=${start}`,
      `--end=${end}`,
      ...managers.map((each) => `--rmgr=${each}`),
    ],
  };
}

interface Named {
  readonly filenode: string;
  readonly name: string | null;
  readonly ours: boolean | null;
}

/** The tables of a session's database by what they are called now. Catalogs and what lies out of line (TOAST) are none. */
async function inDatabase(
  session: Session,
  committed: HeapRecords['committed'],
): Promise<readonly (readonly [string, RowCounts])[]> {
  const [database] = await session.query<{ oid: string }>(
    'SELECT oid::text AS oid FROM pg_database WHERE datname = current_database()',
  );
  const prefix = `${database?.oid ?? ''}/`;
  const files = [...committed].filter(([file]) => file.startsWith(prefix));
  const rowsOf = new Map(files.map(([file, rows]) => [file.slice(prefix.length), rows]));
  const named = await session.query<Named>(
    `SELECT file.node AS filenode, format('%s.%s.%s', current_database(), space.nspname, class.relname) AS name,
            class.relkind IN ('r', 'm') AND space.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema') AS ours
       FROM unnest($1::text[]) AS file(node)
       LEFT JOIN LATERAL (
              SELECT found.oid FROM pg_tablespace AS place
               CROSS JOIN LATERAL pg_filenode_relation(CASE place.spcname WHEN 'pg_default' THEN 0 ELSE place.oid END, file.node::oid) AS found(oid)
               WHERE found.oid IS NOT NULL LIMIT 1) AS relation ON true
       LEFT JOIN pg_class AS class ON class.oid = relation.oid
       LEFT JOIN pg_namespace AS space ON space.oid = class.relnamespace`,
    [[...rowsOf.keys()]],
  );
  return named
    .filter(({ ours }) => ours !== false)
    .map(({ filenode, name, ours }) => [
      ours === true ? (name ?? NO_LONGER_THERE) : NO_LONGER_THERE,
      rowsOf.get(filenode) ?? NO_ROWS,
    ]);
}
