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
  ['pg_class', 'CREATE TABLE other AS SELECT * FROM t0'],
  ['pg_class', 'REFRESH MATERIALIZED VIEW totals'],
  ['pg_index', 'CREATE INDEX ON t0 (n)'],
  ['pg_class', 'GRANT SELECT ON t0 TO PUBLIC'],
  ['pg_proc', 'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 1$$'],
  ['pg_enum', 'CREATE TYPE mood AS ENUM ($$happy$$)'],
  ['pg_namespace', 'CREATE SCHEMA mine'],
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

test('temporary objects are of a session, and not told', async () => {
  const before = await digest();
  const client = await servers.blue.client('bestie');
  for (const statement of [
    'CREATE TEMPORARY TABLE scratch (id serial PRIMARY KEY, note text CHECK (note > $$$$))',
    "COMMENT ON COLUMN scratch.note IS 'of one session'",
    'CREATE TEMPORARY VIEW seen AS SELECT note FROM scratch',
    'CREATE TYPE pg_temp.mood AS ENUM ($$happy$$)',
    'CREATE FUNCTION pg_temp.f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$',
    'CREATE TRIGGER f BEFORE INSERT ON scratch FOR EACH ROW EXECUTE FUNCTION pg_temp.f()',
  ]) {
    await client.query(statement);
  }
  expect(changedParts(before, await digest())).toEqual([]);
  await client.end();
});

test.each(['VACUUM (FREEZE)', 'ANALYZE', 'CHECKPOINT'])('upkeep changes nothing: %s', async (statement) => {
  const before = await digest();
  await servers.blue.sql(statement, 'bestie');
  expect(changedParts(before, await digest())).toEqual([]);
});
