import { Client, type ClientConfig, type Pool, type QueryResult, type QueryResultRow } from 'pg';
import { connectionLost } from './database-error.ts';

export interface Database {
  readonly pool: Pool;
  readonly config: ClientConfig;
}

/**
 * Runs one SELECT; once more, if its session was ended under it. The second attempt has a connection of its own, made
 * now: who ends one session of a pool ends them all, and the pool may hand out another that does not know yet.
 */
export async function read<Row extends QueryResultRow>(
  { pool, config }: Database,
  sql: string,
  values: readonly unknown[] = [],
): Promise<QueryResult<Row>> {
  try {
    return await pool.query<Row>(sql, [...values]);
  } catch (error) {
    if (!connectionLost(error)) throw error;
  }
  const client = new Client(config);
  // The rejected query says the same.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await client.query<Row>(sql, [...values]);
  } finally {
    await client.end();
  }
}
