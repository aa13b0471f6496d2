import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LifecycleError } from '../../plugin/errors/errors.ts';
import { GENERATOR_ERRORS } from '../../plugin/errors/generator-errors.ts';
import { STATUS } from './status.ts';
import { call, callBody, eventually, parameterSet, startWorld, TOKEN, type World } from './testing/world.ts';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(async () => {
  await world.close();
});

interface Refused {
  readonly message: string;
  readonly code: string;
}
const refusedAs = async (response: Response): Promise<readonly [number, string]> => {
  const { message, code } = (await response.json()) as Refused;
  expect(message.startsWith(`${code}: `)).toBe(true);
  return [response.status, code];
};

describe('getparams.execute', () => {
  test('answers with the whole list, and its length', async () => {
    const sets = [parameterSet(), parameterSet({ name: 'other' })];
    world.parameters = () => Promise.resolve(sets);
    const response = await call(world, callBody({ paths: ['shop/*'], values: { team: 'shop' } }));
    const text = await response.text();
    expect([response.status, JSON.parse(text)]).toEqual([200, { output: { parameters: sets } }]);
    expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
    expect(world.asked).toEqual([
      { repoURL: sets[0]?.repoURL, revision: 'main', paths: ['shop/*'], values: { team: 'shop' } },
    ]);
  });

  test('paths and values may be left out', async () => {
    await call(world);
    expect(world.asked).toMatchObject([{ paths: [], values: {} }]);
  });

  test('an empty list never leaves: it would delete every Application', async () => {
    world.parameters = () => Promise.resolve([]);
    expect(await refusedAs(await call(world))).toEqual([500, 'generator-shrunk']);
  });

  test.each(Object.keys(GENERATOR_ERRORS) as (keyof typeof GENERATOR_ERRORS)[])(
    '%s becomes a status that keeps Applications, with its message',
    async (code) => {
      world.parameters = () => Promise.reject(new LifecycleError(code, 'in detail'));
      const response = await call(world);
      expect(response.status).toBe(STATUS[code]);
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(await response.json()).toEqual({ code, message: `${code}: in detail; ${GENERATOR_ERRORS[code].remedy}` });
    },
  );

  test('of a defect nothing is told but that it is one; the log has it, without secrets', async () => {
    world.parameters = () => Promise.reject(new TypeError(`undefined is no ${TOKEN}`));
    const response = await call(world);
    const text = await response.text();
    expect([response.status, text]).toEqual([500, expect.stringContaining('"code":"internal"')]);
    expect(text).not.toContain('undefined is no');
    expect(world.logged.join('')).toContain('undefined is no [secret]');
    expect(world.logged.join('')).not.toContain(TOKEN);
  });

  test('a secret in a message goes out neither to the caller nor to the log', async () => {
    world.parameters = () => Promise.reject(new LifecycleError('generator-fetch-failed', `git said ${TOKEN}`));
    expect(await (await call(world)).text()).toContain('git said [secret]');
    expect(world.logged.join('')).not.toContain(TOKEN);
  });

  test.each([
    ['none', ''],
    ['another', 'Bearer wrong'],
    ['a part', `Bearer ${TOKEN.slice(0, -1)}`],
    ['more', `Bearer ${TOKEN}x`],
    ['the literal reference that Argo CD sends where its Secret lacks the key', 'Bearer $lifecycle-generator:token'],
    ['another scheme', `Basic ${TOKEN}`],
    ['no scheme', TOKEN],
    ['nothing behind the scheme', 'Bearer '],
  ])('with a token that is %s: 401, before its body is looked at', async (_, authorization) => {
    const response = await call(world, 'no json', { authorization });
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await refusedAs(response)).toEqual([401, 'generator-unauthorized']);
  });

  test('the token is read anew at each call', async () => {
    world.env['TOKEN'] = 'rotated';
    expect((await call(world)).status).toBe(401);
    expect((await call(world, callBody(), { authorization: 'Bearer rotated' })).status).toBe(200);
    world.env['TOKEN'] = '';
    expect(await refusedAs(await call(world))).toEqual([500, 'generator-config-invalid']);
  });

  test.each<readonly [string, string, RegExp]>([
    ['nothing', '', /its body is no JSON/],
    ['half of it', callBody().slice(0, -2), /its body is no JSON/],
    ['two', callBody() + callBody(), /its body is no JSON/],
    ['a list', '[]', /the body: expected is a mapping, found is a list/],
    ['null', 'null', /the body: expected is a mapping, found is nothing/],
    ['no parameters', '{"applicationSetName":"x","input":{}}', /input.parameters: it is missing/],
    [
      'no repository',
      '{"applicationSetName":"x","input":{"parameters":{"revision":"main"}}}',
      /repoURL: it is missing/,
    ],
    ['a misspelt field', callBody({ path: 'shop' }), /input.parameters: there is no field "path"/],
    ['a path that is no list', callBody({ paths: 'shop/*' }), /paths: expected is a list, found is a string/],
    ['a path that goes up', callBody({ paths: ['../x'] }), /paths\[0\]: it has an empty part, "." or ".."/],
    ['a value that is no text', callBody({ values: { replicas: 3 } }), /values.replicas: expected is a string/],
    ['a value of a name that no template can have', callBody({ values: { 'a-b': 'x' } }), /values/],
    ['a prototype', callBody().replace('"revision"', '"__proto__":{"paths":[]},"revision"'), /no field "__proto__"/],
    ['an empty revision', callBody({ revision: '' }), /revision: at least 1 characters/],
    ['100 000 open brackets', '['.repeat(60_000), /nested more than 32 levels/],
    [
      'deep JSON in a field',
      callBody({ values: JSON.parse('{"a":'.repeat(40) + '1' + '}'.repeat(40)) as object }),
      /nested/,
    ],
  ])('a body that is %s: 400, with what is wrong', async (_, body, message) => {
    const response = await call(world, body);
    const refused = (await response.json()) as Refused;
    expect([response.status, refused.code, refused.message]).toEqual([
      400,
      'generator-bad-request',
      expect.stringMatching(message),
    ]);
    expect(world.asked).toEqual([]);
  });

  test('bytes that are no UTF-8, and a body that is compressed, are refused', async () => {
    expect((await call(world, new Uint8Array([0xff, 0xfe]))).status).toBe(400);
    expect((await call(world, callBody(), { 'content-encoding': 'gzip' })).status).toBe(415);
  });

  test.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])('%s is no way to ask', async (method) => {
    const response = await fetch(`${world.url}/api/v1/getparams.execute`, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test.each(['/api/v1/getparams.execute/', '/API/v1/getparams.execute', '/api/v1', '/%', '/..%2f'])(
    'at %s nothing is answered with a 2xx',
    async (path) => {
      const response = await fetch(world.url + path, { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` } });
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(await response.json()).toMatchObject({ code: 'generator-bad-request' });
    },
  );
});

describe('limits', () => {
  test('more calls than there may be at once are refused at once; room is made as soon as one ends', async () => {
    await world.close();
    world = await startWorld({ limits: { concurrentRequests: 2 } });
    const open = Promise.withResolvers<undefined>();
    world.parameters = async () => {
      await open.promise;
      return [parameterSet()];
    };
    const inside = [call(world), call(world)];
    await eventually(() => world.asked.length === 2);
    const third = await call(world);
    expect(third.headers.get('retry-after')).toBe('5');
    expect(await refusedAs(third)).toEqual([503, 'generator-busy']);
    open.resolve(undefined);
    expect((await Promise.all(inside)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await call(world)).status).toBe(200);
  });

  test('a call that takes too long is refused, its work is told, and its place is free again', async () => {
    await world.close();
    world = await startWorld({ limits: { requestSeconds: 1, concurrentRequests: 1 } });
    let signal: AbortSignal | undefined;
    world.parameters = (_, given) => {
      signal = given;
      return new Promise(() => undefined);
    };
    expect(await refusedAs(await call(world))).toEqual([503, 'generator-busy']);
    expect(signal?.aborted).toBe(true);
    world.parameters = () => Promise.resolve([parameterSet()]);
    expect((await call(world)).status).toBe(200);
  });

  test('work that nobody waits for is told so', async () => {
    let signal: AbortSignal | undefined;
    world.parameters = (_, given) => {
      signal = given;
      return new Promise(() => undefined);
    };
    const gone = new AbortController();
    const request = fetch(`${world.url}/api/v1/getparams.execute`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}` },
      body: callBody(),
      signal: gone.signal,
    });
    await eventually(() => signal !== undefined);
    gone.abort();
    await expect(request).rejects.toThrow('abort');
    await eventually(() => signal?.aborted === true);
    await eventually(() => world.logged.some((line) => line.includes('"code":"gone"')));
    expect(world.logged).toHaveLength(1);
  });
});

describe('probes', () => {
  test('readiness can be taken back; life goes on, and answers too', async () => {
    expect((await fetch(`${world.url}/readyz`)).status).toBe(200);
    world.ready = false;
    const statuses = await Promise.all(['/readyz', '/healthz'].map((path) => fetch(world.url + path)));
    expect(statuses.map(({ status }) => status)).toEqual([503, 200]);
    expect((await call(world)).status).toBe(200);
  });
});
