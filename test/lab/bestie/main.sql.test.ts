import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { execa } from 'execa';
import { waitFor } from '../wait-for.ts';
import { startTestbed, USER, type Testbed } from './testbed.ts';

jest.setTimeout(60_000);

let bed: Testbed;
beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(() => bed.stop());

const bestie = (args: readonly string[], env: NodeJS.ProcessEnv) =>
  execa(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], { env, reject: false, all: true });

/** The port that the service's first line tells. */
async function portOf(service: ReturnType<typeof bestie>): Promise<number> {
  for await (const line of createInterface({ input: service.stdout })) {
    const { event, port } = JSON.parse(line) as { event: string; port: number };
    if (event === 'serving') return port;
  }
  throw new Error('the service ended before it served');
}

interface Reply {
  readonly status: number | undefined;
  readonly connection: string | undefined;
}

async function get(port: number, path: string, agent: Agent): Promise<Reply> {
  const [response] = (await once(request({ port, path, agent }).end(), 'response')) as [
    { statusCode?: number; headers: Record<string, string>; resume: () => void },
  ];
  response.resume();
  await once(response as never, 'end');
  return { status: response.statusCode, connection: response.headers['connection'] };
}

test('migrate exits 0, a migration that fails exits 1 and says why, without the password', async () => {
  const database = await bed.createDatabase();
  expect((await bestie(['migrate'], bed.environment('1.3', database))).exitCode).toBe(0);
  const failed = await bestie(['migrate'], bed.environment('1.4-broken', database));
  expect(failed.exitCode).toBe(1);
  expect(failed.all).toContain('fails here, on purpose');
  expect(failed.all).not.toContain('not-to-be-seen');
});

test.each([
  ['an unknown command', ['help'], {}, 2],
  ['no database', ['migrate'], { DB_ADDR: undefined }, 1],
  ['an unknown version', ['serve'], { BESTIE_VERSION: '2.0' }, 1],
])('%s is an error', async (_, args, change, exitCode) => {
  const result = await bestie(args, { ...bed.environment('1.3', 'postgres'), ...change });
  expect(result.exitCode).toBe(exitCode);
  expect(result.all).not.toContain('not-to-be-seen');
});

test('DATABASE_URL is enough', async () => {
  const database = await bed.createDatabase();
  const { DB_ADDR, DB_PORT, DB_PASSWORD, ...rest } = bed.environment('1.3', database);
  const url = new URL(`postgres://${DB_ADDR}:${DB_PORT}/${database}`);
  url.username = USER;
  url.password = DB_PASSWORD ?? '';
  expect((await bestie(['migrate'], { ...rest, DATABASE_URL: url.href })).exitCode).toBe(0);
});

test('SIGTERM: what runs is finished, kept-alive connections are told to close, exit 0', async () => {
  const database = await bed.createDatabase();
  await bed.migrate('1.3', database, { BESTIE_SEED_ROWS: '1' });
  const service = bestie(['serve'], { ...bed.environment('1.3', database), BESTIE_LAME_DUCK_MILLISECONDS: '1000' });
  const port = await portOf(service);
  const agent = new Agent({ keepAlive: true });
  expect(await get(port, '/foster', agent)).toEqual({ status: 200, connection: 'keep-alive' });
  await bed.asSuperuser(database, async (client) => {
    await client.query('BEGIN; LOCK TABLE bestie.pets IN ACCESS EXCLUSIVE MODE');
    const slow = get(port, '/pets/1', new Agent());
    const waits = async (): Promise<boolean> => {
      // Not pg_stat_activity: a transaction sees it as it first saw it.
      const sql = "SELECT 1 FROM pg_locks WHERE relation = 'bestie.pets'::regclass AND NOT granted";
      return (await client.query(sql)).rowCount === 1;
    };
    await waitFor(waits, { what: 'the read waits', timeoutSeconds: 10 });
    service.kill('SIGTERM');
    const draining = async (): Promise<Reply | false> => {
      const reply = await get(port, '/foster', agent);
      return reply.status === 503 && reply;
    };
    const reply = await waitFor(draining, { what: 'draining', timeoutSeconds: 10, everyMilliseconds: 20 });
    expect(reply.connection).toBe('close');
    expect((await get(port, '/', agent)).status).toBe(200);
    await client.query('ROLLBACK');
    expect((await slow).status).toBe(200);
  });
  const { exitCode } = await service;
  expect(exitCode).toBe(0);
});
