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

interface Line {
  readonly event: string;
  readonly port?: number;
}

/** The service's next line with this event. */
async function lineOf(lines: AsyncIterator<string>, event: string): Promise<Line> {
  // Not for…of: leaving it would end the reading of the lines to come.
  for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
    const line = JSON.parse(next.value) as Line;
    if (line.event === event) return line;
  }
  throw new Error(`the service ended before ${event}`);
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

test('SIGTERM: what runs is finished, exit 0', async () => {
  const database = await bed.createDatabase();
  await bed.migrate('1.3', database, { BESTIE_SEED_ROWS: '1' });
  const service = bestie(['serve'], bed.environment('1.3', database));
  const lines = createInterface({ input: service.stdout })[Symbol.asyncIterator]();
  const { port = 0 } = await lineOf(lines, 'serving');
  await bed.asSuperuser(database, async (client) => {
    await client.query('BEGIN; LOCK TABLE bestie.pets IN ACCESS EXCLUSIVE MODE');
    const slow = fetch(`http://127.0.0.1:${port}/pets/1`);
    const waits = async (): Promise<boolean> => {
      // Not pg_stat_activity: a transaction sees it as it first saw it.
      const sql = "SELECT 1 FROM pg_locks WHERE relation = 'bestie.pets'::regclass AND NOT granted";
      return (await client.query(sql)).rowCount === 1;
    };
    await waitFor(waits, { what: 'the read waits', timeoutSeconds: 10 });
    service.kill('SIGTERM');
    await lineOf(lines, 'SIGTERM');
    await client.query('ROLLBACK');
    expect((await slow).status).toBe(200);
  });
  const { exitCode } = await service;
  expect(exitCode).toBe(0);
});
