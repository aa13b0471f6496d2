import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { startTestbed, USER, type Testbed } from '../bestie/testbed.ts';
import { waitFor } from '../wait-for.ts';
import type { AcknowledgedWrite } from './acknowledged.ts';
import { controlServer } from './control.ts';
import { startLoad, type Load } from './load.ts';
import { loadSettings } from './settings.ts';
import type { LoadStats } from './load-stats.ts';
import { missingWrites } from './verify.ts';

jest.setTimeout(60_000);

let bed: Testbed;
const loads: Load[] = [];
const folder = mkdtempSync(join(tmpdir(), 'load-'));
beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(async () => {
  await Promise.all(loads.map((load) => load.stop()));
  await bed.stop();
  rmSync(folder, { recursive: true });
});

interface Loaded {
  readonly database: string;
  readonly load: Load;
  readonly file: string;
}

async function loaded(numbers: Readonly<Record<string, string>>): Promise<Loaded> {
  const database = await bed.createDatabase();
  await bed.migrate('1.3', database, { BESTIE_SEED_ROWS: '1000' });
  const { port } = await bed.serve('1.3', database);
  const file = join(folder, database);
  const env = { LOAD_TARGET: `http://127.0.0.1:${port}`, LOAD_FILE: file, ...numbers };
  const load = startLoad(loadSettings({ ...bed.environment('1.3', database), ...env }));
  loads.push(load);
  return { database, file, load };
}

/** Waits until `more` has become true of the statistics. */
const until = (load: Load, what: string, more: (stats: LoadStats) => boolean): Promise<boolean> =>
  waitFor(() => Promise.resolve(more(load.stats())), { what, timeoutSeconds: 20, everyMilliseconds: 20 });

const queryOf =
  (database: string): ((sql: string) => Promise<string>) =>
  (sql) =>
    bed.asSuperuser(database, async (client) => {
      const { rows } = await client.query<[string]>({ text: sql, rowMode: 'array' });
      return rows.map(([line]) => line).join('\n');
    });

const everyoneWrites = (load: Load): Promise<boolean> => {
  const { service, direct } = load.stats();
  return until(
    load,
    'acknowledged writes of both channels',
    (now) => now.service.acknowledged > service.acknowledged + 20 && now.direct.acknowledged > direct.acknowledged + 20,
  );
};

test('acknowledged writes are in the database; one that is taken away, or back, is found missing', async () => {
  const { database, load, file } = await loaded({ LOAD_OVERRIDERS: '3' });
  await everyoneWrites(load);
  await load.stop();
  const writes = load.writes();
  expect(load.stats()).toMatchObject({ running: 0, reads: { failed: 0 }, versions: [{ version: '1.3' }] });
  expect(load.stats().service.acknowledged + load.stats().direct.acknowledged).toBe(writes.length);
  expect(await missingWrites(writes, queryOf(database))).toEqual([]);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as AcknowledgedWrite)).toEqual(writes);

  const [gone] = writes.filter(({ channel }) => channel === 'direct');
  const [back] = writes.filter(({ kind }) => kind === 'update');
  await bed.asSuperuser(database, async (client) => {
    await client.query('DELETE FROM bestie.pets WHERE token = $1', [gone?.token]);
    await client.query('UPDATE bestie.pets SET seq = 0 WHERE token = $1', [back?.token]);
  });
  const missing = await missingWrites(writes, queryOf(database));
  expect(new Set(missing.map(({ token }) => token))).toEqual(new Set([gone?.token, back?.token]));
  expect(missing).toContainEqual({ ...gone, found: undefined });
  expect(missing).toContainEqual({ ...back, found: 0 });
});

test('read-only by default: the service refuses, readers go on, overriders write on', async () => {
  const { database, load } = await loaded({ LOAD_OVERRIDERS: '3' });
  await everyoneWrites(load);
  await bed.setReadOnly(database);
  await bed.endSessions(database);
  const { direct, reads } = load.stats();
  await until(load, 'refusals', ({ service }) => (service.refusals['503 25006'] ?? 0) > 20);
  await until(load, 'overriders', (now) => now.direct.acknowledged > direct.acknowledged + 20);
  await until(load, 'reads', (now) => now.reads.ok > reads.ok + 20);
  await load.stop();
  expect(load.stats().reads).toMatchObject({ failed: 0 });
  expect(await missingWrites(load.writes(), queryOf(database))).toEqual([]);
});

