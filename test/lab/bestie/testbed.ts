import pg from 'pg';
import { clientConfig, startPostgres, type PostgresServer } from '../postgres/server.ts';
import { waitFor } from '../wait-for.ts';
import { migrate } from './migrate.ts';
import { serve, type Service } from './serve.ts';
import { settingsFrom, type Settings } from './settings.ts';
import type { VersionName } from './versions.ts';

/** What the tests of the application share: a PostgreSQL that takes TLS only, and a database a test. */
export interface Testbed {
  /** A session of the superuser in `database`. */
  readonly asSuperuser: <T>(database: string, work: (client: pg.Client) => Promise<T>) => Promise<T>;
  /** A new, empty database that the application's role may create schemas in. */
  readonly createDatabase: () => Promise<string>;
  readonly environment: (version: VersionName, database: string) => NodeJS.ProcessEnv;
  readonly migrate: (version: VersionName, database: string, more?: NodeJS.ProcessEnv) => Promise<void>;
  /** A service on a free port; drained by `stop`. */
  readonly serve: (version: VersionName, database: string) => Promise<Service>;
  /** A service on a new database of its schema with so many rows. */
  readonly running: (version: VersionName, rows?: number) => Promise<{ readonly port: number; readonly name: string }>;
  /** Read-only by default for the application, in sessions to come. */
  readonly setReadOnly: (database: string) => Promise<unknown>;
  /** Ends the application's sessions that match; resolves with how many there were, once they are gone. */
  readonly endSessions: (database: string, condition?: string) => Promise<number>;
  readonly stop: () => Promise<void>;
}

export const USER = 'bestie';
const PASSWORD = "not-to-be-seen'";

export async function startTestbed(): Promise<Testbed> {
  const server = await startPostgres({ ssl: true });
  const services: Service[] = [];
  let databases = 0;
  const asSuperuser = onDatabase(server);
  await asSuperuser('postgres', (client) =>
    client.query(`CREATE ROLE ${USER} LOGIN PASSWORD ${pg.escapeLiteral(PASSWORD)}`),
  );
  const environment = (version: VersionName, database: string): NodeJS.ProcessEnv => ({
    BESTIE_VERSION: version,
    PORT: '0',
    // What Kubernetes sets in every pod beside a Service called bestie.
    BESTIE_PORT: 'tcp://10.97.0.7:80',
    BESTIE_LAME_DUCK_MILLISECONDS: '0',
    DB_ADDR: '127.0.0.1',
    DB_PORT: String(server.port),
    DB_DATABASE: database,
    DB_USER: USER,
    DB_PASSWORD: PASSWORD,
  });
  const settings = (version: VersionName, database: string, more: NodeJS.ProcessEnv = {}): Settings =>
    settingsFrom({ ...environment(version, database), ...more });
  const createDatabase = async (): Promise<string> => {
    databases += 1;
    const name = `bestie_${databases}`;
    await asSuperuser('postgres', async (client) => {
      await client.query(`CREATE DATABASE ${name}`);
      await client.query(`GRANT ALL ON DATABASE ${name} TO ${USER}`);
    });
    return name;
  };
  const serveOn: Testbed['serve'] = async (version, database) => {
    const service = await serve(settings(version, database));
    services.push(service);
    return service;
  };
  return {
    asSuperuser,
    environment,
    createDatabase,
    serve: serveOn,
    migrate: (version, database, more) => migrate(settings(version, database, more)),
    running: async (version, rows = 10) => {
      const name = await createDatabase();
      await migrate(settings(version, name, { BESTIE_SEED_ROWS: String(rows) }));
      return { port: (await serveOn(version, name)).port, name };
    },
    setReadOnly: (database) =>
      asSuperuser('postgres', (client) =>
        client.query(`ALTER ROLE ${USER} IN DATABASE ${database} SET default_transaction_read_only = on`),
      ),
    endSessions: (database, condition = 'true') =>
      asSuperuser('postgres', async (client) => {
        const found = 'datname = $1 AND usename = $2';
        const { rows } = await client.query<{ pid: number }>(
          `SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${found} AND (${condition})`,
          [database, USER],
        );
        const pids = rows.map(({ pid }) => pid);
        const left = `SELECT 1 FROM pg_stat_activity WHERE ${found} AND pid = ANY($3)`;
        const gone = async (): Promise<boolean> => (await client.query(left, [database, USER, pids])).rowCount === 0;
        await waitFor(gone, { what: 'sessions ended', timeoutSeconds: 20, everyMilliseconds: 20 });
        return pids.length;
      }),
    stop: async () => {
      await Promise.all(services.map(({ drain }) => drain()));
      await server.stop();
    },
  };
}

const onDatabase =
  (server: PostgresServer): Testbed['asSuperuser'] =>
  async (database, work) => {
    const client = new pg.Client({ ...clientConfig(server, true), connectionString: urlOf(server, database) });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };

function urlOf({ superuserUrl }: PostgresServer, database: string): string {
  const url = new URL(superuserUrl);
  url.pathname = database;
  return url.href;
}
