import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Instance } from '../../../test/lab/postgres/instance.ts';
import { refusal } from '../../../test/lab/postgres/refusal.ts';
import { Switch } from '../../../test/lab/postgres/switch.ts';
import { useTemplate } from '../../../test/lab/postgres/use-template.ts';
import { textOf } from '../../errors/text-of.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import { GREEN, requestFor } from '../testing/world.ts';
import { restorePoint } from './restore-point.ts';
import { verify } from './verify.ts';
import { withDone } from '../ledger/step-records.ts';

jest.setTimeout(120_000);

const template = useTemplate();

const outcome = (it: Switch, more: Partial<StepRequest> = {}): Promise<string> => {
  const context = it.context();
  return verify({ ...context, request: { ...context.request, ...more } }).then(() => 'equal', textOf);
};

/** What the exporter keeps in a schema of its own, and what the operator makes of it on each cluster. */
const EXPORTER = [
  'CREATE TABLE monitor.samples (id serial, at timestamptz DEFAULT now())',
  'ALTER TABLE monitor.samples OWNER TO ccp_monitoring',
  'INSERT INTO monitor.samples DEFAULT VALUES',
];

describe('Verify', () => {
  let it: Switch;
  let green: Instance;

  beforeAll(async () => {
    it = await Switch.open(template());
    // Sequences run ahead in the WAL, large objects and a second database are part of a clone, too.
    await it.blue.sql("INSERT INTO t5 (writer) SELECT 'before' FROM generate_series(1, 40)", 'bestie');
    await it.blue.sql("SELECT lo_from_bytea(0, 'large')", 'bestie');
    await it.blue.sql("INSERT INTO notes VALUES (1, 'second database')", 'second');
    await it.blue.sql('CREATE ROLE ccp_monitoring LOGIN; GRANT pg_monitor TO ccp_monitoring');
    await it.blue.sql('CREATE SCHEMA monitor AUTHORIZATION ccp_monitoring', 'bestie');
    for (const statement of EXPORTER) await it.blue.sql(statement, 'bestie');
    await it.blue.sql('CREATE DATABASE blank IS_TEMPLATE true');
    await it.blue.sql('CREATE TABLE seed (n int)', 'blank');
    await it.fenced();
    green = await it.clone();
  });
  afterAll(() => it.close());

  test('the newest history of the clone names this restore point and its LSN; all is equal, with how much of it', async () => {
    const evidence = await verify(it.context());
    expect(evidence).toEqual({
      endedAt: it.decision.fence?.lsn,
      endedBecause: `at restore point "${it.request.restorePoint}"`,
      timeline: 1,
      databases: 5,
      tables: expect.any(Number),
      sequences: 30,
    });
  });

  test('can be run again', async () => {
    expect(await outcome(it)).toBe('equal');
  });

  test('what VACUUM and ANALYZE write is no difference, nor what the operator makes anew, though it has other oids', async () => {
    await green.sql('VACUUM (FREEZE, ANALYZE)', 'bestie');
    await green.sql('DROP TABLE monitor.samples', 'bestie');
    for (const statement of EXPORTER) await green.sql(statement, 'bestie');
    await green.sql("ALTER ROLE ccp_monitoring PASSWORD 'of green'");
    expect(await outcome(it)).toBe('equal');
    expect(await outcome(it, { verify: 'Full' })).toBe('equal');
  });

  test('a row that somebody changed on the clone since: only a full reading sees it, and reports how much it read', async () => {
    const full: Partial<StepRequest> = { verify: 'Full' };
    const context = it.context();
    const evidence = await verify({ ...context, request: { ...context.request, ...full } });
    expect(evidence).toMatchObject({ rows: 1000 + 40 + 1 + 1 + 1, content: expect.stringMatching(/^[0-9a-f]{16}$/) });
    await green.sql("UPDATE t5 SET writer = 'x' WHERE id = 7", 'bestie');
    expect(await outcome(it)).toBe('equal');
    expect(await outcome(it, full)).toBe(
      'clone-differs: table public.t5 in database bestie has other content on bestie2',
    );
  });

  test.each([
    ['timeline', { timeline: 7 }, 'the clone left timeline 1, the restore point is on 7'],
    ['system', { systemIdentifier: '7' }, 'blue is 7'],
  ])('finds that the clone is of another %s', async (_what, other, message) => {
    const { status } = it.ledger;
    const { decision } = status;
    if (!decision?.fence) throw new Error('no fence');
    it.write({ ...status, decision: { ...decision, fence: { ...decision.fence, ...other } } });
    expect(await outcome(it)).toContain(message);
    it.write(status);
  });

  test("green's roles are read-only by inheritance, and all but the application's own cannot log in", async () => {
    expect(await refusal(green, 'reporter', ['SELECT 1'])).toBe('28000');
    expect(await refusal(green, 'bestie', ["INSERT INTO t0 (writer) VALUES ('x')"])).toBe('25006');
  });

  test.each([
    [
      'a row more',
      "INSERT INTO t1 (writer) VALUES ('x')",
      "table public.t1 in database bestie has rows on bestie2 beyond bestie's",
    ],
    [
      'a sequence that moved',
      "SELECT setval('t9_id_seq', 5000)",
      'sequence public.t9_id_seq in database bestie stands at',
    ],
    [
      'a sequence that is behind',
      "SELECT setval('t5_id_seq', 3)",
      'sequence public.t5_id_seq in database bestie stands at 40',
    ],
    ['a table more', 'CREATE TABLE extra (n int)', 'table public.extra in database bestie is not on bestie'],
    ['a table less', 'DROP TABLE t20', 'table public.t20 in database bestie is not on bestie2'],
    ['a materialized view', 'REFRESH MATERIALIZED VIEW totals', 'pg_class'],
    ['a large object', "SELECT lo_from_bytea(0, 'another')", 'pg_largeobject_metadata'],
    ['a function', 'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 1$$', 'pg_proc'],
    [
      'an index less',
      'ALTER TABLE t7 DROP CONSTRAINT t7_pkey',
      'index public.t7_pkey in database bestie is not on bestie2',
    ],
    ['a role', 'CREATE ROLE stranger', 'role stranger is not on bestie'],
    ['a setting of a role', "ALTER ROLE reporter SET work_mem = '1GB'", 'role reporter has other attributes'],
    ['a membership', 'GRANT reporter TO bestie', 'role bestie has other attributes'],
    ['a setting of a database', 'ALTER DATABASE second SET work_mem = 64', 'pg_db_role_setting'],
    ['a database less', 'DROP DATABASE second', 'database second is not on bestie2'],
  ])('finds %s', async (_what, change, message) => {
    await green.sql(change, 'bestie');
    const found = await outcome(it);
    expect(found).toMatch(/^clone-differs: /);
    expect(found).toContain(message);
  });

  test('finds a table that was made in a template', async () => {
    await green.sql('CREATE TABLE made (n int)', 'blank');
    expect(await outcome(it)).toContain('table public.made in database blank is not on bestie');
  });

  test('finds a file that ends too early', async () => {
    const [row] = await green.sql<{ path: string }>("SELECT pg_relation_filepath('t0') AS path", 'bestie');
    await green.stop('SIGINT');
    truncateSync(join(green.data, row?.path ?? ''), 8192);
    await green.start();
    expect(await outcome(it)).toContain("table public.t0 in database bestie has rows on bestie beyond bestie2's");
  });

  test('caps what it names', async () => {
    await green.sql(Array.from({ length: 30 }, (_, n) => `CREATE TABLE surplus${n} (n int);`).join(''), 'bestie');
    expect(await outcome(it)).toMatch(/and \d+ more$/);
  });
});