test('a read that shows less than was acknowledged before has failed', async () => {
  const { database, load } = await loaded({ LOAD_WRITERS: '1', LOAD_READERS: '2', LOAD_PAUSE_MILLISECONDS: '50' });
  await until(load, 'acknowledged writes', ({ service }) => service.acknowledged > 10);
  await bed.setReadOnly(database);
  await bed.endSessions(database);
  await until(load, 'refusals', ({ service }) => (service.refusals['503 25006'] ?? 0) > 4);
  const failing = (reason: string): Promise<boolean> =>
    until(load, reason, ({ reads }) => reads.firstFailures.some((failure) => failure.reason.startsWith(reason)));
  expect(load.stats().reads.failed).toBe(0);
  await bed.asSuperuser(database, (client) => client.query('UPDATE bestie.pets SET seq = -1'));
  await failing('1.3 is behind: -1 of ');
  await bed.asSuperuser(database, (client) => client.query('DELETE FROM bestie.pets'));
  await failing('404 1.3');
  await load.stop();
});

test('SHARE locks: overriders are refused, the patient one waits, nobody is told a lie', async () => {
  const { database, load } = await loaded({ LOAD_WRITERS: '0', LOAD_READERS: '0', LOAD_OVERRIDERS: '3' });
  await bed.asSuperuser('postgres', (client) =>
    client.query(`ALTER ROLE ${USER} IN DATABASE ${database} SET lock_timeout = '50ms'`),
  );
  await bed.endSessions(database);
  await bed.asSuperuser(database, async (client) => {
    await client.query('BEGIN; LOCK TABLE bestie.pets IN SHARE MODE');
    const { direct } = load.stats();
    await until(load, 'refusals', (now) => (now.direct.refusals['55P03'] ?? 0) > (direct.refusals['55P03'] ?? 0) + 4);
    const { rows } = await client.query(
      "SELECT pid FROM pg_locks WHERE relation = 'bestie.pets'::regclass AND NOT granted",
    );
    expect(rows.length).toBeGreaterThanOrEqual(1);
    expect(load.stats().direct.acknowledged).toBe(direct.acknowledged);
    await client.query('COMMIT');
  });
  const { direct } = load.stats();
  await until(load, 'overriders', (now) => now.direct.acknowledged > direct.acknowledged + 20);
  await load.stop();
  expect(await missingWrites(load.writes(), queryOf(database))).toEqual([]);
});

test('a database that lets nobody in: overriders try again and again, and come back', async () => {
  const { database, load } = await loaded({ LOAD_WRITERS: '0', LOAD_READERS: '0', LOAD_OVERRIDERS: '2' });
  const allow = (yes: boolean): Promise<unknown> =>
    bed.asSuperuser('postgres', (client) =>
      client.query(`ALTER DATABASE ${database} WITH ALLOW_CONNECTIONS ${String(yes)}`),
    );
  await until(load, 'overriders', ({ direct }) => direct.acknowledged > 10);
  await allow(false);
  await bed.endSessions(database);
  await until(load, 'refusals', ({ direct }) => (direct.refusals['55000'] ?? 0) > 4);
  await allow(true);
  const { direct } = load.stats();
  await until(load, 'overriders', (now) => now.direct.acknowledged > direct.acknowledged + 10);
  await load.stop();
  expect(await missingWrites(load.writes(), queryOf(database))).toEqual([]);
});

test('the control server tells, lists and stops', async () => {
  const { load } = await loaded({ LOAD_WRITERS: '2', LOAD_READERS: '1' });
  const server = controlServer(load).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await until(load, 'writes', ({ service }) => service.acknowledged > 10);
  expect(await (await fetch(`${url}/stats`)).json()).toMatchObject({ running: 3 });
  const stopped = (await (await fetch(`${url}/stop`, { method: 'POST' })).json()) as LoadStats;
  expect(stopped.running).toBe(0);
  const lines = (await (await fetch(`${url}/writes`)).text()).trimEnd().split('\n');
  expect(lines).toHaveLength(stopped.service.acknowledged);
  expect((await fetch(`${url}/nothing`)).status).toBe(404);
  server.close();
});
