import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { BlueGreen } from '../../test/lab/postgres/blue-green.ts';
import { useTemplate } from '../../test/lab/postgres/use-template.ts';
import { catalogDigest, changedParts } from './fingerprint.ts';
import { withSession, type Session } from './session.ts';

jest.setTimeout(120_000);

const template = useTemplate();
let servers: BlueGreen;

beforeAll(async () => {
  servers = await BlueGreen.start(template());
  servers.publish('bestie', servers.blue);
  await servers.blue.sql('GRANT CREATE ON DATABASE bestie TO bestie');
});
afterAll(() => servers.stop());

const open = (database: string): Promise<Session> => servers.openBlue(database);

const digest = (): Promise<string> => withSession(open('postgres'), (session) => catalogDigest(session, open));

test.each([
  ['pg_collation', `CREATE COLLATION mine FROM "C"`],
  ['pg_ts_config', 'CREATE TEXT SEARCH CONFIGURATION mine (COPY = simple)'],
  ['pg_ts_dict', 'CREATE TEXT SEARCH DICTIONARY mine (TEMPLATE = simple)'],
  ['pg_publication', 'CREATE PUBLICATION mine FOR TABLE t0'],
  ['pg_description', "COMMENT ON TABLE t0 IS 'mine'"],
  ['pg_statistic_ext', 'CREATE STATISTICS mine ON writer, n FROM t0'],
  ['pg_operator', 'CREATE OPERATOR === (FUNCTION = int4eq, LEFTARG = int, RIGHTARG = int)'],
  ['pg_cast', 'CREATE DOMAIN mine AS text; CREATE CAST (t1 AS t2) WITH INOUT AS ASSIGNMENT'],
  ['pg_attribute', 'ALTER TABLE t0 ALTER n SET STATISTICS 9'],
  ['sequences', "SELECT nextval('t3_id_seq')"],
])('what a role that is no superuser can write is told: %s', async (part, statement) => {
  const before = await digest();
  await servers.blue.sql(`SET SESSION AUTHORIZATION bestie; ${statement}`, 'bestie');
  expect(changedParts(before, await digest())).toContain(part);
});

test('a database that was made is told', async () => {
  const before = await digest();
  await servers.blue.sql('CREATE DATABASE third');
  expect(changedParts(before, await digest())).toContain('pg_database');
});

test.each(['VACUUM (FREEZE)', 'ANALYZE', 'CHECKPOINT'])('upkeep changes nothing: %s', async (statement) => {
  const before = await digest();
  await servers.blue.sql(statement, 'bestie');
  expect(changedParts(before, await digest())).toEqual([]);
});
