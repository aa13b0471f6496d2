import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Instance } from '../../../test/lab/postgres/instance.ts';
import { refusal } from '../../../test/lab/postgres/refusal.ts';
import { Switch } from '../../../test/lab/postgres/switch.ts';
import { useTemplate } from '../../../test/lab/postgres/use-template.ts';
import { waitFor } from '../../../test/lab/wait-for.ts';
import { commit } from './commit/commit.ts';

jest.setTimeout(180_000);

const template = useTemplate();

const OPERATORS = ['_crunchypgbouncer', 'ccp_monitoring'];
const SEED = [
  "CREATE ROLE debezium LOGIN REPLICATION PASSWORD 'debezium-secret'",
  ...OPERATORS.map((role) => `CREATE ROLE ${role} LOGIN PASSWORD '${role}-secret'`),
  'CREATE ROLE _crunchymine LOGIN',
];
const SEED_BESTIE = [
  'CREATE SCHEMA monitor AUTHORIZATION ccp_monitoring',
  'CREATE TABLE monitor.seen (n int)',
  'ALTER TABLE monitor.seen OWNER TO ccp_monitoring',
  'CREATE TABLE heartbeat (n int)',
  'ALTER TABLE heartbeat OWNER TO debezium',
  `CREATE FUNCTION beat() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'INSERT INTO public.heartbeat VALUES (2)'`,
];
const WAIT = ['SET lock_timeout = 0', 'BEGIN READ WRITE'];

/** Every one of them overrides read-only and waits for its lock for ever: role, database, statement. */
const WRITERS = [
  ['debezium', 'bestie', 'INSERT INTO heartbeat VALUES (1)'],
  ['bestie', 'template1', 'INSERT INTO left_here VALUES (1)'],
  ['ccp_monitoring', 'bestie', 'INSERT INTO monitor.seen VALUES (1)'],
  ['postgres', 'bestie', "INSERT INTO t1 (writer) VALUES ('an administrator')"],
  ['reporter', 'bestie', 'SELECT beat()'],
] as const;

async function seeded(): Promise<Switch> {
  const it = await Switch.open(template());
  for (const statement of SEED) await it.blue.sql(statement);
  for (const statement of SEED_BESTIE) await it.blue.sql(statement, 'bestie');
  await it.blue.sql('CREATE TABLE left_here (n int)', 'template1');
  await it.blue.sql('ALTER TABLE left_here OWNER TO bestie', 'template1');
  return it;
}

describe('everybody is the application, except the operator', () => {
  let it: Switch;
  let green: Instance;
  let waiting: readonly Promise<string>[];
  let streamed: string;

  beforeAll(async () => {
    it = await seeded();
    // A walsender of the application's, from before the fence, that runs SQL like any session.
    const stream = await it.blue.client('debezium', 'bestie', undefined, { replication: 'database' });
    // Open transactions of those that no setting reaches.
    for (const [role, database, statement] of WRITERS.slice(2, 4)) {
      const client = await it.blue.client(role, database);
      await client.query('BEGIN');
      await client.query(statement);
    }
    await it.fenced();
    streamed = await stream.query('SELECT 1').then(
      () => 'alive',
      () => 'ended',
    );
    waiting = WRITERS.map(([role, database, statement]) =>
      refusal(it.blue, role, [...WAIT, statement, 'COMMIT'], database),
    );
    const locked = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND backend_type = 'client backend'";
    await waitFor(async () => (await it.blue.sql(locked)).length === WRITERS.length, {
      what: 'every writer waits',
      timeoutSeconds: 20,
    });
    green = await it.green(async (server) => {
      for (const role of OPERATORS) await server.sql(`ALTER ROLE ${role} PASSWORD 'of-its-own'`);
    });
    await commit(it.context());
  });
  afterAll(() => it.close());

  test('F1 fences every login role that is not spared by name and attributes, one with REPLICATION too', () => {
    const roles = new Set(it.decision.roles?.map(({ role }) => role));
    expect([...roles].sort()).toEqual(['_crunchymine', 'bestie', 'debezium', 'reporter']);
  });

  test('F3 holds every database that takes connections, templates too', () => {
    const databases = it.decision.fence?.holders.map(({ database }) => database);
    expect(databases).toEqual(['bestie', 'postgres', 'second', 'template1']);
  });

  test('F2 ends sessions over a replication connection, too', () => {
    expect(streamed).toBe('ended');
  });

  test('C1 nobody stands in the way of the locks: who waits or blocks is ended, and acknowledged nothing', async () => {
    expect(await Promise.all(waiting)).toEqual(WRITERS.map(() => '57P01'));
  });

  test('C6 after the commit only the spared can log in on blue, and green lets in who could before', async () => {
    expect(it.decision).toMatchObject({ state: 'Committed', blueClosed: expect.any(String) });
    for (const role of ['debezium', 'bestie', 'reporter']) expect(await refusal(it.blue, role, [])).toBe('28000');
    expect(await refusal(it.blue, 'ccp_monitoring', [])).toBe('accepted');
    expect(await refusal(green, 'debezium', ['INSERT INTO heartbeat VALUES (3)'])).toBe('accepted');
  });
});
