/** What pg_waldump prints of the rows that were written, counted by transaction; only what was committed counts. Pure. */

export interface RowCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

export const NO_ROWS: RowCounts = { inserted: 0, updated: 0, deleted: 0 };

export const plus = (a: RowCounts, b: RowCounts): RowCounts => ({
  inserted: a.inserted + b.inserted,
  updated: a.updated + b.updated,
  deleted: a.deleted + b.deleted,
});

/** `<database's oid>/<filenode>`. */
type File = string;
type ByFile = ReadonlyMap<File, RowCounts>;

export interface HeapRecords {
  /** Committed rows by file. */
  readonly committed: ByFile;
  /** Of transactions whose end has not been read yet, by their ids. */
  readonly open: ReadonlyMap<string, ByFile>;
  /** Of the last record that was read; text that begins with it again is read on behind it. */
  readonly last: string | undefined;
  /** The restore points that were met. */
  readonly restorePoints: ReadonlySet<string>;
}

export const NO_RECORDS: HeapRecords = {
  committed: new Map(),
  open: new Map(),
  last: undefined,
  restorePoints: new Set(),
};

/** A line of pg_waldump (`XLogDumpDisplayRecord` in pg_waldump.c), the same in 14 to 18. */
const RECORD = /^rmgr: (\w+) .*?, tx: +(\d+), lsn: ([0-9A-F]+\/[0-9A-F]+), .*?desc: (\S+) ?(.*)$/;
const FILE = /blkref #0: rel \d+\/(\d+\/\d+)/;
/** `3 tuples` up to 15, `ntuples: 3` since (heap2_desc in heapdesc.c). */
const MULTI = /^(?:(\d+) tuples|ntuples: (\d+))/;
/** xact_desc in xactdesc.c: `; subxacts: 735 736`. */
const SUBTRANSACTIONS = /subxacts:((?: \d+)+)/;

/** What a record of a heap does to rows; `+INIT` says that the page is new. */
function rowsOf(what: string, rest: string): RowCounts | undefined {
  switch (what.replace('+INIT', '')) {
    case 'INSERT':
      return { ...NO_ROWS, inserted: 1 };
    case 'MULTI_INSERT': {
      const [, before, since] = MULTI.exec(rest) ?? [];
      return { ...NO_ROWS, inserted: Number(before ?? since ?? 0) };
    }
    case 'UPDATE':
    case 'HOT_UPDATE':
      return { ...NO_ROWS, updated: 1 };
    case 'DELETE':
      return { ...NO_ROWS, deleted: 1 };
    default:
      return undefined;
  }
}

/**
 * Reads on.
 * @param text whole lines; records that were read before may stand at its beginning.
 */
export function readOn(before: HeapRecords, text: string): HeapRecords {
  const committed = new Map(before.committed);
  const open = new Map([...before.open].map(([id, files]) => [id, new Map(files)]));
  const restorePoints = new Set(before.restorePoints);
  let { last } = before;
  let isNew = last === undefined;
  const end = (id: string, rest: string, keep: boolean): void => {
    const others = SUBTRANSACTIONS.exec(rest)?.[1]?.trim().split(' ') ?? [];
    for (const each of [id, ...others]) {
      if (keep) for (const [file, rows] of open.get(each) ?? []) add(committed, file, rows);
      open.delete(each);
    }
  };
  for (const line of text.split('\n')) {
    const [, manager, transaction = '', lsn, what = '', rest = ''] = RECORD.exec(line) ?? [];
    if (lsn === undefined) continue;
    if (!isNew) {
      isNew = lsn === last;
      continue;
    }
    last = lsn;
    if (manager === 'Heap' || manager === 'Heap2') {
      const rows = rowsOf(what, rest);
      const file = FILE.exec(rest)?.[1];
      if (!rows || file === undefined) continue;
      const files = open.get(transaction) ?? new Map<File, RowCounts>();
      add(files, file, rows);
      open.set(transaction, files);
    } else if (manager === 'Transaction') {
      // A prepared one is ended by another, which names it: `COMMIT_PREPARED 735: …`.
      const id = what.endsWith('_PREPARED') ? (/^(\d+):/.exec(rest)?.[1] ?? transaction) : transaction;
      if (what.startsWith('COMMIT')) end(id, rest, true);
      if (what.startsWith('ABORT')) end(id, rest, false);
    } else if (what === 'RESTORE_POINT') {
      restorePoints.add(rest.trim());
    }
  }
  return { committed, open, last, restorePoints };
}

function add(files: Map<File, RowCounts>, file: File, rows: RowCounts): void {
  files.set(file, plus(files.get(file) ?? NO_ROWS, rows));
}
