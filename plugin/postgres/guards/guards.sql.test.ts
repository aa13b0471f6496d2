import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { BlueGreen } from '../../../test/lab/postgres/blue-green.ts';
import { REAL_CLOCK } from '../../../test/lab/postgres/real-clock.ts';
import { useTemplate } from '../../../test/lab/postgres/use-template.ts';
import { POSTGRES } from '../../../test/lab/postgres/versions.ts';
import { waitFor } from '../../../test/lab/wait-for.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import { guardProblems } from './guards.ts';
import { withSession, type Session } from '../session.ts';

jest.setTimeout(120_000);

const template = useTemplate();
let servers: BlueGreen | undefined;
afterEach(() => servers?.stop());

async function start(settings: Readonly<Record<string, string>> = {}): Promise<BlueGreen> {
  servers = await BlueGreen.start(template(), settings);
  servers.publish('bestie', servers.blue);
  return servers;
}

async function problems(of: BlueGreen, accepted: StepRequest['accepted'] = {}): Promise<readonly string[]> {
  const open = (database: string): Promise<Session> => of.openBlue(database);
  const request = { accepted, database: { user: 'bestie', databases: ['bestie'], postgresVersion: 15 } };
  return withSession(open('postgres'), (session) =>
    guardProblems({ session, request, open }, { clock: REAL_CLOCK, seconds: 20, everyMilliseconds: 100 }),
  );
}

/** A library of this name, as far as its name goes. */
async function preload({ folder, blue }: BlueGreen, name: string): Promise<void> {
  const [row] = await blue.sql<{ folder: string }>("SELECT setting AS folder FROM pg_config WHERE name = 'PKGLIBDIR'");
  copyFileSync(join(row?.folder ?? '', 'plpgsql.so'), join(folder, `${name}.so`));
  blue.configure({ shared_preload_libraries: join(folder, name) });
  await blue.stop('SIGINT');
  await blue.start();
}

test('Preflight finds nothing where there is nothing', async () => {
  expect(await problems(await start())).toEqual([]);
});

test('Preflight names everything that a fence or a clone would miss, all at once', async () => {
  const it = await start();
  const { blue } = it;
  await preload(it, 'pg_cron');
  await blue.sql('CREATE ROLE dba LOGIN SUPERUSER');
  await blue.sql('CREATE ROLE sneaky LOGIN IN ROLE dba');
  await blue.sql('CREATE UNLOGGED TABLE filled AS SELECT 1 AS n', 'bestie');
  await blue.sql('CREATE UNLOGGED TABLE empty (n int)', 'bestie');
  await blue.sql(
    `CREATE SUBSCRIPTION feed CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false, slot_name = 'feed')`,
    'second',
  );
  await blue.sql('ALTER SUBSCRIPTION feed ENABLE', 'second');
  await blue.sql("SELECT pg_create_logical_replication_slot('cdc', 'pgoutput')", 'second');
  const client = await blue.client('bestie');
  await client.query('BEGIN');
  await client.query("INSERT INTO t0 (writer) VALUES ('prepared')");
  await client.query("PREPARE TRANSACTION 'left behind'");
  await client.end();
  const found = await problems(it);
  for (const part of [
    'role dba is a superuser',
    'role sneaky may become superuser dba',
    "prepared transaction 'left behind' in database bestie",
    'table public.filled in database bestie is unlogged and has rows',
    'subscription feed in database second is enabled',
    'logical replication slot cdc of database second has no copy on green',
    "background worker 'pg_cron' runs on blue",
  ]) {
    expect(found).toContainEqual(expect.stringContaining(part));
  }
  expect(found).toHaveLength(7);
  expect(await problems(it, { lostSlots: true, backgroundWorkers: true })).toHaveLength(5);
});

test('Preflight refuses an event trigger of logins that may write; before 17 there is none', async () => {
  const it = await start();
  const run = (statement: string): Promise<unknown> => it.blue.sql(statement, 'second').catch(() => undefined);
  await run('CREATE FUNCTION at_login() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$');
  await run('CREATE EVENT TRIGGER audit ON login EXECUTE FUNCTION at_login()');
  const found = expect.stringContaining('event trigger audit of database second runs at every login');
  expect(await problems(it)).toEqual(Number(POSTGRES) < 17 ? [] : [found]);
  for (const mend of ['ALTER FUNCTION at_login STABLE', 'ALTER EVENT TRIGGER audit DISABLE']) {
    await run('ALTER FUNCTION at_login VOLATILE');
    await run(mend);
    expect(await problems(it)).toEqual([]);
  }
});

