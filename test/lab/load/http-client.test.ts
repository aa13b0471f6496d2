import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { httpClient } from './http-client.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Answers the first `answered` requests of each connection, and cuts the connection at the next one. */
async function cutting(answered: number): Promise<{ readonly target: string; readonly connections: () => number }> {
  const requests = new Map<Socket, number>();
  const server = createServer((request, response) => {
    const served = requests.get(request.socket) ?? 0;
    requests.set(request.socket, served + 1);
    if (served < answered) response.setHeader('x-bestie-version', '1.3').end('{}');
    else request.socket.destroy();
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    target: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => requests.size,
  };
}

test('a read on a kept connection that the server closed is sent again, and told', async () => {
  const { target, connections } = await cutting(1);
  const client = httpClient(target, 'kept');
  expect(await client.call('GET', '/')).toMatchObject({ status: 200, version: '1.3', resent: false });
  expect(await client.call('GET', '/')).toMatchObject({ status: 200, resent: true });
  expect(connections()).toBe(2);
});

test('a write on it is not', async () => {
  const { target, connections } = await cutting(1);
  const client = httpClient(target, 'kept');
  await client.call('GET', '/');
  await expect(client.call('POST', '/pets', {})).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(connections()).toBe(1);
});

test('a read on a new connection is not: it failed', async () => {
  const { target, connections } = await cutting(0);
  for (const kind of ['kept', 'fresh'] as const) {
    await expect(httpClient(target, kind).call('GET', '/')).rejects.toMatchObject({ code: 'ECONNRESET' });
  }
  expect(connections()).toBe(2);
});

test('fresh means a new connection each time, kept the same one', async () => {
  const { target, connections } = await cutting(10);
  const fresh = httpClient(target, 'fresh');
  for (let n = 0; n < 3; n += 1) await fresh.call('GET', '/');
  expect(connections()).toBe(3);
  const kept = httpClient(target, 'kept');
  for (let n = 0; n < 3; n += 1) await kept.call('GET', '/');
  expect(connections()).toBe(4);
});

test('nobody listens', async () => {
  const { target } = await cutting(1);
  await new Promise((resolve) => servers[0]?.close(resolve));
  await expect(httpClient(target, 'fresh').call('GET', '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
