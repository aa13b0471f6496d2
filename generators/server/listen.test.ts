import { expect, test } from '@jest/globals';
import { listen } from './listen.ts';
import { openRaw, statusOf } from './testing/raw.ts';
import { eventually } from './testing/world.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

test('a port that is taken is an error, not a crash later', async () => {
  const first = await listen(() => undefined, 0, '127.0.0.1');
  await expect(listen(() => undefined, first.port, '127.0.0.1')).rejects.toThrow('EADDRINUSE');
  await first.close(AbortSignal.abort());
});

test('to close lets an answer end, closes connections that are idle, and takes no new ones', async () => {
  const answers: (() => void)[] = [];
  const server = await listen((_, response) => answers.push(() => response.end('whole')), 0, '127.0.0.1');
  const [busy, idle] = [await openRaw(server.port), await openRaw(server.port)];
  busy.send(REQUEST);
  await eventually(() => answers.length === 1);
  const closed = server.close(new AbortController().signal);
  expect(await idle.received()).toBe('');
  expect(await (await openRaw(server.port)).received()).toBe('');
  answers[0]?.();
  const response = await busy.received();
  expect([statusOf(response), response.endsWith('whole')]).toEqual([200, true]);
  await closed;
});

test('what does not end is cut when the time is over', async () => {
  let received = false;
  const server = await listen(() => (received = true), 0, '127.0.0.1');
  const raw = await openRaw(server.port);
  raw.send(REQUEST);
  await eventually(() => received);
  const over = new AbortController();
  const closed = server.close(over.signal);
  over.abort();
  await closed;
  expect(await raw.received()).toBe('');
});
