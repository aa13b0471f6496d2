import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { serve } from './serve.ts';
import { settingsFrom } from './settings.ts';
import { call } from './testbed-call.ts';
import { startTestbed, type Testbed } from './testbed.ts';

jest.setTimeout(60_000);

let bed: Testbed;
beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(() => bed.stop());

describe('readiness', () => {
  test.each([
    ['1.3', 'none', 503, '42P01'],
    ['1.3', '1.3', 200, undefined],
    ['1.3', '1.4', 503, 'the database has schema 1.4, this version needs 1.3'],
    ['1.4', 'none', 503, '42P01'],
    ['1.4', '1.3', 503, 'the database has schema 1.3, this version needs 1.4'],
    ['1.4', '1.4', 200, undefined],
  ] as const)('%s on a database with schema %s answers %i', async (version, schema, status, reason) => {
    const name = await bed.createDatabase();
    if (schema !== 'none') await bed.migrate(schema, name);
    await bed.setReadOnly(name);
    const { port } = await bed.serve(version, name);
    const reply = await call(port, 'GET', '/foster');
    expect(reply).toMatchObject({ status, version });
    expect(String(reply.body['reason'])).toContain(String(reason));
    expect((await call(port, 'GET', '/')).status).toBe(200);
  });

  test('a recorded version without its columns is not enough', async () => {
    const { port, name } = await bed.running('1.3');
    await bed.asSuperuser(name, (client) => client.query('ALTER TABLE bestie.pets RENAME name TO other'));
    const reply = await call(port, 'GET', '/foster');
    expect(reply.status).toBe(503);
    expect(reply.body['reason']).toContain('42703');
  });

  test('a database that is not there is a reason, without the password', async () => {
    const { port } = await bed.serve('1.3', 'nowhere');
    const reply = await call(port, 'GET', '/foster');
    expect(reply.status).toBe(503);
    expect(JSON.stringify(reply)).not.toContain('not-to-be-seen');
  });
});

test('draining: not ready and connections told to close, but everything answered until the lame duck is over', async () => {
  const name = await bed.createDatabase();
  await bed.migrate('1.3', name);
  const { port, drain } = await serve(settingsFrom(bed.environment('1.3', name)));
  const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`);
  expect((await get('/foster')).headers.get('connection')).toBe('keep-alive');
  const lameDuck = Promise.withResolvers<undefined>();
  const drained = drain(lameDuck.promise);
  const readiness = await get('/foster');
  expect([readiness.status, readiness.headers.get('connection')]).toEqual([503, 'close']);
  expect((await get('/')).status).toBe(200);
  lameDuck.resolve(undefined);
  await drained;
  await expect(get('/')).rejects.toThrow('fetch failed');
});

describe('pets', () => {
  test.each(['1.3', '1.4'] as const)('%s inserts, updates, reads and counts', async (version) => {
    const { port } = await bed.running(version);
    const inserted = await call(port, 'POST', '/pets', { token: 't1', name: 'Rex' });
    expect(inserted).toMatchObject({ status: 201, body: { id: 11, seq: 0 } });
    expect(await call(port, 'PUT', '/pets/11', { name: 'Max', seq: 2 })).toMatchObject({
      status: 200,
      body: { seq: 2 },
    });
    const pet = { id: 11, token: 't1', name: 'Max', seq: 2 };
    expect(await call(port, 'GET', '/pets/11')).toEqual({ status: 200, version, sqlstate: null, body: pet });
    expect((await call(port, 'GET', '/pets/count')).body).toEqual({ count: 11 });
  });

  test('an update that was overtaken changes nothing', async () => {
    const { port } = await bed.running('1.3');
    await call(port, 'PUT', '/pets/1', { name: 'new', seq: 5 });
    expect((await call(port, 'PUT', '/pets/1', { name: 'old', seq: 4 })).status).toBe(404);
    expect((await call(port, 'GET', '/pets/1')).body).toMatchObject({ name: 'new', seq: 5 });
  });

  test.each([
    ['a token twice', 'POST', '/pets', { token: 'seed-1', name: 'x' }, 409],
    ['an unknown field', 'POST', '/pets', { token: 'a', name: 'x', more: 1 }, 400],
    ['no such pet', 'GET', '/pets/999', undefined, 404],
    ['no such path', 'GET', '/nothing', undefined, 404],
    ['too large', 'POST', '/pets', { token: 'a', name: 'x'.repeat(70_000) }, 413],
  ] as const)('%s is refused', async (_, method, path, body, status) => {
    const { port } = await bed.running('1.3');
    expect(await call(port, method, path, body)).toMatchObject({ status, version: '1.3' });
  });
});
