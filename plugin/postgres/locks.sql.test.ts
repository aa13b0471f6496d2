import { afterEach, expect, jest, test } from '@jest/globals';
import { BlueGreen } from '../../test/lab/postgres/blue-green.ts';
import { REAL_CLOCK } from '../../test/lab/postgres/real-clock.ts';
import { refusal } from '../../test/lab/postgres/refusal.ts';
import { useTemplate } from '../../test/lab/postgres/use-template.ts';
import { endSessions } from './end-sessions.ts';
import { unheldProblems } from './evidence.ts';
import { lockEverything, type HeldLocks } from './locks.ts';
import { applicationDatabases, type LockedFor } from './relations.ts';
import type { Session } from './session.ts';

jest.setTimeout(60_000);

const template = useTemplate();
let servers: BlueGreen | undefined;
const open: Session[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((session) => session.close()));
  await servers?.stop();
});

const wait = { clock: REAL_CLOCK, seconds: 10 };

async function start(): Promise<{ servers: BlueGreen; helper: Session }> {
  servers = await BlueGreen.start(template());
  servers.publish('bestie', servers.blue);
  await servers.blue.sql('GRANT CREATE ON DATABASE bestie TO bestie');
  return { servers, helper: await connected(servers, 'postgres') };
}

async function connected(to: BlueGreen, database: string): Promise<Session> {
  const session = await to.openBlue(database);
  open.push(session);
  return session;
}

interface Locked {
  readonly sessions: readonly Session[];
  readonly held: readonly HeldLocks[];
}

async function lock(
  to: BlueGreen,
  helper: Session,
  lockedFor: LockedFor,
  besides: Locked['held'] = [],
): Promise<Locked> {
  const sessions: Session[] = [];
  for (const database of await applicationDatabases(helper)) sessions.push(await connected(to, database));
  const locking = { sessions, helper, lockedFor, besides: besides.map(({ pid }) => pid) };
  const { held = [] } = await lockEverything(locking, wait);
  expect(held).toHaveLength(sessions.length);
  return { sessions, held };
}

const overriding = (to: BlueGreen, statement: string): Promise<string> =>
  refusal(to.blue, 'bestie', ['BEGIN READ WRITE', "SET LOCAL lock_timeout = '300ms'", statement, 'COMMIT']);

/** Of every kind that no table lock stops. */
const DEFINITIONS = [
  'CREATE TABLE other AS SELECT * FROM t0',
  'REFRESH MATERIALIZED VIEW totals',
  'CREATE INDEX ON t0 (n)',
  'GRANT SELECT ON t0 TO PUBLIC',
  'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 1$$',
  'CREATE TYPE mood AS ENUM ($$happy$$)',
  'CREATE SCHEMA mine',
  'CREATE PUBLICATION mine',
  'CREATE COLLATION mine FROM "C"',
  "COMMENT ON TABLE t0 IS 'mine'",
  'CREATE TEMPORARY TABLE scratch (n int)',
];

test("a commit's locks stop every change of a catalog, beside the keeper's, which stop no temporary table", async () => {
  const { servers: to, helper } = await start();
  const keeper = await lock(to, helper, 'fence');
  expect(await overriding(to, 'CREATE TEMPORARY TABLE scratch (id serial PRIMARY KEY, note text)')).toBe('accepted');
  expect(await overriding(to, 'SELECT lo_create(0)')).toBe('55P03');
  const commit = await lock(to, helper, 'commit', keeper.held);
  for (const statement of DEFINITIONS)
    expect([statement, await overriding(to, statement)]).toEqual([statement, '55P03']);
  expect(await unheldProblems(commit.sessions, keeper.held)).toEqual([]);
});

test('a table that was made since the fence was raised is found not to be held', async () => {
  const { servers: to, helper } = await start();
  const keeper = await lock(to, helper, 'fence');
  expect(await overriding(to, 'CREATE TABLE late (n int)')).toBe('accepted');
  const commit = await lock(to, helper, 'commit', keeper.held);
  const problem = 'table public.late in database bestie was made since the fence was raised';
  expect(await unheldProblems(commit.sessions, keeper.held)).toEqual([problem]);
});

test('who has written something that no lock is on yet is ended before the locks count as had', async () => {
  const { servers: to, helper } = await start();
  const client = await to.blue.client('bestie');
  await client.query('BEGIN');
  await client.query('CREATE TABLE late AS SELECT 1 AS n');
  await lock(to, helper, 'commit');
  expect(await client.query('COMMIT').catch(() => 'ended')).toBe('ended');
  expect(await to.blue.sql("SELECT FROM pg_class WHERE relname = 'late'", 'bestie')).toEqual([]);
});

test('E does not wait for a session that drops its temporary table and needs a catalog that we hold', async () => {
  const { servers: to, helper } = await start();
  const client = await to.blue.client('bestie');
  await client.query('CREATE TEMPORARY TABLE scratch (id serial PRIMARY KEY, note text)');
  const { sessions } = await lock(to, helper, 'commit');
  expect(await endSessions(helper, { roles: ['bestie'] }, wait)).toBe(true);
  const alive = "SELECT state FROM pg_stat_activity WHERE usename = 'bestie' AND wait_event_type = 'Lock'";
  expect(await to.blue.sql(alive)).toHaveLength(1);
  await Promise.all(sessions.map((session) => session.close()));
  expect(await client.query('SELECT 1').catch(() => 'ended')).toBe('ended');
});
