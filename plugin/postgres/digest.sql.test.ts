import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { BlueGreen } from '../../test/lab/postgres/blue-green.ts';
import { useTemplate } from '../../test/lab/postgres/use-template.ts';
import { relationsOf, tableDigest, useTextSettings, type TableDigest } from './digest.ts';
import { withSession } from './session.ts';

jest.setTimeout(120_000);

const template = useTemplate();
let servers: BlueGreen;
beforeAll(async () => {
  servers = await BlueGreen.start(template());
  servers.publish('bestie', servers.blue);
});
afterAll(() => servers.stop());

async function digestOf(table: string): Promise<TableDigest> {
  return withSession(servers.openBlue('bestie'), async (session) => {
    await useTextSettings(session);
    const relation = (await relationsOf(session, 'table')).find(({ name }) => name === table);
    if (!relation) throw new Error(`no table ${table}`);
    return tableDigest(session, relation);
  });
}

/** Whether the digest sees a change. */
async function sees(table: string, change: string): Promise<boolean> {
  const before = await digestOf(table);
  await servers.blue.sql(change, 'bestie');
  return (await digestOf(table)).hash !== before.hash;
}

test("a column of our row's name hides none of the others", async () => {
  await servers.blue.sql("CREATE TABLE named (t int, other text); INSERT INTO named VALUES (1, 'a')", 'bestie');
  expect(await sees('public.named', "UPDATE named SET other = 'b'")).toBe(true);
  expect(await sees('public.named', 'UPDATE named SET t = 2')).toBe(true);
});

test('a cast, a function and an operator of the user are not met', async () => {
  await servers.blue.sql(
    `CREATE TABLE cast_away (id int, note text); INSERT INTO cast_away VALUES (1, 'a');
     CREATE FUNCTION always(cast_away) RETURNS text LANGUAGE sql AS $$ SELECT 'same' $$;
     CREATE CAST (cast_away AS text) WITH FUNCTION always(cast_away) AS IMPLICIT;
     CREATE FUNCTION hashtextextended(text, bigint) RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint'`,
    'bestie',
  );
  expect(await sees('public.cast_away', "UPDATE cast_away SET note = 'b'")).toBe(true);
});

test.each([
  ['numeric', '1.0', '1.00'],
  ['float8', '0', '-0'],
  ['char(3)', 'a', 'b'],
  ['json', '{"a":1}', '{"a": 1}'],
  ['jsonb', '{"a":1.0}', '{"a":1.00}'],
  ['xml', '<a/>', '<b/>'],
  ['point', '(1,2)', '(1,3)'],
  ['text[]', '{a}', '{b}'],
  ['bytea', '\\x00', '\\x01'],
  ['uuid', '00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000001'],
  ['timestamptz', '2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'],
  ['mood', 'sad', 'glad'],
  ['pair', '(1,)', '(,1)'],
  ['one_text', 'a', 'b'],
  ['insensitive', 'a', 'A'],
  ['int4range', '[1,2)', '[1,3)'],
  ['tsvector', 'a', 'b'],
])('sees %s change from %s to %s, and to NULL', async (type, from, to) => {
  await servers.blue.sql(
    `DO $$ BEGIN IF to_regtype('mood') IS NULL THEN
       CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE TYPE pair AS (a int, b int); CREATE DOMAIN one_text AS text;
       CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
       CREATE DOMAIN insensitive AS text COLLATE blind;
     END IF; END $$;
     DROP TABLE IF EXISTS typed; CREATE TABLE typed (id int, value ${type}); INSERT INTO typed VALUES (1, '${from}')`,
    'bestie',
  );
  expect(await sees('public.typed', 'UPDATE typed SET id = id')).toBe(false);
  expect(await sees('public.typed', `UPDATE typed SET value = '${to}'`)).toBe(true);
  expect(await sees('public.typed', 'UPDATE typed SET value = NULL')).toBe(true);
});

test('an empty text is not NULL, and a table without columns has rows', async () => {
  await servers.blue.sql(
    `CREATE TABLE blank (a text, b json[]); INSERT INTO blank VALUES ('', '{}');
     CREATE TABLE bare (); INSERT INTO bare DEFAULT VALUES`,
    'bestie',
  );
  expect(await sees('public.blank', 'UPDATE blank SET a = NULL')).toBe(true);
  expect(await digestOf('public.bare')).toMatchObject({ rows: 1 });
});

test('a row of more than 1 GB as text can be read', async () => {
  await servers.blue.sql(
    `CREATE TABLE wide (a bytea, b bytea);
     ALTER TABLE wide ALTER a SET STORAGE EXTERNAL, ALTER b SET STORAGE EXTERNAL;
     INSERT INTO wide SELECT x, x FROM (SELECT decode(repeat('00', 280000000), 'hex') AS x) AS s`,
    'bestie',
  );
  expect(await digestOf('public.wide')).toMatchObject({ rows: 1 });
}, 300_000);
