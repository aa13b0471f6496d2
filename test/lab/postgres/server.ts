import { chownSync, rmSync, writeFileSync } from 'node:fs';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import pg from 'pg';
import { waitFor } from '../wait-for.ts';
import { makeFolder } from './make-folder.ts';
import { program } from './versions.ts';

const PASSWORD = 'superuser-of-a-test';

export interface PostgresServer {
  readonly port: number;
  /** `postgres://postgres:…@127.0.0.1:<port>/postgres`, by password; with `ssl` the server refuses plain connections. */
  readonly superuserUrl: string;
  readonly dataFolder: string;
  readonly stop: () => Promise<void>;
}

interface PostgresOptions {
  /** Only TLS connections, as the operator's `pg_hba.conf` has it; the certificate is self-signed. */
  readonly ssl?: boolean;
  /** Settings besides the defaults, as in `postgresql.conf`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface Identity {
  readonly uid?: number;
  readonly gid?: number;
}

/** PostgreSQL refuses to run as root. */
export async function serverIdentity(): Promise<Identity> {
  if (process.getuid?.() !== 0) return {};
  const of = async (flag: string): Promise<number> => Number((await execa('id', [flag, 'postgres'])).stdout);
  return { uid: await of('-u'), gid: await of('-g') };
}

/**
 * Below those that the kernel gives to whoever asks for any: a server that is started anew would find its own taken by another
 * test's connection.
 */
const [FIRST_PORT, PORTS] = [20_000, 10_000];

export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + randomInt(PORTS);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => {
        resolve(false);
      });
      server.listen(port, '127.0.0.1', () => {
        resolve(true);
      });
    });
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

async function initialise(folder: string, identity: Identity, ssl: boolean): Promise<void> {
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, PASSWORD, { mode: 0o644 });
  const data = join(folder, 'data');
  await execa(
    program('initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '--no-sync', '-E', 'UTF8'],
    { ...identity, cwd: folder },
  );
  if (!ssl) return;
  const [key, certificate] = [join(data, 'server.key'), join(data, 'server.crt')];
  await execa(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost', '-keyout', key, '-out', certificate],
    { ...identity, cwd: folder },
  );
  writeFileSync(join(data, 'pg_hba.conf'), 'hostssl all all 127.0.0.1/32 scram-sha-256\nlocal all all scram-sha-256\n');
}

/** Ready for any client of the tests: TLS is used where it is on, never verified. */
export const clientConfig = (server: PostgresServer, ssl = false): pg.ClientConfig => ({
  connectionString: server.superuserUrl,
  ...(ssl ? { ssl: { rejectUnauthorized: false } } : {}),
});

/** Starts a PostgreSQL with an empty data directory of its own; about two seconds. The caller stops it. */
export async function startPostgres({ ssl = false, settings = {} }: PostgresOptions = {}): Promise<PostgresServer> {
  const folder = makeFolder('postgres-');
  const identity = await serverIdentity();
  if (identity.uid !== undefined && identity.gid !== undefined) chownSync(folder, identity.uid, identity.gid);
  await initialise(folder, identity, ssl);
  const port = await freePort();
  const all = { fsync: 'off', ...(ssl ? { ssl: 'on' } : {}), ...settings };
  const child = execa(
    program('postgres'),
    [
      ...['-D', join(folder, 'data'), '-p', String(port), '-h', '127.0.0.1', '-k', folder],
      ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    { ...identity, cwd: folder, reject: false, stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' },
  );
  const server: PostgresServer = {
    port,
    superuserUrl: `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`,
    dataFolder: join(folder, 'data'),
    stop: async () => {
      // Immediate shutdown: the data are thrown away.
      child.kill('SIGQUIT');
      await child;
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await waitFor(() => answers(clientConfig(server, ssl)), { what: 'PostgreSQL ready', timeoutSeconds: 30 });
  return server;
}

async function answers(config: pg.ClientConfig): Promise<boolean> {
  const client = new pg.Client(config);
  // A connection refused while it starts is reported by connect(), and again as an event.
  client.on('error', () => undefined);
  await client.connect();
  await client.end();
  return true;
}
