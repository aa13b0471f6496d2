import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { deliver } from './testing/deliver.ts';
import { openRaw, statusOf, type Raw } from './testing/raw.ts';
import { call, callBody, startWorld, TOKEN, WEBHOOK_SECRET, type World } from './testing/world.ts';

/** Attacks over real sockets: the right status, the service stays up, and nobody's bytes are kept. */
jest.setTimeout(120_000);

let world: World;
let raws: Raw[] = [];
afterEach(async () => {
  for (const { socket } of raws) socket.destroy();
  raws = [];
  await world.close();
});

const TIMES = 500;
const times = <T>(make: (index: number) => Promise<T>, count = TIMES): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));
const open = async (): Promise<Raw> => {
  const raw = await openRaw(world.port);
  raws.push(raw);
  return raw;
};
const counted = (statuses: readonly number[]): Readonly<Record<number, number>> =>
  Object.fromEntries([...Map.groupBy(statuses, (status) => status)].map(([status, all]) => [status, all.length]));

/** Nothing but these two, of the second at least so many, and of the first most. */
function expectOf(statuses: readonly number[], most: number, some: number, least: number): void {
  const found = counted(statuses);
  expect((found[most] ?? 0) + (found[some] ?? 0)).toBe(TIMES);
  expect(found[some]).toBeGreaterThanOrEqual(least);
  expect(found[most]).toBeGreaterThan(TIMES / 2);
}

const head = (path: string, ...lines: readonly string[]): string =>
  [`POST ${path} HTTP/1.1`, 'Host: x', ...lines, '', ''].join('\r\n');
const CALL = '/api/v1/getparams.execute';
const AUTHORIZED = `Authorization: Bearer ${TOKEN}`;

const stillServes = async (): Promise<void> => {
  expect((await call(world)).status).toBe(200);
  expect((await fetch(`${world.url}/healthz`)).status).toBe(200);
};

test('500 calls with a wrong token', async () => {
  world = await startWorld();
  const statuses = await times(async (index) => {
    const response = await call(world, callBody(), { authorization: `Bearer ${TOKEN}${index}` });
    await response.arrayBuffer();
    return response.status;
  });
  expect(counted(statuses)).toEqual({ 401: TIMES });
  expect(world.asked).toEqual([]);
  await stillServes();
});

test('500 bodies that are malformed', async () => {
  world = await startWorld({ limits: { concurrentRequests: TIMES } });
  const bodies = ['{', '[[[', '"', '{"applicationSetName":', '\0', 'null', '['.repeat(50_000)];
  const statuses = await times(async (index) => {
    const response = await call(world, bodies[index % bodies.length] ?? '');
    await response.arrayBuffer();
    return response.status;
  });
  expect(counted(statuses)).toEqual({ 400: TIMES });
  await stillServes();
});

describe('500 bodies that are too large', () => {
  test('that say so: 413 before a byte of them was read', async () => {
    world = await startWorld({ limits: { concurrentRequests: TIMES } });
    const statuses = await times(async () => {
      const raw = await open();
      raw.send(head(CALL, AUTHORIZED, `Content-Length: ${1024 ** 3}`));
      return statusOf(await raw.received());
    });
    expect(counted(statuses)).toEqual({ 413: TIMES });
    await stillServes();
  });

  test('that do not: 413, and what was read of them is not kept', async () => {
    // As long as it takes: a busy machine reads 600 MB slowly.
    world = await startWorld({ limits: { concurrentRequests: TIMES }, bounds: { request: 110_000 } });
    const chunk = 'x'.repeat(60_000);
    const before = process.memoryUsage().rss;
    const statuses = await times(async () => {
      const raw = await open();
      raw.send(head(CALL, AUTHORIZED, 'Transfer-Encoding: chunked'));
      for (let each = 0; each < 20; each += 1) raw.send(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
      raw.send('0\r\n\r\n');
      return statusOf(await raw.received('\r\n\r\n'));
    });
    expect(counted(statuses)).toEqual({ 413: TIMES });
    // 600 MB were sent, twice the bytes that may be held in the test's own sockets and heap.
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 ** 2);
    await stillServes();
  });

  test('without a token: 401, and their bytes are not waited for', async () => {
    world = await startWorld();
    const statuses = await times(async () => {
      const raw = await open();
      raw.send(head(CALL, `Content-Length: ${1024 ** 3}`));
      return statusOf(await raw.received());
    });
    expect(counted(statuses)).toEqual({ 401: TIMES });
    await stillServes();
  });

  test('of webhooks: 413 before a byte of them was read', async () => {
    world = await startWorld();
    const statuses = await times(async () => {
      const raw = await open();
      raw.send(head('/webhooks/gitlab', 'X-Gitlab-Token: x', `Content-Length: ${1024 ** 3}`));
      return statusOf(await raw.received());
    });
    // No more than 16 are looked at at once; none is waited for.
    expect(Object.keys(counted(statuses)).filter((status) => status !== '413' && status !== '503')).toEqual([]);
    await stillServes();
  });
});

