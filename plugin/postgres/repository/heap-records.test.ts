import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NO_RECORDS, readOn, type HeapRecords } from './heap-records.ts';

/** A line of pg_waldump; its lsn is its number. */
const line = (lsn: number, manager: string, transaction: number, what: string): string =>
  `rmgr: ${manager.padEnd(11)} len (rec/tot):     59/    59, tx: ${String(transaction).padStart(10)}, lsn: 0/${lsn
    .toString(16)
    .toUpperCase()
    .padStart(8, '0')}, prev 0/00000000, desc: ${what}`;

const heap = (lsn: number, transaction: number, what: string, manager = 'Heap'): string =>
  line(lsn, manager, transaction, `${what}, blkref #0: rel 1663/5/16384 blk 0`);
const commit = (lsn: number, transaction: number, rest = ''): string =>
  line(lsn, 'Transaction', transaction, `COMMIT 2026-11-22 10:00:00.000000 UTC${rest}`);

const counted = (...lines: readonly string[]): HeapRecords => readOn(NO_RECORDS, lines.join('\n'));
const rows = (records: HeapRecords): unknown => records.committed.get('5/16384');

describe('records of a heap', () => {
  test.each([
    ['INSERT off 3 flags 0x00', 'Heap', { inserted: 1, updated: 0, deleted: 0 }],
    ['INSERT+INIT off: 3, flags: 0x00', 'Heap', { inserted: 1, updated: 0, deleted: 0 }],
    ['MULTI_INSERT 3 tuples flags 0x02', 'Heap2', { inserted: 3, updated: 0, deleted: 0 }],
    ['MULTI_INSERT+INIT ntuples: 61, flags: 0x02', 'Heap2', { inserted: 61, updated: 0, deleted: 0 }],
    ['UPDATE off 1 xmax 7 flags 0x00 ; new off 2 xmax 0', 'Heap', { inserted: 0, updated: 1, deleted: 0 }],
    ['HOT_UPDATE old_xmax: 7, old_off: 1, old_infobits: []', 'Heap', { inserted: 0, updated: 1, deleted: 0 }],
    ['DELETE xmax: 7, off: 1, infobits: [KEYS_UPDATED]', 'Heap', { inserted: 0, updated: 0, deleted: 1 }],
    ['LOCK xmax: 7, off: 1', 'Heap', undefined],
    ['PRUNE snapshotConflictHorizon: 7', 'Heap2', undefined],
    ['INSERT_LEAF off 3', 'Btree', undefined],
  ])('%s', (what, manager, expected) => {
    expect(rows(counted(heap(1, 7, what, manager), commit(2, 7)))).toEqual(expected);
  });

  test('count when their transaction was committed, with those within it', () => {
    const insert = (lsn: number, id: number): string => heap(lsn, id, 'INSERT off 1 flags 0x00');
    const both = counted(
      insert(1, 7),
      insert(2, 8),
      insert(3, 9),
      commit(4, 7, '; subxacts: 8 9; inval msgs: catcache 7'),
    );
    expect(rows(both)).toMatchObject({ inserted: 3 });
    expect(rows(counted(insert(1, 7), line(2, 'Transaction', 7, 'ABORT 2026-11-22 10:00:00 UTC; subxacts: 8')))).toBe(
      undefined,
    );
    const prepared = line(3, 'Transaction', 0, 'COMMIT_PREPARED 7: 2026-11-22 10:00:00 UTC');
    expect(rows(counted(insert(1, 7), line(2, 'Transaction', 7, 'PREPARE gid x'), prepared))).toMatchObject({
      inserted: 1,
    });
    expect(rows(counted(insert(1, 7)))).toBe(undefined);
  });

  test('are counted once, wherever the text is cut and however much of it comes again', () => {
    const record = fc.record({ id: fc.integer({ min: 1, max: 3 }), kind: fc.constantFrom('row', 'commit', 'abort') });
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 30 }), fc.nat(29), fc.nat(29), (records, at, again) => {
        const lines = records.map(({ id, kind }, index) => {
          if (kind === 'row') return heap(index + 1, id, 'INSERT off 1 flags 0x00');
          return kind === 'commit' ? commit(index + 1, id) : line(index + 1, 'Transaction', id, 'ABORT 2026');
        });
        const cut = 1 + (at % lines.length);
        const first = readOn(NO_RECORDS, lines.slice(0, cut).join('\n'));
        const second = readOn(first, lines.slice(cut - 1 - (again % cut)).join('\n'));
        expect(second).toEqual(readOn(NO_RECORDS, lines.join('\n')));
      }),
    );
  });
});
