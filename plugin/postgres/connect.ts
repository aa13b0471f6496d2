import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { checkServerIdentity } from 'node:tls';
import pg from 'pg';
import { QUERY_SECONDS, sqlState, type Session } from './session.ts';
import { within } from './wait.ts';

export interface ConnectOptions {
  /** Folder of a mounted Secret of the operator: files host, port, user, password and, for users, dbname. */
  readonly folder: string;
  /** Path of the CA certificate that signed the server's. */
  readonly ca: string;
  /** Default: the Secret's dbname, or `postgres` where it has none (the superuser's Secret). */
  readonly database?: string;
  readonly applicationName: string;
  /** Startup options, such as `-c default_transaction_read_only=off`; they beat role settings. */
  readonly options?: string;
  readonly connectTimeoutSeconds?: number;
}

/** From the look-up of the name to the server's first readiness: TCP, TLS and authentication are in it. */
const CONNECT_TIMEOUT_SECONDS = 5;
/** The end of a connection is a courtesy to the server. */
const CLOSE_MILLISECONDS = 1000;

// Not `instanceof Error`: a test runner's modules live in a realm of their own, Node's errors do not.
const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';

async function readKey(folder: string, key: string): Promise<string | undefined> {
  try {
    return (await readFile(join(folder, key), 'utf8')).trim();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function requiredKey(folder: string, key: string): Promise<string> {
  const value = await readKey(folder, key);
  if (value === undefined) throw new Error(`the Secret in ${folder} is not there yet: it has no ${key}`);
  return value;
}

/** The files are read at every connect: kubelet replaces them when the Secret changes, and green's come late. */
async function clientConfig(options: ConnectOptions): Promise<pg.ClientConfig & { readonly database: string }> {
  const { folder, ca, applicationName } = options;
  const host = await requiredKey(folder, 'host');
  return {
    host,
    port: Number(await requiredKey(folder, 'port')),
    user: await requiredKey(folder, 'user'),
    password: await requiredKey(folder, 'password'),
    database: options.database ?? (await readKey(folder, 'dbname')) ?? 'postgres',
    application_name: applicationName,
    ...(options.options === undefined ? {} : { options: options.options }),
    connectionTimeoutMillis: (options.connectTimeoutSeconds ?? CONNECT_TIMEOUT_SECONDS) * 1000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5000,
    ssl: {
      ca: await readFile(ca, 'utf8'),
      rejectUnauthorized: true,
      // verify-full, for addresses too: the driver hands Node no name for them, and Node would check "localhost".
      checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
    },
  };
}

/** Cuts a connection without a word to the other side, which may not be listening. */
type Cut = () => void;

class PgSession implements Session {
  readonly database: string;
  pid = 0;
  readonly #client: pg.Client;
  readonly #cut: Cut;
  #closing = false;
  #lost: string | undefined;
  /** One query at a time: the protocol has no other way, and the driver is to drop its own queue. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #listeners: ((reason: string) => void)[] = [];

  constructor(client: pg.Client, database: string, cut: Cut) {
    this.#client = client;
    this.#cut = cut;
    this.database = database;
    client.on('error', (error) => {
      this.#lose(error.message);
    });
    client.on('end', () => {
      this.#lose('the connection ended');
    });
  }

  #lose(reason: string): void {
    if (this.#closing || this.#lost !== undefined) return;
    this.#lost = reason;
    for (const listener of this.#listeners) listener(reason);
  }

  /** The late answer of a lost query must not be taken for the next one's: the connection goes with it. */
  #late(seconds: number): Error {
    const reason = `no answer from the server within ${seconds} s`;
    this.#lose(reason);
    this.#cut();
    return new Error(reason);
  }

  async query<Row extends object>(
    text: string,
    values: readonly unknown[] = [],
    seconds = QUERY_SECONDS,
  ): Promise<readonly Row[]> {
    const run = (): Promise<pg.QueryResult<Row>> => {
      if (this.#lost !== undefined) return Promise.reject(new Error(`the connection is lost: ${this.#lost}`));
      return within(seconds * 1000, this.#client.query<Row>(text, [...values]), () => this.#late(seconds));
    };
    const result = this.#last.then(run, run);
    this.#last = result.catch(() => undefined);
    return (await result).rows;
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#lost !== undefined) return;
    const ended = this.#client.end().catch(() => undefined);
    await within(CLOSE_MILLISECONDS, ended, () => new Error('no farewell')).catch(() => undefined);
    this.#cut();
  }

  onLost(listener: (reason: string) => void): void {
    if (this.#lost === undefined) this.#listeners.push(listener);
    else listener(this.#lost);
  }
}

/** The application may have every connection that the server lets it have: one that ends makes room. */
const FULL = '53300';
const FULL_MILLISECONDS = 3000;
const FULL_PAUSE_MILLISECONDS = 50;

/**
 * Opens one TLS connection (verify-full). Tried again only when the server has no connection to spare, for three seconds:
 * otherwise the caller knows how long it may wait.
 */
export async function connect(options: ConnectOptions): Promise<Session> {
  const until = Date.now() + FULL_MILLISECONDS;
  for (;;) {
    try {
      return await connectOnce(options);
    } catch (error) {
      if (sqlState(error) !== FULL || Date.now() >= until) throw error;
    }
    await delay(FULL_PAUSE_MILLISECONDS);
  }
}

async function connectOnce(options: ConnectOptions): Promise<Session> {
  const config = await clientConfig(options);
  const socket = new Socket();
  const client = new pg.Client({ ...config, stream: () => socket });
  // A connection that is lost before anyone listens must not end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const session = new PgSession(client, config.database, () => socket.destroy());
    const [row] = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    session.pid = row?.pid ?? 0;
    return session;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