describe('500 connections that are slow', () => {
  const QUICK = { headers: 1000, request: 2000, check: 100 };

  test('with their headers: others are served meanwhile, and each is closed with a 408', async () => {
    world = await startWorld({ bounds: QUICK });
    const slow = await times(async () => {
      const raw = await open();
      raw.send('POST /api/v1/getparams.execute HTTP/1.1\r\nHost: x\r\nX-Slow: ');
      return raw;
    });
    await stillServes();
    const statuses = await Promise.all(slow.map(async (raw) => statusOf(await raw.received())));
    expect(counted(statuses)).toEqual({ 408: TIMES });
    await stillServes();
  });

  test('with a body, from whoever has the token: their places are free again when they are closed', async () => {
    world = await startWorld({ bounds: QUICK, limits: { concurrentRequests: 8 } });
    const slow = await times(async () => {
      const raw = await open();
      raw.send(head(CALL, AUTHORIZED, 'Content-Length: 1000'));
      raw.send('{');
      return raw;
    });
    const statuses = await Promise.all(slow.map(async (raw) => statusOf(await raw.received())));
    // Eight found a place at first, and others as these were closed.
    expectOf(statuses, 503, 408, 8);
    await stillServes();
  });

  test('with webhooks: calls of the controller are not held up', async () => {
    world = await startWorld({ bounds: QUICK });
    const slow = await times(async () => {
      const raw = await open();
      raw.send(head('/webhooks/github', `X-Hub-Signature-256: sha256=${'0'.repeat(64)}`, 'Content-Length: 1000'));
      return raw;
    });
    await stillServes();
    const statuses = await Promise.all(slow.map(async (raw) => statusOf(await raw.received())));
    expectOf(statuses, 503, 408, 16);
    const payload = { repository: { full_name: 'shop/deploy' } };
    expect((await deliver(world, { kind: 'github', event: 'push', payload })).status).toBe(202);
  });

  test('more connections than there may be are closed; room is made as soon as one ends', async () => {
    world = await startWorld({ bounds: { ...QUICK, connections: 10 } });
    const held = await times(open, 10);
    const eleventh = await open();
    eleventh.send('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await eleventh.received()).toBe('');
    for (const { socket } of held.slice(0, 5)) socket.destroy();
    await Promise.all(held.slice(0, 5).map(({ received }) => received()));
    // The server learns of it a moment later than this end does.
    let status = 0;
    while (status !== 200) {
      const raw = await open();
      raw.send('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      status = statusOf(await raw.received());
    }
    expect(status).toBe(200);
  });
});

test('500 replays of one delivery do what it says once', async () => {
  world = await startWorld();
  const body = JSON.stringify({ repository: { full_name: 'shop/deploy' } });
  const signature = createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex');
  const statuses: number[] = [];
  // One after the other on few connections: more at once than 16 are refused, which is another test.
  await times(async (worker) => {
    for (let each = 0; each < TIMES / 10; each += 1) {
      const response = await fetch(`${world.url}/webhooks/gitea`, {
        method: 'POST',
        headers: { 'x-gitea-event': 'push', 'x-gitea-delivery': `${worker}-${each}`, 'x-gitea-signature': signature },
        body,
      });
      await response.arrayBuffer();
      statuses.push(response.status);
    }
  }, 10);
  expect(counted(statuses)).toEqual({ 202: TIMES });
  expect(world.pushed).toHaveLength(1);
  await stillServes();
});

test.each([
  ['a header without end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ['many headers', `GET / HTTP/1.1\r\n${'X: y\r\n'.repeat(10_000)}\r\n`, 431],
  ['no HTTP', 'hello\r\n\r\n', 400],
  ['two lengths', head(CALL, 'Content-Length: 1', 'Content-Length: 2'), 400],
  ['a length and chunks', head(CALL, 'Content-Length: 1', 'Transfer-Encoding: chunked'), 400],
  ['a negative length', head(CALL, 'Content-Length: -1'), 400],
  ['no host', 'GET /healthz HTTP/1.1\r\n\r\n', 400],
])('%s is refused', async (_, text, status) => {
  world = await startWorld();
  const raw = await open();
  raw.send(text);
  expect(statusOf(await raw.received())).toBe(status);
  await stillServes();
});