test('Verify refuses a clone that ended elsewhere', async () => {
  const it = await Switch.open(template());
  try {
    await it.fenced();
    await it.blue.sql("SELECT pg_create_restore_point('another')");
    await it.blue.sql('SELECT pg_switch_wal()');
    const clone = await it.servers.clone(GREEN.name, 'another');
    it.servers.publish(GREEN.name, clone);
    expect(await outcome(it)).toContain('history says at restore point "another"');
  } finally {
    await it.close();
  }
});

test('a rehearsal: nothing is closed on blue; the clone is read-only as in the window, its rows are counted', async () => {
  const it = await Switch.open(template(), requestFor('Prepare'));
  try {
    const point = await restorePoint(it.context());
    it.write(withDone(it.ledger.status, it.request.digest, 'restore-point', new Date(), point));
    const clone = await it.servers.clone(GREEN.name, it.request.restorePoint);
    it.servers.publish(GREEN.name, clone);
    // Blue goes on: its rows and sequences say nothing, what is another structure is told.
    await it.blue.sql("INSERT INTO t1 (writer) SELECT 'meanwhile' FROM generate_series(1, 1000)", 'bestie');
    expect(await verify(it.context())).toEqual({
      ...{ endedAt: point['lsn'], endedBecause: expect.any(String), timeline: 1 },
      ...{ databases: 4, tables: expect.any(Number), sequences: 30 },
    });
    await clone.sql('CREATE TABLE extra (n int)', 'bestie');
    const context = it.context();
    expect(await verify({ ...context, request: { ...context.request, verify: 'Full' } })).toMatchObject({
      ...{ rows: 1000 + 1, differs: expect.stringContaining('table public.extra in database bestie is not on') },
    });
    expect(await refusal(clone, 'bestie', ["INSERT INTO t0 (writer) VALUES ('x')"])).toBe('25006');
    expect(await refusal(it.blue, 'bestie', ["INSERT INTO t0 (writer) VALUES ('x')"])).toBe('accepted');
  } finally {
    await it.close();
  }
});
