import { expect, test } from '@jest/globals';
import { serveReadiness } from './readiness.ts';

test('ready only while it is set so; alive in any case', async () => {
  const server = await serveReadiness(0);
  const ask = async (path: string): Promise<number> => (await fetch(`http://127.0.0.1:${server.port}${path}`)).status;
  try {
    expect(await ask('/readyz')).toBe(503);
    server.readiness.set(true);
    expect(await ask('/readyz')).toBe(200);
    server.readiness.set(false);
    expect(await ask('/readyz')).toBe(503);
    expect(await ask('/healthz')).toBe(200);
    expect(await ask('/')).toBe(404);
  } finally {
    await server.close();
  }
});
