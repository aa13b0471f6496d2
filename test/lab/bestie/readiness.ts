import { reasonOf } from './database-error.ts';
import { read, type Database } from './read.ts';
import type { Version } from './versions.ts';

/**
 * Why this version cannot serve on the database as it is; undefined when it can. Only reads, so a read-only database is
 * as good as any. The recorded version alone would not do: the columns are asked for as well.
 */
export async function whyNotReady(database: Database, { schema, nameColumn }: Version): Promise<string | undefined> {
  try {
    const { rows } = await read<{ version: string }>(
      database,
      'SELECT version FROM bestie.schema_version ORDER BY ordinal DESC LIMIT 1',
    );
    const found = rows[0]?.version;
    if (found !== schema) return `the database has schema ${found ?? 'none'}, this version needs ${schema}`;
    await read(database, `SELECT id, token, ${nameColumn}, seq FROM bestie.pets LIMIT 1`);
    return undefined;
  } catch (error) {
    const { sqlstate, message } = reasonOf(error);
    return `${sqlstate ?? 'no connection'}: ${message}`;
  }
}
