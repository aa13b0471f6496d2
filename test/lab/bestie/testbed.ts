import pg from 'pg';
import { clientConfig, startPostgres, type PostgresServer } from '../postgres/server.ts';
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
  readonly settings: (version: VersionName, database: string, more?: NodeJS.ProcessEnv) => Settings;
  readonly environment: (version: VersionName, database: string) => NodeJS.ProcessEnv;
  readonly migrate: (version: VersionName, database: string, more?: NodeJS.ProcessEnv) => Promise<void>;
  /** A service on a free port; drained by `stop`. */
  readonly serve: (version: VersionName, database: string) => Promise<Service>;
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
  const settings: Testbed['settings'] = (version, database, more = {}) =>
    settingsFrom({ ...environment(version, database), ...more });
  return {
    asSuperuser,
    environment,
    settings,
    createDatabase: async () => {
      databases += 1;
      const name = `bestie_${databases}`;
      await asSuperuser('postgres', async (client) => {
        await client.query(`CREATE DATABASE ${name}`);
        await client.query(`GRANT ALL ON DATABASE ${name} TO ${USER}`);
      });
      return name;
    },
    migrate: (version, database, more) => migrate(settings(version, database, more)),
    serve: async (version, database) => {
      const service = await serve(settings(version, database));
      services.push(service);
      return service;
    },
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
