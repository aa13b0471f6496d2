import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { refusal } from '../../../../test/lab/postgres/refusal.ts';
import { Switch, type Keeper } from '../../../../test/lab/postgres/switch.ts';
import { useTemplate } from '../../../../test/lab/postgres/use-template.ts';
import type { Decision } from '../../../lifecycle/status.ts';
import { currentSnapshot } from '../../../postgres/committed-since.ts';
import { denyLogin } from '../../../postgres/roles.ts';
import { withSession, type Session } from '../../../postgres/session.ts';
import { blueWrites } from './blue-writes.ts';

jest.setTimeout(120_000);

const template = useTemplate();
let it: Switch;
let keeper: Keeper;

beforeAll(async () => {
  // An autovacuum's ANALYZE would be a transaction, too.
  it = await Switch.open(template(), {}, { autovacuum: 'off' });
  // The first one after a checkpoint is in the WAL, with 32 values to come.
  await it.blue.sql("SELECT nextval('t0_id_seq')", 'bestie');
  keeper = await it.fenced();
});
afterAll(() => it.close());

const open = (database: string): Promise<Session> => it.servers.openBlue(database);

const look = (decision: Decision = it.decision): ReturnType<typeof blueWrites> =>
  withSession(open('postgres'), (session) => blueWrites(session, open, decision));

const override = (statement: string): Promise<string> =>
  refusal(it.blue, 'bestie', ['SET default_transaction_read_only = off', "SET lock_timeout = '300ms'", statement]);

/** As if the fence had been raised now. */
async function fencedNow(): Promise<Decision> {
  const { fence } = it.decision;
  if (!fence) throw new Error('no fence');
  return { ...it.decision, fence: { ...fence, snapshot: await withSession(open('postgres'), currentSnapshot) } };
}

test('nothing was written: writers that were refused, and sequences within what the clone has already', async () => {
  expect(await override("INSERT INTO t0 (writer) VALUES ('x')")).toBe('55P03');
  expect(await override("SELECT nextval('t0_id_seq') FROM generate_series(1, 3)")).toBe('accepted');
  expect(await look()).toEqual({ lostWrites: 0 });
});

test("others' transactions may be committed: under the locks, and with the same catalogs, they wrote no row", async () => {
  const [row] = await it.blue.sql<{ xid: string }>('SELECT pg_current_xact_id()::text AS xid');
  // The sequence is ahead of the evidence since the test before.
  expect(await look()).toEqual({
    blueWrites: `transactions ${row?.xid ?? ''} were committed since the fence, and these changed: sequences`,
  });
  await it.blue.sql("SELECT setval('t0_id_seq', 1001)", 'bestie');
  expect(await look()).toEqual({ lostWrites: 0 });
});

test.each([
  ['a catalog that no lock holds', 'CREATE COLLATION mine FROM "C"', /these changed: .*pg_collation/],
  ['a sequence that was set', "SELECT setval('t1_id_seq', 500)", /these changed: .*sequences/],
  ['a password', "ALTER ROLE bestie PASSWORD 'bestie-secret'", /these changed: .*roles/],
])('what got past the locks is told: %s', async (_what, statement, message) => {
  expect(await override(statement)).toBe('accepted');
  expect(await look()).toEqual({ blueWrites: expect.stringMatching(message) });
});

test('without the locks of the fence, transactions alone decide; closing blue is our own', async () => {
  await keeper.kill();
  const decision = await fencedNow();
  expect(await look(decision)).toEqual({ lostWrites: 0 });
  // Whoever closed it may have died before that was recorded.
  const close = (): Promise<void> => withSession(open('postgres'), (session) => denyLogin(session, ['reporter']));
  await close();
  await close();
  expect(await look(decision)).toEqual({ lostWrites: 0 });
  expect(await override("INSERT INTO t0 (writer) VALUES ('late')")).toBe('accepted');
  expect(await look(decision)).toEqual({
    blueWrites: expect.stringMatching(/^transactions \d+ were committed since the fence, and the locks did not last/),
  });
});

test('on another server nothing is known', async () => {
  const decision = await fencedNow();
  if (!decision.fence) throw new Error('no fence');
  const fence = { ...decision.fence, timeline: 7 };
  expect(await look({ ...decision, fence })).toEqual({ blueWrites: expect.stringContaining('blue failed over') });
});
