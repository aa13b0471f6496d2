import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import pg from 'pg';
import { waitFor } from '../wait-for.ts';
import { freePort, serverIdentity } from './server.ts';
import { program } from './versions.ts';

export const PASSWORDS: Readonly<Record<string, string>> = { postgres: 'superuser-secret', bestie: 'bestie-secret' };

/** What is needed of a started process: to end it, and to wait for its end. */
interface Running {
  kill(signal: NodeJS.Signals): boolean;
  readonly ended: Promise<unknown>;
}

/** One PostgreSQL server over a data directory that exists; it can be ended and started anew on the same port. */
export class Instance {
  readonly name: string;
  readonly data: string;
  readonly port: number;
  readonly #environment: Readonly<Record<string, string>>;
  #process: Running | undefined;

  private constructor(name: string, data: string, port: number, environment: Readonly<Record<string, string>>) {
    this.#environment = environment;
    this.name = name;
    this.data = data;
    this.port = port;
  }

  /** @param environment of the server, and so of every program that it starts. */
  static async over(name: string, data: string, environment: Readonly<Record<string, string>> = {}): Promise<Instance> {
    return new Instance(name, data, await freePort(), environment);
  }

  /** As in `postgresql.conf`; the last word wins. */
  configure(settings: Readonly<Record<string, string>>): void {
    const lines = Object.entries(settings).map(([key, value]) => `${key} = '${value.replaceAll("'", "''")}'\n`);
    appendFileSync(join(this.data, 'postgresql.conf'), lines.join(''));
  }

  /** `recovery` or `standby`: what the server does when it starts. */
  signal(kind: 'recovery' | 'standby'): void {
    writeFileSync(join(this.data, `${kind}.signal`), '', { mode: 0o644 });
  }

  async start(): Promise<void> {
    const log = `${this.data}.log`;
    const child = execa(
      program('postgres'),
      ['-D', this.data, '-p', String(this.port), '-h', '127.0.0.1', '-k', this.data],
      {
        ...(await serverIdentity()),
        cwd: this.data,
        env: this.#environment,
        reject: false,
        stdin: 'ignore',
        stdout: 'ignore',
        stderr: { file: log, append: true },
        buffer: false,
      },
    );
    this.#process = { kill: (signal) => child.kill(signal), ended: child };
    await waitFor(() => this.sql('SELECT 1').then(() => true), {
      what: `${this.name} ready`,
      timeoutSeconds: 30,
      everyMilliseconds: 50,
    }).catch((error: unknown) => {
      throw new Error(`${this.name} did not start: ${readFileSync(log, 'utf8').slice(-4000)}`, { cause: error });
    });
  }

  /** SIGINT: fast shutdown; SIGQUIT: as a crash. */
  async stop(how: 'SIGINT' | 'SIGQUIT' = 'SIGQUIT'): Promise<void> {
    this.#process?.kill(how);
    await this.#process?.ended;
    this.#process = undefined;
  }

  /** A connection as this role over TLS. The caller ends it; its loss is not an unhandled error. */
  async client(
    user: string,
    database = 'bestie',
    options?: string,
    more: pg.ClientConfig & { readonly replication?: 'database' } = {},
  ): Promise<pg.Client> {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: this.port,
      user,
      database,
      password: PASSWORDS[user] ?? `${user}-secret`,
      ssl: { rejectUnauthorized: false },
      ...(options === undefined ? {} : { options }),
      ...more,
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** One statement as the superuser, over the Unix socket. */
  async sql<Row extends object = Record<string, unknown>>(text: string, database = 'postgres'): Promise<Row[]> {
    const client = new pg.Client({ host: this.data, port: this.port, user: 'postgres', database });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }

  async promoted(): Promise<void> {
    await waitFor(
      async () =>
        (await this.sql<{ recovering: boolean }>('SELECT pg_is_in_recovery() AS recovering'))[0]?.recovering === false,
      { what: `${this.name} out of recovery`, timeoutSeconds: 30, everyMilliseconds: 50 },
    );
  }
}
