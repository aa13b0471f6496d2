import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { ArchivedServer } from '../../../test/lab/postgres/archived-server.ts';
import { REAL_CLOCK } from '../../../test/lab/postgres/real-clock.ts';
import { useTemplate } from '../../../test/lab/postgres/use-template.ts';
import { POSTGRES } from '../../../test/lab/postgres/versions.ts';
import { makeRestorePoint, waitArchived } from '../restore-point.ts';
import { withSession } from '../session.ts';
import { NO_LONGER_THERE, writtenRows, type Stretch, type TableRows } from './written-rows.ts';

jest.setTimeout(180_000);

/** Debian's pgBackRest knows no newer PostgreSQL. */
const onDebians = POSTGRES === '15' ? describe : describe.skip;

const template = useTemplate();
let it: ArchivedServer;
afterEach(() => it.stop());

const sql = (text: string, database = 'bestie'): Promise<unknown> => it.server.sql(text, database);

/** @returns the position behind everything that was written so far. */
async function here(): Promise<string> {
  const [row] = await it.server.sql<{ lsn: string }>('SELECT pg_current_wal_insert_lsn()::text AS lsn');
  return row?.lsn ?? '';
}

async function writtenSince(from: string, change: Partial<Stretch> = {}): Promise<readonly TableRows[]> {
  return withSession(it.openSuperuser(), async (session) => {
    const end = await makeRestorePoint(session, 'the-end');
    expect(await waitArchived(session, end.walFile, { clock: REAL_CLOCK, seconds: 60 })).toBe(true);
    const stretch = { repository: 'repo1', timeline: 1, from, to: end.lsn, restorePoint: 'the-end', ...change };
    return writtenRows(session, (database) => it.openSuperuser(database), ['bestie', 'postgres'], stretch);
  });
}

onDebians('rows that were written in a stretch of the archive', () => {
  test('are those that were committed, by table, whatever wrote them', async () => {
    it = await ArchivedServer.start(template());
    await sql(
      'CREATE TABLE a (n int, t text); CREATE TABLE b (n int); CREATE SCHEMA s; CREATE TABLE s.c (n int PRIMARY KEY)',
    );
    await sql('INSERT INTO a SELECT n FROM generate_series(1, 100) n');
    const from = await here();
    // One by one, many at once, out of line, ended by a savepoint or not.
    await sql('INSERT INTO a SELECT n FROM generate_series(1, 7) n');
    await sql("COPY b FROM PROGRAM 'seq 1 1000'");
    await sql("INSERT INTO a SELECT 0, string_agg(md5(n::text), '') FROM generate_series(1, 5000) n");
    await sql(
      'BEGIN; INSERT INTO b VALUES (1); SAVEPOINT x; INSERT INTO b VALUES (2); ROLLBACK TO x; SAVEPOINT y; INSERT INTO b VALUES (3); COMMIT',
    );
    await sql('BEGIN; INSERT INTO b SELECT n FROM generate_series(1, 50) n; ROLLBACK');
    await sql('UPDATE a SET t = $$new$$ WHERE n <= 2; DELETE FROM a WHERE n = 3');
    await sql('INSERT INTO s.c VALUES (1), (2)');
    await sql('CREATE TABLE gone (n int); INSERT INTO gone VALUES (1); DROP TABLE gone');
    await sql('CREATE TABLE other (n int); INSERT INTO other VALUES (1)', 'postgres');
    expect(await writtenSince(from)).toEqual([
      { table: 'bestie.public.b', inserted: 1002, updated: 0, deleted: 0 },
      { table: 'bestie.public.a', inserted: 8, updated: 5, deleted: 2 },
      { table: 'bestie.s.c', inserted: 2, updated: 0, deleted: 0 },
      { table: NO_LONGER_THERE, inserted: 1, updated: 0, deleted: 0 },
      { table: 'postgres.public.other', inserted: 1, updated: 0, deleted: 0 },
    ]);
  });

  test('are counted once where a record goes on in the next segment, over many segments', async () => {
    it = await ArchivedServer.start(template());
    await sql('CREATE TABLE wide (n int, t text); ALTER TABLE wide ALTER t SET STORAGE plain');
    const from = await here();
    // 7 000 bytes a row: more than is read at once, and of every segment one row goes on in the next.
    await sql("INSERT INTO wide SELECT n, repeat('x', 7000) FROM generate_series(1, 9000) n");
    expect(await writtenSince(from)).toEqual([{ table: 'bestie.public.wide', inserted: 9000, updated: 0, deleted: 0 }]);
  });

  test('are not told where a segment is missing, or the end is not the one that is meant', async () => {
    it = await ArchivedServer.start(template());
    await sql('CREATE TABLE a (n int); INSERT INTO a VALUES (1)');
    const from = await here();
    await sql('INSERT INTO a VALUES (2); SELECT pg_switch_wal()');
    await expect(writtenSince(from, { restorePoint: 'another' })).rejects.toThrow('another was not met');
    await expect(writtenSince(from, { to: 'FF/0' })).rejects.toThrow('bytes of WAL are too many');
    const [segment] = await it.server.sql<{ name: string }>(`SELECT pg_walfile_name('${from}') AS name`);
    await it.forget(segment?.name ?? '');
    await expect(writtenSince(from)).rejects.toThrow(segment?.name ?? '');
  });
});
