import type { Pool, PoolClient } from 'pg';
import { connectionLost, reasonOf, type Reason } from './database-error.ts';

/** What became of a write: committed, certainly not committed, or nobody knows. */
export type Outcome<T> =
  | { readonly kind: 'committed'; readonly value: T }
  | ({ readonly kind: 'refused' } & Reason)
  | ({ readonly kind: 'unknown' } & Reason);

/** Runs `work` in a transaction. Only a COMMIT that the server answered with COMMIT counts as committed. */
export async function write<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<Outcome<T>> {
  let client: PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    return { kind: 'refused', ...reasonOf(error) };
  }
  // The pool listens to idle connections only; here the rejected query says the same.
  const ignore = (): void => undefined;
  client.on('error', ignore);
  const outcome = await transaction(client, work);
  client.off('error', ignore);
  client.release(outcome.lost);
  return outcome.result;
}

interface Transaction<T> {
  readonly result: Outcome<T>;
  readonly lost: boolean;
}

async function transaction<T>(client: PoolClient, work: (client: PoolClient) => Promise<T>): Promise<Transaction<T>> {
  let committing = false;
  try {
    await client.query('BEGIN');
    const value = await work(client);
    committing = true;
    // PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK, which is no error.
    const { command } = await client.query('COMMIT');
    const message = 'COMMIT was answered with ROLLBACK';
    return {
      result: command === 'COMMIT' ? { kind: 'committed', value } : { kind: 'refused', sqlstate: '25P02', message },
      lost: false,
    };
  } catch (error) {
    const lost = connectionLost(error);
    if (committing && lost) return { result: { kind: 'unknown', ...reasonOf(error) }, lost };
    return { result: { kind: 'refused', ...reasonOf(error) }, lost: lost || !(await rolledBack(client)) };
  }
}

async function rolledBack(client: PoolClient): Promise<boolean> {
  try {
    await client.query('ROLLBACK');
    return true;
  } catch {
    return false;
  }
}
