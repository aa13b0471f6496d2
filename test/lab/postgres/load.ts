import type { Instance } from './instance.ts';
import { TABLES } from './blue-green.ts';

/** An acknowledged write: its database, table and key, when the acknowledgement came, and by whom. */
export interface Acknowledged {
  readonly database: string;
  readonly table: string;
  readonly id: string;
  readonly at: number;
  readonly writer: string;
  readonly server: string;
}

/** Where a client connects now; undefined: nowhere at the moment. */
export type Target = () => Instance | undefined;

/** How a client writes; every table has columns `id` (a default), `writer` and `n`. */
export interface Manner {
  readonly role?: string;
  readonly database?: string;
  /** Written in turn; default t0 to t29. */
  readonly tables?: readonly string[];
  /** Of its connection, as in `PGOPTIONS`. */
  readonly options?: string;
  /** Over a connection of the replication protocol. */
  readonly replication?: 'database';
  /** Before each transaction; the last one begins it. */
  readonly begin?: readonly string[];
  /** Milliseconds between two writes; default none. */
  readonly pace?: number;
  /** Milliseconds before it connects again; default 5. */
  readonly retry?: number;
}

const ALL_TABLES = Array.from({ length: TABLES }, (_, n) => `t${n}`);

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
    this.client(name, target, {});
  }

  /** A client that writes in a manner of its own. */
  client(name: string, target: Target, manner: Manner): void {
    this.#clients.push(this.#write(name, target, manner));
  }

  /** Overrides read-only in one of the ways that a session has, and keeps retrying. */
  overrider(name: string, target: Target, way: 'session' | 'transaction' | 'options'): void {
    const begin = way === 'session' ? ['SET default_transaction_read_only = off', 'BEGIN'] : ['BEGIN READ WRITE'];
    const options = way === 'options' ? '-c default_transaction_read_only=off -c lock_timeout=0' : undefined;
    this.client(name, target, { begin, ...(options === undefined ? {} : { options }) });
  }

  reader(target: Target): void {
    this.#clients.push(this.#read(target));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#clients);
  }

  async #write(writer: string, target: Target, manner: Manner): Promise<void> {
    const { database = 'bestie', tables = ALL_TABLES, begin = ['BEGIN'], pace, retry } = manner;
    for (let n = 0; !this.#stopped; n += 1) {
      await this.#session(target, manner, async (client, server) => {
        while (!this.#stopped && target() === server) {
          const table = tables[n % tables.length] ?? '';
          n += 1;
          for (const statement of begin) await client.query(statement);
          const { rows } = await client
            // No parameters: a replication connection takes simple queries only.
            .query<{ id: string }>(`INSERT INTO ${table} (writer, n) VALUES ('${writer}', ${n}) RETURNING id`)
            .catch(async (error: unknown) => {
              await client.query('ROLLBACK');
              throw error;
            });
          await client.query('COMMIT');
          const [row] = rows;
          if (row) this.acknowledged.push({ database, table, id: row.id, at: Date.now(), writer, server: server.name });
          if (pace !== undefined) await pause(pace);
        }
      }).catch(() => undefined);
      await pause(retry);
    }
  }

  async #read(target: Target): Promise<void> {
    const once = (): Promise<void> =>
      this.#session(target, {}, async (client) => {
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
    { role = 'bestie', database = 'bestie', options, replication }: Manner,
    use: (client: Awaited<ReturnType<Instance['client']>>, server: Instance) => Promise<void>,
  ): Promise<void> {
    const server = target();
    if (!server) return;
    const client = await server.client(role, database, options, replication && { replication });
    try {
      await use(client, server);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** A client's own pace, so that two cores are left for the servers. */
const pause = (milliseconds = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Acknowledged writes that this server does not have. */
export async function missing(
  server: Instance,
  acknowledged: readonly Acknowledged[],
): Promise<readonly Acknowledged[]> {
  const lost: Acknowledged[] = [];
  const byTable = Object.groupBy(acknowledged, ({ database, table }) => `${database} ${table}`);
  for (const writes of Object.values(byTable)) {
    const { database = '', table = '' } = writes?.[0] ?? {};
    const rows = await server.sql<{ id: string; writer: string }>(`SELECT id, writer FROM ${table}`, database);
    const there = new Set(rows.map(({ id, writer }) => `${writer}/${id}`));
    lost.push(...(writes ?? []).filter(({ writer, id }) => !there.has(`${writer}/${id}`)));
  }
  return lost;
}