test('Preflight refuses a read-only setting that would be put back after the commit, wherever it comes from', async () => {
  const it = await start();
  const hand = await it.blue.client('postgres', 'postgres', '-c default_transaction_read_only=off');
  for (const [set, reset] of [
    ['ALTER SYSTEM SET', 'ALTER SYSTEM RESET'],
    ['ALTER ROLE ALL SET', 'ALTER ROLE ALL RESET'],
    ['ALTER DATABASE bestie SET', 'ALTER DATABASE bestie RESET'],
    ['ALTER ROLE bestie SET', 'ALTER ROLE "bestie" RESET'],
    ['ALTER ROLE bestie IN DATABASE bestie SET', 'ALTER ROLE "bestie" IN DATABASE "bestie" RESET'],
  ] as const) {
    await hand.query(`${set} default_transaction_read_only = true`);
    await hand.query('SELECT pg_reload_conf()');
    const found = 'role bestie is read-only in database bestie, and green would be, too: ';
    expect(await problems(it)).toEqual([`${found}${reset} default_transaction_read_only`]);
  }
  await hand.query('ALTER ROLE bestie IN DATABASE bestie SET default_transaction_read_only = off');
  await hand.end();
  expect(await problems(it)).toEqual([]);
});

test('Preflight refuses more relations than the lock table holds', async () => {
  const it = await start({ max_locks_per_transaction: '10', max_connections: '16', max_prepared_transactions: '0' });
  await it.blue.sql(Array.from({ length: 60 }, (_, n) => `CREATE TABLE more${n} (n int);`).join(''), 'bestie');
  expect(await problems(it)).toEqual([
    expect.stringMatching(/^keeper and commit need \d+ locks, and the lock table has room for 160: raise/),
  ]);
});

test('Preflight refuses an application that has taken the connections which the steps need', async () => {
  const it = await start({ max_connections: '20' });
  const clients = await Promise.all(Array.from({ length: 10 }, () => it.blue.client('bestie')));
  expect(await problems(it)).toEqual([
    '10 of 20 connections are taken and 3 kept for superusers, of which keeper and commit need 13: ' +
      'set superuser_reserved_connections to 13, or give the application fewer',
  ]);
  await Promise.all(clients.map((client) => client.end()));
});

test('Preflight refuses an anti-wraparound vacuum', async () => {
  const it = await start({ autovacuum_freeze_max_age: '100000', autovacuum_naptime: '1' });
  // It waits for this lock, as it would for the fence; one that runs gives its lock to nobody.
  const holder = await it.blue.client('postgres');
  await holder.query('BEGIN');
  await holder.query('LOCK TABLE t0 IN SHARE MODE');
  await it.blue.sql('CREATE TABLE burnt (n int)', 'second');
  await it.blue.sql(
    `DO $$ BEGIN FOR n IN 1..110000 LOOP BEGIN INSERT INTO burnt VALUES (n); EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP; END $$`,
    'second',
  );
  const seen = `SELECT FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND query LIKE '%t0 (to prevent wraparound)%'`;
  await waitFor(async () => (await it.blue.sql(seen)).length > 0, { what: 'the vacuum waits', timeoutSeconds: 60 });
  const found = await problems(it);
  expect(found.length).toBeGreaterThan(0);
  for (const problem of found) expect(problem).toMatch(/^an anti-wraparound vacuum runs in database \w+ \(pid \d+\)/);
  await holder.end();
});

test('Preflight refuses when archiving does not work, and says what failed last', async () => {
  const it = await start();
  await it.blue.sql("ALTER SYSTEM SET archive_command = 'false'");
  await it.blue.sql('SELECT pg_reload_conf()');
  expect(await problems(it)).toEqual([
    expect.stringMatching(/^archiving does not work: [0-9A-F]{24} did not reach the archive within 20 s/),
  ]);
});
