import type { Instance } from './instance.ts';
import { TABLES } from './blue-green.ts';

/** An acknowledged write: its table and key, when the acknowledgement came, and by whom. */
export interface Acknowledged {
  readonly table: string;
  readonly id: string;
  readonly at: number;
  readonly writer: string;
  readonly server: string;
}

/** Where a client connects now; undefined: nowhere at the moment. */
export type Target = () => Instance | undefined;

/** Clients that go on until they are stopped: they reconnect after every error, at once where they can. */
export class Load {
  readonly acknowledged: Acknowledged[] = [];
  /** Reads that failed, retried once after an ended session (57P01) or on a new connection. */
  readonly failedReads: string[] = [];
  reads = 0;
  #stopped = false;
  readonly #clients: Promise<void>[] = [];

  /** A plain client of the application: inserts, one row a transaction. */
  writer(name: string, target: Target): void {
    this.#clients.push(this.#write(name, target, ['BEGIN']));
  }

  /** Overrides read-only in one of the ways that a session has, and keeps retrying. */
  overrider(name: string, target: Target, way: 'session' | 'transaction' | 'options'): void {
    const begin = way === 'session' ? ['SET default_transaction_read_only = off', 'BEGIN'] : ['BEGIN READ WRITE'];
    const options = way === 'options' ? '-c default_transaction_read_only=off -c lock_timeout=0' : undefined;
    this.#clients.push(this.#write(name, target, begin, options));
  }

  reader(target: Target): void {
    this.#clients.push(this.#read(target));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#clients);
  }

  async #write(writer: string, target: Target, begin: readonly string[], options?: string): Promise<void> {
    for (let n = 0; !this.#stopped; n += 1) {
      await this.#session(target, options, async (client, server) => {
        while (!this.#stopped && target() === server) {
          const table = `t${n % TABLES}`;
          n += 1;
          for (const statement of begin) await client.query(statement);
          const { rows } = await client
            .query<{ id: string }>(`INSERT INTO ${table} (writer, n) VALUES ($1, $2) RETURNING id`, [writer, n])
            .catch(async (error: unknown) => {
              await client.query('ROLLBACK');
              throw error;
            });
          await client.query('COMMIT');
          const [row] = rows;
          if (row) this.acknowledged.push({ table, id: row.id, at: Date.now(), writer, server: server.name });
        }
      }).catch(() => undefined);
      await pause();
    }
  }

  async #read(target: Target): Promise<void> {
    const once = (): Promise<void> =>
      this.#session(target, undefined, async (client) => {
        await client.query('SELECT count(*) FROM t0');
        this.reads += 1;
      });
    while (!this.#stopped) {
      await once()
        .catch(once)
        .catch((error: unknown) => {
          this.failedReads.push(error instanceof Error ? error.message : String(error));
        });
      await pause();
    }
  }

  async #session(
    target: Target,
    options: string | undefined,
    use: (client: Awaited<ReturnType<Instance['client']>>, server: Instance) => Promise<void>,
  ): Promise<void> {
    const server = target();
    if (!server) return;
    const client = await server.client('bestie', 'bestie', options);
    try {
      await use(client, server);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** A client's own pace, so that two cores are left for the servers. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** Acknowledged writes that this server does not have. */
export async function missing(
  server: Instance,
  acknowledged: readonly Acknowledged[],
): Promise<readonly Acknowledged[]> {
  const lost: Acknowledged[] = [];
  for (let n = 0; n < TABLES; n += 1) {
    const table = `t${n}`;
    const rows = await server.sql<{ id: string; writer: string }>(`SELECT id, writer FROM ${table}`, 'bestie');
    const there = new Set(rows.map(({ id, writer }) => `${writer}/${id}`));
    lost.push(...acknowledged.filter((each) => each.table === table && !there.has(`${each.writer}/${each.id}`)));
  }
  return lost;
}
