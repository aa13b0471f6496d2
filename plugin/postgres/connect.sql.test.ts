import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { BlueGreen, makeTemplate, removeTemplate, type Template } from '../../test/lab/postgres/blue-green.ts';
import { PASSWORDS } from '../../test/lab/postgres/instance.ts';
import { connect, type ConnectOptions } from './connect.ts';
import { withSession } from './session.ts';

jest.setTimeout(60_000);

let template: Template;
let servers: BlueGreen;
beforeAll(async () => {
  template = await makeTemplate();
  servers = await BlueGreen.start(template);
});
afterAll(async () => {
  await servers.stop();
  removeTemplate(template);
});

/** Options for an instance of this name, published anew. */
function options(instance: string, credential: 'superuser' | 'user' = 'user'): ConnectOptions {
  servers.publish(instance, servers.blue);
  const folder = join(servers.secrets, instance);
  return { folder: join(folder, credential), ca: join(folder, 'ca', 'ca.crt'), applicationName: 'test' };
}

const failure = (it: ConnectOptions): Promise<string> =>
  connect(it).then(
    () => 'connected',
    (error: unknown) => (error instanceof Error ? `${error.message} ${JSON.stringify(error)}` : String(error)),
  );

test('connects over TLS to the database that the Secret names, or to postgres where it names none', async () => {
  const ask = (it: ConnectOptions): Promise<readonly object[]> =>
    withSession(connect(it), (session) =>
      session.query(`SELECT current_database() AS database, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`),
    );
  expect(await ask(options('a'))).toEqual([{ database: 'bestie', ssl: true }]);
  expect(await ask(options('a', 'superuser'))).toEqual([{ database: 'postgres', ssl: true }]);
  expect(await ask({ ...options('a'), database: 'second' })).toEqual([{ database: 'second', ssl: true }]);
});

test('startup options beat the settings of the role', async () => {
  const rows = await withSession(connect({ ...options('a'), options: '-c work_mem=7MB' }), (session) =>
    session.query('SHOW work_mem'),
  );
  expect(rows).toEqual([{ work_mem: '7MB' }]);
});

test('refuses a server whose certificate is by another authority', async () => {
  const it = options('b');
  writeFileSync(it.ca, OTHER_CA);
  expect(await failure(it)).toMatch(/self-signed|unable to verify|signature|certificate/);
});

test('refuses a server whose certificate is for another host, addresses included', async () => {
  const it = options('c');
  // Leads to this machine as well, and is not in the certificate.
  writeFileSync(join(it.folder, 'host'), '0.0.0.0');
  expect(await failure(it)).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
});

test('an error holds no password', async () => {
  const it = options('d');
  writeFileSync(join(it.folder, 'password'), 'not-the-right-one');
  const message = await failure(it);
  expect(message).toContain('password authentication failed');
  expect(message).not.toContain('not-the-right-one');
  expect(message).not.toContain(PASSWORDS.bestie);
});

test('says which file of a Secret is not there yet, and reads it when it has come', async () => {
  const it = options('e');
  rmSync(join(it.folder, 'password'));
  expect(await failure(it)).toContain('is not there yet: it has no password');
  expect(await failure(options('e'))).toBe('connected');
});

test('tells the loss of a connection once, also to one who asks afterwards', async () => {
  const session = await connect(options('f'));
  const first = new Promise<string>((resolve) => {
    session.onLost(resolve);
  });
  await servers.blue.sql(`SELECT pg_terminate_backend(${session.pid})`);
  expect(await first).toContain('terminating connection');
  const second = await new Promise<string>((resolve) => {
    session.onLost(resolve);
  });
  expect(second).toBe(await first);
  await session.close();
});

test('a query that is not answered in time is lost, and its connection with it; closing it takes no longer', async () => {
  const session = await connect(options('g'));
  const lost = new Promise<string>((resolve) => {
    session.onLost(resolve);
  });
  process.kill(session.pid, 'SIGSTOP');
  try {
    await expect(session.query('SELECT 1', [], 0.2)).rejects.toThrow('no answer from the server within 0.2 s');
    expect(await lost).toContain('no answer');
    await expect(session.query('SELECT 1')).rejects.toThrow('the connection is lost: no answer');
    await session.close();
  } finally {
    process.kill(session.pid, 'SIGCONT');
  }
});

test('a connection whose server says nothing any more is closed all the same', async () => {
  const session = await connect(options('h'));
  process.kill(session.pid, 'SIGSTOP');
  try {
    await expect(session.close()).resolves.toBeUndefined();
  } finally {
    process.kill(session.pid, 'SIGCONT');
  }
});

test('a server that takes the connection and says nothing is not waited for', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const it = { ...options('i'), connectTimeoutSeconds: 0.2 };
  writeFileSync(join(it.folder, 'port'), String((silent.address() as AddressInfo).port));
  expect(await failure(it)).toContain('timeout expired');
  silent.close();
});

/** A certificate that nothing here was signed with. */
const OTHER_CA = `-----BEGIN CERTIFICATE-----
MIIBgjCCASegAwIBAgIUEvciAuionEYb6RmFV4LM4zAJECIwCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKYW5vdGhlciBDQTAgFw0yNjExMjQwNzUyMDJaGA8yMTI2MTAz
MTA3NTIwMlowFTETMBEGA1UEAwwKYW5vdGhlciBDQTBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABEoe0KZXX3oNlFl7MHgVFS7fjzkSd/y4okjpQVdjzHSrCEfKQy+o
w2gJkP0bFMsJbc4IxbHVASZ8AOnYbvtZY2SjUzBRMB0GA1UdDgQWBBRwBOSielGu
LY/XOsHihkiqkyogeTAfBgNVHSMEGDAWgBRwBOSielGuLY/XOsHihkiqkyogeTAP
BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQDsVP2auE08YNO2c1eF
7U4UEuDzrtOgarWmFGS10mp1AwIhAKcc+zwS3we2xQNx7wdiD9mjfoZJSKLK+Okf
nNLfViwW
-----END CERTIFICATE-----
`;
