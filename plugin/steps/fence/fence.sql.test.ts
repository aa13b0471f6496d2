import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Switch, until, type Keeper } from '../../../test/lab/postgres/switch.ts';
import { refusal, stateOf } from '../../../test/lab/postgres/refusal.ts';
import { useTemplate } from '../../../test/lab/postgres/use-template.ts';
import { POSTGRES } from '../../../test/lab/postgres/versions.ts';
import { BLUE } from '../testing/world.ts';
import { waitFor } from '../../../test/lab/wait-for.ts';

jest.setTimeout(120_000);

const template = useTemplate();

interface SettingRow {
  readonly role: string;
  readonly database: string;
  readonly settings: readonly string[];
}
const SETTINGS = `
  SELECT r.rolname AS role, coalesce(d.datname, '') AS database, s.setconfig AS settings FROM pg_db_role_setting s
    JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase ORDER BY 1, 2`;

describe('a fence that stands', () => {
  let it: Switch;
  let keeper: Keeper;
  let idle: Awaited<ReturnType<Switch['blue']['client']>>;
  let longRead: Promise<{ readonly rows: readonly { readonly answer: number }[] }>;
  const lost: string[] = [];

  beforeAll(async () => {
    it = await Switch.open(template());
    idle = await it.blue.client('bestie');
    idle.on('end', () => lost.push('idle'));
    const writer = await it.blue.client('bestie');
    await writer.query('BEGIN');
    await writer.query("INSERT INTO t0 (writer) VALUES ('open transaction')");
    writer.on('end', () => lost.push('writer'));
    const reader = await it.blue.client('bestie');
    longRead = reader.query<{ answer: number }>('SELECT 42 AS answer FROM pg_sleep(8), (SELECT count(*) FROM t0) AS c');
    reader.on('end', () => lost.push('reader'));
    keeper = await it.fenced();
  });
  afterAll(() => it.close());

  test('F1 records the role settings, role-wide and in-database, in the write that makes it Fenced', () => {
    expect(it.decision.roles).toEqual([
      { role: 'bestie', database: '', settings: ['work_mem=5MB'] },
      { role: 'reporter', database: '', settings: ['lock_timeout=7s'] },
      { role: 'reporter', database: 'bestie', settings: ['default_transaction_read_only=off'] },
    ]);
  });

  test('F1 sets read-only and lock_timeout role-wide, and in-database where a row would win', async () => {
    expect(await it.blue.sql<SettingRow>(SETTINGS)).toEqual([
      {
        role: 'bestie',
        database: '',
        settings: ['work_mem=5MB', 'default_transaction_read_only=on', 'lock_timeout=1s'],
      },
      { role: 'reporter', database: '', settings: ['lock_timeout=1s', 'default_transaction_read_only=on'] },
      { role: 'reporter', database: 'bestie', settings: ['default_transaction_read_only=on'] },
    ]);
  });

  test.each([
    ['bestie', 'bestie'],
    ['bestie', 'second'],
    ['reporter', 'bestie'],
    ['reporter', 'postgres'],
  ])('F1 the effective value, logged in as %s in %s, is read-only', async (role, database) => {
    const client = await it.blue.client(role, database);
    const { rows } = await client.query<{ setting: string }>(
      "SELECT current_setting('default_transaction_read_only') || ' ' || current_setting('lock_timeout') AS setting",
    );
    await client.end();
    expect(rows).toEqual([{ setting: 'on 1s' }]);
  });

  test('F2 ended idle sessions and writers from before, and let the reader finish', async () => {
    expect(lost).toEqual(expect.arrayContaining(['idle', 'writer']));
    expect((await longRead).rows).toEqual([{ answer: 42 }]);
    await until('the old reader is ended after its statement', () => lost.includes('reader'));
  });

  test('F3 every table of every database is held in SHARE mode by one transaction each', async () => {
    const { fence } = it.decision;
    expect(fence?.holders.map(({ database, relations }) => [database, relations])).toEqual([
      ['bestie', 32],
      ['postgres', 2],
      ['second', 3],
      ['template1', 2],
    ]);
    const settings = await it.blue.sql<{ query: string }>(
      `SELECT query FROM pg_stat_activity WHERE application_name LIKE 'lifecycle-lock-%' AND state = 'idle in transaction'`,
    );
    expect(settings).toHaveLength(4);
  });

  test.each([
    ['bestie', "INSERT INTO t3 (writer) VALUES ('x')"],
    ['bestie', 'DELETE FROM t3'],
    ['reporter', "UPDATE t3 SET writer = 'x'"],
  ])('F3 a writer that overrides read-only waits: %s %s', async (role, statement) => {
    expect(await overriding(role, statement)).toBe('55P03');
  });

  test('F4 a session that overrides read-only cannot make a large object; what else no table lock stops, commit finds', async () => {
    expect(await overriding('bestie', 'SELECT lo_create(0)')).toBe('55P03');
  });

  test('F4 even a read-only session cannot make a large object', async () => {
    // From 16 on its being read-only is enough; before, the catalog's lock stops it.
    const refused = Number(POSTGRES) < 16 ? '55P03' : '25006';
    expect(await refusal(it.blue, 'bestie', ["SET lock_timeout = '300ms'", 'SELECT lo_create(0)'])).toBe(refused);
  });

  test('F4 autovacuum is not held up for the whole window', async () => {
    await it.blue.sql("ALTER SYSTEM SET autovacuum_naptime = '1s'");
    await it.blue.sql('ALTER SYSTEM SET autovacuum_vacuum_threshold = 0');
    await it.blue.sql('ALTER SYSTEM SET autovacuum_vacuum_scale_factor = 0');
    await it.blue.sql('SELECT pg_reload_conf()');
    const waiting = async (): Promise<number> =>
      (
        await it.blue.sql(
          `SELECT 1 FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND wait_event_type = 'Lock'
              AND query_start < clock_timestamp() - interval '2 s'`,
        )
      ).length;
    // Work for a worker that nothing of ours stands in the way of: rows of catalogs that are dead.
    const vacuumed = async (): Promise<number> => {
      await it.blue.sql('CREATE TEMPORARY TABLE scratch (n int); DROP TABLE scratch', 'bestie');
      const count = 'SELECT sum(autovacuum_count)::int AS count FROM pg_stat_sys_tables';
      return (await it.blue.sql<{ count: number }>(count, 'bestie'))[0]?.count ?? 0;
    };
    const before = await vacuumed();
    await waitFor(async () => (await vacuumed()) > before, { what: 'a worker has done its work', timeoutSeconds: 60 });
    expect(await waiting()).toBe(0);
  });

  test('F5 readers do not queue behind a waiting ACCESS EXCLUSIVE request, which is cancelled', async () => {
    const exclusive = it.blue.sql('LOCK TABLE t0 IN ACCESS EXCLUSIVE MODE', 'bestie').catch(stateOf);
    const client = await it.blue.client('bestie');
    await client.query("SET statement_timeout = '5s'");
    expect((await client.query('SELECT count(*) FROM t0')).rowCount).toBe(1);
    await client.end();
    expect(await exclusive).toBe('25P01');
    const queued = it.blue.sql('ALTER TABLE t0 ADD COLUMN c int', 'bestie').catch(stateOf);
    expect(await queued).toBe('57014');
  });

  test('F7 the restore point is in the archive', async () => {
    const { fence } = it.decision;
    expect(fence?.restorePoint).toBe(it.request.restorePoint);
    const [row] = await it.blue.sql<{ covered: boolean }>(
      `SELECT last_archived_wal >= pg_walfile_name('${fence?.lsn ?? ''}') AS covered FROM pg_stat_archiver`,
    );
    expect(row?.covered).toBe(true);
  });

  test('F8 the evidence names the transactions that hold the locks, and they are in progress', async () => {
    const xids = it.decision.fence?.holders.map(({ xid }) => `pg_xact_status('${xid}'::xid8)`) ?? [];
    const [row] = await it.blue.sql<{ states: string[] }>(`SELECT ARRAY[${xids.join(', ')}] AS states`);
    expect(row?.states).toEqual(['in progress', 'in progress', 'in progress', 'in progress']);
    expect(keeper.ready()).toBe(true);
  });

  const overriding = (role: string, statement: string): Promise<string> =>
    refusal(it.blue, role, ['BEGIN READ WRITE', "SET LOCAL lock_timeout = '300ms'", statement]);
});

