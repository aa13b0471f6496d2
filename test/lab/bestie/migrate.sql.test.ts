import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { startTestbed, type Testbed } from './testbed.ts';

jest.setTimeout(60_000);

let bed: Testbed;
beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(() => bed.stop());

const schemaOf = (database: string): Promise<readonly { ordinal: number; version: string }[]> =>
  bed.asSuperuser(database, async (client) => {
    const { rows } = await client.query<{ ordinal: number; version: string }>(
      'SELECT ordinal, version FROM bestie.schema_version ORDER BY ordinal',
    );
    return rows;
  });

const columnsOf = (database: string): Promise<readonly string[]> =>
  bed.asSuperuser(database, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute
       WHERE attrelid = 'bestie.pets'::regclass AND attnum > 0 ORDER BY attnum`,
    );
    return rows.map(({ name }) => name);
  });

const count = (database: string): Promise<number> =>
  bed.asSuperuser(database, async (client) => {
    const { rows } = await client.query<{ n: string }>('SELECT count(*) AS n FROM bestie.pets');
    return Number(rows[0]?.n);
  });

test('1.3 makes its schema and the seed, once', async () => {
  const database = await bed.createDatabase();
  await bed.migrate('1.3', database, { BESTIE_SEED_ROWS: '995' });
  await bed.migrate('1.3', database, { BESTIE_SEED_ROWS: '995' });
  expect(await count(database)).toBe(995);
  expect(await schemaOf(database)).toEqual([{ ordinal: 0, version: '1.3' }]);
  await bed.migrate('1.3', database, { BESTIE_SEED_ROWS: '1500' });
  expect(await count(database)).toBe(1500);
});

test('1.4 changes what 1.3 made, keeps every row, and does it once', async () => {
  const database = await bed.createDatabase();
  await bed.migrate('1.3', database, { BESTIE_SEED_ROWS: '100' });
  await bed.migrate('1.4', database);
  await bed.migrate('1.4', database);
  expect(await columnsOf(database)).toEqual(['id', 'token', 'full_name', 'seq', 'owner_id', 'species']);
  expect(await count(database)).toBe(100);
  expect(await schemaOf(database)).toEqual([
    { ordinal: 0, version: '1.3' },
    { ordinal: 1, version: '1.4' },
  ]);
});

test('two migrations at once change the schema once', async () => {
  const database = await bed.createDatabase();
  await bed.migrate('1.3', database);
  await Promise.all([bed.migrate('1.4', database), bed.migrate('1.4', database), bed.migrate('1.4', database)]);
  expect(await schemaOf(database)).toHaveLength(2);
});

test('the broken 1.4 fails half-way and leaves the schema of 1.3', async () => {
  const database = await bed.createDatabase();
  await bed.migrate('1.3', database, { BESTIE_SEED_ROWS: '10' });
  await expect(bed.migrate('1.4-broken', database)).rejects.toThrow('fails here, on purpose');
  expect(await columnsOf(database)).toContain('name');
  expect(await schemaOf(database)).toEqual([{ ordinal: 0, version: '1.3' }]);
  await bed.migrate('1.4', database);
  expect(await columnsOf(database)).toContain('full_name');
});

test('1.3 refuses a database that 1.4 has migrated', async () => {
  const database = await bed.createDatabase();
  await bed.migrate('1.4', database);
  await expect(bed.migrate('1.3', database)).rejects.toThrow('the database has schema 1.4');
});

test('PGOPTIONS lets it write to a database that is read-only by default', async () => {
  const database = await bed.createDatabase();
  await bed.migrate('1.3', database);
  await bed.setReadOnly(database);
  await expect(bed.migrate('1.4', database)).rejects.toMatchObject({ code: '25006' });
  // Nothing to do needs no write.
  await bed.migrate('1.3', database);
  process.env['PGOPTIONS'] = '-c default_transaction_read_only=off';
  try {
    await bed.migrate('1.4', database);
  } finally {
    delete process.env['PGOPTIONS'];
  }
  expect(await schemaOf(database)).toHaveLength(2);
});
