import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { waitFor } from '../wait-for.ts';
import { call, type Reply } from './testbed-call.ts';
import { startTestbed, type Testbed } from './testbed.ts';

jest.setTimeout(60_000);

let bed: Testbed;
beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(() => bed.stop());

describe('a session that is ended', () => {
  /** Readers of `bestie.pets` wait behind this lock. */
  const whileTableIsLocked = (name: string, work: () => Promise<void>): Promise<void> =>
    bed.asSuperuser(name, async (client) => {
      await client.query('BEGIN; LOCK TABLE bestie.pets IN ACCESS EXCLUSIVE MODE');
      await work();
      await client.query('ROLLBACK');
    });
  /** The backend that waits for the lock, other than `not`. */
  const waiter = (name: string, not = 0): Promise<number> =>
    waitFor(
      () =>
        bed.asSuperuser(name, async (client) => {
          const { rows } = await client.query<{ pid: number }>(
            "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock' AND pid <> $2",
            [name, not],
          );
          return rows[0]?.pid;
        }),
      { what: 'a query waits', timeoutSeconds: 10 },
    );

  test('under a read: the read is tried once more and answered', async () => {
    const { port, name } = await bed.running('1.3');
    let reply: Promise<Reply> | undefined;
    await whileTableIsLocked(name, async () => {
      reply = call(port, 'GET', '/pets/1');
      const first = await waiter(name);
      await bed.endSessions(name, `pid = ${first}`);
      await waiter(name, first);
    });
    expect((await reply)?.status).toBe(200);
  });

  test('under a read, twice: 503 with its SQLSTATE', async () => {
    const { port, name } = await bed.running('1.3');
    await whileTableIsLocked(name, async () => {
      const reply = call(port, 'GET', '/pets/1');
      const first = await waiter(name);
      await bed.endSessions(name, `pid = ${first}`);
      await bed.endSessions(name, `pid = ${await waiter(name, first)}`);
      expect(await reply).toMatchObject({ status: 503, sqlstate: '57P01' });
    });
  });

  test('all of a busy pool: no read fails', async () => {
    const { port, name } = await bed.running('1.3', 1000);
    for (let round = 0; round < 5; round += 1) {
      const reads = Array.from({ length: 40 }, () => call(port, 'GET', '/pets/count'));
      await Promise.race(reads);
      expect(await bed.endSessions(name)).toBeGreaterThan(0);
      expect((await Promise.all(reads)).filter(({ status }) => status !== 200)).toEqual([]);
    }
  });

  test('before its COMMIT: the write is refused, and not there', async () => {
    const { port, name } = await bed.running('1.3');
    await whileTableIsLocked(name, async () => {
      const reply = call(port, 'POST', '/pets', { token: 't', name: 'x' });
      await bed.endSessions(name, `pid = ${await waiter(name)}`);
      expect(await reply).toMatchObject({ status: 503, sqlstate: '57P01' });
    });
    expect((await call(port, 'GET', '/pets/count')).body).toEqual({ count: 10 });
  });
});