describe('a fence that cannot be raised', () => {
  test('F1 a plain canary that is not refused with 25006 ends the window: fence-leaks', async () => {
    const it = await Switch.open(template());
    try {
      // A login that no role setting reaches.
      it.servers.publishUser(BLUE.name, 'postgres');
      it.keeper();
      await until('the decision is made', () => it.decision.reason !== undefined, 60);
      expect(it.decision.reason).toMatch(/^fence-leaks: .* ended with 00000 instead of 25006/);
    } finally {
      await it.close();
    }
  });

  test('F3 what nobody can end is named: a prepared transaction; the settings are as before', async () => {
    const it = await Switch.open(template());
    const blocker = await it.blue.client('postgres', 'bestie');
    try {
      const before = await it.blue.sql<SettingRow>(SETTINGS);
      await blocker.query('BEGIN');
      await blocker.query("INSERT INTO t1 (writer) VALUES ('an administrator')");
      await blocker.query("PREPARE TRANSACTION 'left behind'");
      it.keeper();
      await until('aborted', () => it.decision.unfenced !== undefined, 90);
      expect(it.decision.reason).toMatch(/^locks-not-granted: .* in the way: a prepared transaction/);
      expect(await it.blue.sql<SettingRow>(SETTINGS)).toEqual(before);
    } finally {
      await it.close();
    }
  });

  test('F7 a restore point that never reaches the archive ends at the budget', async () => {
    const it = await Switch.open(template(), { windowBudgetSeconds: 6 });
    try {
      await it.blue.sql("ALTER SYSTEM SET archive_command = 'false'");
      await it.blue.sql('SELECT pg_reload_conf()');
      const keeper = it.keeper();
      await until('aborted', () => it.decision.unfenced !== undefined, 60);
      expect(it.decision.reason).toMatch(/^(window-over-budget|not-archived)/);
      expect(it.decision.fence).toBeUndefined();
      expect(await refusal(it.blue, 'bestie', ["INSERT INTO t0 (writer) VALUES ('x')"])).toBe('accepted');
      await until('ready, because the decision is final', () => keeper.ready());
    } finally {
      await it.close();
    }
  });
});
