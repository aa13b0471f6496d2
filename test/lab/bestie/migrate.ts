import { Client } from 'pg';
import { log } from './log.ts';
import { seed } from './seed.ts';
import type { Settings } from './settings.ts';
import type { Version } from './versions.ts';

/** Any number that no other lock of the application uses: two migrations never run at once. */
const LOCK = 1_300_140;

/**
 * Brings the database to this version's schema, in one transaction, and seeds it if asked. Nothing to do is nothing
 * written: it succeeds on a read-only database then. `PGOPTIONS` is honoured, as by every client of libpq.
 * @throws Error of PostgreSQL (then nothing is changed), or that the database is newer than this version.
 */
export async function migrate({ version, database, seedRows }: Settings): Promise<void> {
  const client = new Client(database);
  // The rejected query says the same.
  client.on('error', () => undefined);
  await client.connect();
  try {
    if ((await applied(client, version)) < version.migrations.length) await applyMissing(client, version);
    log('schema', { version: version.schema });
    await seed(client, version, seedRows);
  } finally {
    await client.end();
  }
}

async function applyMissing(client: Client, version: Version): Promise<void> {
  await client.query('BEGIN');
  await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
  // Counted again: another migration may have been under way until the lock was ours.
  for (const [index, { version: target, statements }] of version.migrations.entries()) {
    if (index < (await applied(client, version))) continue;
    for (const statement of statements) await client.query(statement);
    await client.query('INSERT INTO bestie.schema_version (ordinal, version) VALUES ($1, $2)', [index, target]);
    log('migrated', { to: target });
  }
  await client.query('COMMIT');
}

/** How many of the version's migrations the database has. */
async function applied(client: Client, { name, migrations }: Version): Promise<number> {
  const { rows: tables } = await client.query<{ found: boolean }>(
    "SELECT to_regclass('bestie.schema_version') IS NOT NULL AS found",
  );
  if (tables[0]?.found !== true) return 0;
  const { rows } = await client.query<{ version: string }>(
    'SELECT version FROM bestie.schema_version ORDER BY ordinal',
  );
  const stranger = rows.find(({ version }, index) => migrations[index]?.version !== version);
  if (stranger) throw new Error(`the database has schema ${stranger.version}, which version ${name} does not know`);
  return rows.length;
}
