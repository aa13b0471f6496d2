import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { BlueGreen, TABLES } from '../../test/lab/postgres/blue-green.ts';
import { useTemplate } from '../../test/lab/postgres/use-template.ts';
import { overridingCanaries, writeCanary } from './canary.ts';
import { withSession } from './session.ts';

jest.setTimeout(60_000);

const template = useTemplate();
const names = Array.from({ length: TABLES }, (_, n) => `t${n}`);
let servers: BlueGreen;

beforeAll(async () => {
  servers = await BlueGreen.start(template());
  servers.publish('bestie', servers.blue);
  for (const statement of [
    'CREATE FUNCTION no_change() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION $e$no$e$; END$$',
    ...names.map(
      (name) => `CREATE TRIGGER no_change BEFORE INSERT OR UPDATE OR DELETE ON ${name} EXECUTE FUNCTION no_change()`,
    ),
    'CREATE FUNCTION no_definition() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION $e$no$e$; END$$',
    'CREATE EVENT TRIGGER no_definition ON ddl_command_start EXECUTE FUNCTION no_definition()',
  ]) {
    await servers.blue.sql(statement, 'bestie');
  }
});
afterAll(() => servers.stop());

const canary = (role: string, database: string, begin?: 'BEGIN READ WRITE'): ReturnType<typeof writeCanary> =>
  withSession(servers.openBlue(database), async (session) => {
    await session.query(`SET SESSION AUTHORIZATION ${role}`);
    return writeCanary(session, begin, 1);
  });

test.each(['bestie', 'reporter'])("no trigger of the user's sees the write of %s", async (role) => {
  const settings = 'SELECT setconfig FROM pg_db_role_setting ORDER BY 1';
  const before = await servers.blue.sql(settings);
  expect(await canary(role, 'bestie')).toMatchObject({ sqlstate: '00000', mayWrite: true, table: expect.any(String) });
  expect(await servers.blue.sql(settings)).toEqual(before);
});

test('a write that is refused is told from one that a lock stops, and from a role that may write nothing', async () => {
  const plain = await withSession(servers.openBlue('bestie'), async (session) => {
    await session.query('SET SESSION AUTHORIZATION bestie');
    await session.query('SET default_transaction_read_only = on');
    return writeCanary(session);
  });
  expect(plain).toMatchObject({ sqlstate: '25006' });
  const holder = await servers.blue.client('postgres');
  await holder.query('BEGIN');
  await holder.query(`LOCK TABLE ${names.join(', ')} IN SHARE MODE`);
  expect(await canary('bestie', 'bestie', 'BEGIN READ WRITE')).toMatchObject({ sqlstate: '55P03' });
  await holder.end();
  // Before 15 everybody may make a table there.
  await servers.blue.sql('REVOKE CREATE ON SCHEMA public FROM PUBLIC', 'second');
  const nothing = await canary('reporter', 'second');
  expect(nothing).toMatchObject({ mayWrite: false, table: undefined });
});

test('each role that may change rows is found by its grants: own, of a group, of everybody, of a role for all data', async () => {
  for (const statement of [
    'DROP EVENT TRIGGER no_definition',
    'CREATE TABLE given (n int, m int)',
    'CREATE TABLE kept (n int)',
    'CREATE ROLE grouped LOGIN; GRANT reporter TO grouped',
    'CREATE ROLE apart LOGIN NOINHERIT; GRANT reporter TO apart',
    'CREATE ROLE everything LOGIN; GRANT pg_write_all_data TO everything',
    'CREATE ROLE columns LOGIN; GRANT INSERT (n) ON given TO columns',
    'CREATE ROLE reading LOGIN; GRANT SELECT ON given TO reading',
    'CREATE ROLE outside LOGIN; CREATE SCHEMA closed CREATE TABLE inside (n int)',
    'GRANT INSERT ON closed.inside TO outside',
    'CREATE ROLE owning LOGIN; ALTER TABLE kept OWNER TO owning; REVOKE ALL ON kept FROM owning',
  ]) {
    await servers.blue.sql(statement, 'bestie');
  }
  const all = ['apart', 'bestie', 'columns', 'everything', 'grouped', 'outside', 'owning', 'reading', 'reporter'];
  const canaries = (): ReturnType<typeof overridingCanaries> =>
    withSession(servers.openBlue('bestie'), (session) => overridingCanaries(session, all));
  const writing = ['bestie', 'everything', 'grouped', 'reporter'];
  expect((await canaries()).map(({ role, sqlstate }) => [role, sqlstate])).toEqual(
    writing.map((role) => [role, '00000']),
  );
  await servers.blue.sql('GRANT TRUNCATE ON given TO PUBLIC', 'bestie');
  expect((await canaries()).map(({ role }) => role)).toEqual(all);
});
