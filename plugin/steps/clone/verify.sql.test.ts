import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Instance } from '../../../test/lab/postgres/instance.ts';
import { refusal } from '../../../test/lab/postgres/refusal.ts';
import { Switch } from '../../../test/lab/postgres/switch.ts';
import { useTemplate } from '../../../test/lab/postgres/use-template.ts';
import { textOf } from '../../errors/text-of.ts';
import { GREEN, requestFor } from '../testing/world.ts';
import { restorePoint } from './restore-point.ts';
import { verify } from './verify.ts';
import { withDone } from '../ledger/step-records.ts';

jest.setTimeout(120_000);

const template = useTemplate();

const outcome = (it: Switch): Promise<string> => verify(it.context()).then(() => 'equal', textOf);

describe('Verify', () => {
  let it: Switch;
  let green: Instance;

  beforeAll(async () => {
    it = await Switch.open(template());
    // Sequences run ahead in the WAL, large objects and a second database are part of a clone, too.
    await it.blue.sql("INSERT INTO t5 (writer) SELECT 'before' FROM generate_series(1, 40)", 'bestie');
    await it.blue.sql("SELECT lo_from_bytea(0, 'large')", 'bestie');
    await it.blue.sql("INSERT INTO notes VALUES (1, 'second database')", 'second');
    await it.fenced();
    green = await it.clone();
  });
  afterAll(() => it.close());

  test('the newest history of the clone names this restore point and its LSN; all is equal, with how much of it', async () => {
    const evidence = await verify(it.context());
    expect(evidence).toMatchObject({
      endedAt: it.decision.fence?.lsn,
      endedBecause: `at restore point "${it.request.restorePoint}"`,
      rows: 1000 + 40 + 1 + 1 + 1,
    });
  });

  test('can be run again', async () => {
    expect(await outcome(it)).toBe('equal');
  });

  test("green's roles are read-only by inheritance, and all but the application's own cannot log in", async () => {
    expect(await refusal(green, 'reporter', ['SELECT 1'])).toBe('28000');
    expect(await refusal(green, 'bestie', ["INSERT INTO t0 (writer) VALUES ('x')"])).toBe('25006');
  });

  test.each([
    [
      'a row more',
      "INSERT INTO t1 (writer) VALUES ('x')",
      'table public.t1 in database bestie has 0 rows on bestie and 1',
    ],
    [
      'a row changed',
      "UPDATE t0 SET writer = 'x' WHERE id = 7",
      'table public.t0 in database bestie has other content',
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
    ['a materialized view', 'REFRESH MATERIALIZED VIEW totals', 'table public.totals in database bestie'],
    ['a large object', "SELECT lo_from_bytea(0, 'another')", 'table pg_catalog.pg_largeobject in database bestie has'],
    ['a role', 'CREATE ROLE stranger', 'role stranger is not on bestie'],
    ['a setting of a role', "ALTER ROLE reporter SET work_mem = '1GB'", 'role reporter has other attributes'],
  ])('finds %s', async (_what, change, message) => {
    await green.sql(change, 'bestie');
    const found = await outcome(it);
    expect(found).toMatch(/^clone-differs: /);
    expect(found).toContain(message);
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
    expect(await verify(it.context())).toMatchObject({ rows: 1000 + 1, endedAt: point['lsn'] });
    expect(await refusal(clone, 'bestie', ["INSERT INTO t0 (writer) VALUES ('x')"])).toBe('25006');
    expect(await refusal(it.blue, 'bestie', ["INSERT INTO t0 (writer) VALUES ('x')"])).toBe('accepted');
  } finally {
    await it.close();
  }
});
