import { setTimeout as delay } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';
import { TOKEN_PREFIX } from './acknowledged.ts';
import type { ClientContext } from './client.ts';
import { reasonOf } from './error-code.ts';

/**
 * Three ways round `default_transaction_read_only`: a setting of the session's own, a transaction's own mode, and the
 * first once more with the patience to wait for a lock for ever.
 */
const WAYS = [
  { options: '-c default_transaction_read_only=off', begin: 'BEGIN' },
  { options: '', begin: 'BEGIN READ WRITE' },
  { options: '-c default_transaction_read_only=off -c lock_timeout=0', begin: 'BEGIN' },
] as const;

type Way = (typeof WAYS)[number];
export const wayOf = (index: number): Way => WAYS[index % WAYS.length] ?? WAYS[0];

/** The schema of version 1.3: what blue has. */
const INSERT = 'INSERT INTO bestie.pets (token, name) VALUES ($1, $2) RETURNING id';

/** A login is expensive for the server, one that it refuses as well. */
const RECONNECT_MILLISECONDS = 250;

/** Inserts straight into the database as the application's role until stopped; connects again whenever it must. */
export async function overrider(name: string, config: ClientConfig, way: Way, context: ClientContext): Promise<void> {
  const { writes, statistics, stopped, pause, now } = context;
  const refused = (error: unknown, result: 'refused' | 'unknown' = 'refused'): void => {
    statistics.write({ channel: 'direct', result, reason: reasonOf(error) });
  };
  let turn = 0;
  while (!stopped()) {
    const client = new Client({ ...config, options: way.options });
    // The rejected query says the same.
    client.on('error', () => undefined);
    try {
      await client.connect();
      do {
        turn += 1;
        await pause();
      } while ((await insert(client, `${name}-${turn}`)) && !stopped());
    } catch (error) {
      refused(error);
    }
    await client.end();
    await delay(RECONNECT_MILLISECONDS);
  }

  /** @returns whether the session is still of use. */
  async function insert(client: Client, own: string): Promise<boolean> {
    const token = `${TOKEN_PREFIX}${own}`;
    let committing = false;
    try {
      await client.query(way.begin);
      const { rows } = await client.query<{ id: string }>(INSERT, [token, own]);
      committing = true;
      const { command } = await client.query('COMMIT');
      if (command !== 'COMMIT') throw new Error('COMMIT was answered with ROLLBACK');
      writes.add({ channel: 'direct', kind: 'insert', token, id: Number(rows[0]?.id), seq: 0, at: now() });
      statistics.write({ channel: 'direct', result: 'acknowledged' });
      return true;
    } catch (error) {
      refused(error, committing ? 'unknown' : 'refused');
      return client.query('ROLLBACK').then(
        () => true,
        () => false,
      );
    }
  }
}
