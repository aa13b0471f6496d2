import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RepositoryView } from '../../ports.ts';
import { NOW, PAGE_TOKEN, parameterSet, startWorld, TOKEN, type World } from '../testing/world.ts';
import { pageData } from './view.ts';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(async () => {
  await world.close();
});

const URL_OF = 'https://git.example.com/shop/deploy.git';
const before = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1000);
const view = (change: Partial<RepositoryView> = {}): RepositoryView => ({
  url: URL_OF,
  fetchedAt: before(90),
  failure: undefined,
  fetches: { succeeded: 3, failed: 1 },
  revisions: [
    {
      revision: 'main',
      commit: 'c0ffee'.repeat(6),
      files: [
        parameterSet({
          restore: { id: 'r1', mode: 'InPlace', request: 'f'.repeat(64) },
          plan: 'Restore',
          approval: { state: 'missing', token: '', message: 'one more of alice, bob' },
        }),
        parameterSet({ path: 'shop/old', problem: 'shop/old/lifecycle.yaml:3:1 wrong-type' }),
      ],
      lastGood: [{ path: 'shop/old', commit: 'abcdef0123456789', committedAt: before(7200) }],
      problems: ['shop/new/lifecycle.yaml:1:1 yaml-syntax'],
    },
  ],
  ...change,
});

const basic = (password: string, user = 'me'): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const page = (authorization?: string): Promise<Response> =>
  fetch(world.url, authorization === undefined ? {} : { headers: { authorization } });

test('shows what waits for whom, what is wrong, and since when a file is served from an older commit', async () => {
  world.view = () => [view()];
  const html = await (await page(basic(PAGE_TOKEN))).text();
  for (const text of [
    'Restore r1 (InPlace)',
    'one more of alice, bob',
    'shop/old/lifecycle.yaml:3:1 wrong-type',
    'shop/new/lifecycle.yaml:1:1 yaml-syntax',
    'as of abcdef012345, 2 h old',
    '2026-02-03 09:58 UTC, 1 min ago',
    'bestie 1.3',
  ])
    expect(html).toContain(text);
});

test('says that a repository was never fetched, and why the last fetch failed', async () => {
  world.view = () => [view({ fetchedAt: undefined, failure: 'generator-fetch-failed: no route', revisions: [] })];
  const html = await (await page(basic(PAGE_TOKEN))).text();
  expect(html).toContain(
    'Last fetched: never. <span class="bad">The last fetch failed: generator-fetch-failed: no route',
  );
  expect(html).toContain('Nothing waits for anybody.');
});

describe('whoever has no password', () => {
  test.each([
    ['none', undefined],
    ['an empty one', basic('')],
    ['another', basic('wrong')],
    ['the controller’s', basic(TOKEN)],
    ['it as the user', basic('', PAGE_TOKEN)],
    ['a bearer', `Bearer ${PAGE_TOKEN}`],
    ['no base64', 'Basic ???'],
  ])('but %s sees nothing', async (_, authorization) => {
    world.view = () => [view()];
    const response = await page(authorization);
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringMatching(/^Basic /),
    ]);
    expect(await response.text()).not.toContain('bestie');
  });

  test('and a token that is empty opens no door', async () => {
    world.env['PAGE'] = '';
    expect((await page(basic(''))).status).toBe(500);
  });
});

test('whatever hostile files say is text, and nothing that the browser runs or fetches', async () => {
  const hostile = `"><script>alert(1)</script><img src=x onerror='alert(1)'>{{name}}\u202Etxt\u0000`;
  world.view = () => [
    view({
      failure: hostile,
      revisions: [
        {
          revision: hostile,
          commit: hostile,
          files: [
            parameterSet({
              name: hostile,
              namespace: hostile,
              path: hostile,
              stage: hostile,
              plan: hostile,
              blue: { name: hostile, version: hostile },
              green: { name: hostile, version: hostile },
              restore: { id: hostile, mode: hostile, request: hostile },
              approval: { state: 'refused', token: hostile, message: hostile },
              problem: hostile,
            }),
          ],
          lastGood: [{ path: hostile, commit: hostile, committedAt: before(1) }],
          problems: [hostile],
        },
      ],
    }),
  ];
  const response = await page(basic(PAGE_TOKEN));
  const html = await response.text();
  const elements = [...html.matchAll(/<\/?([a-z0-9]+)([^>]*)>/g)];
  expect(new Set(elements.map(([, name]) => name))).toEqual(
    new Set(
      'html head meta title style body header h1 h2 h3 p section table thead tbody tr th td code strong span ul li'.split(
        ' ',
      ),
    ),
  );
  expect(elements.filter(([, , attributes]) => /\bon\w+=|src=|href=/.test(attributes ?? ''))).toEqual([]);
  expect(['\u202E', '\0'].filter((character) => html.includes(character))).toEqual([]);
  expect(response.headers.get('content-security-policy')).toMatch(
    /^default-src 'none';style-src 'sha256-[A-Za-z0-9+/=]+';base-uri 'none';form-action 'none';frame-ancestors 'none'$/,
  );
  const [, style = ''] = /<style>(.*)<\/style>/s.exec(html) ?? [];
  const digest = createHash('sha256').update(style).digest('base64');
  expect(response.headers.get('content-security-policy')).toContain(`'sha256-${digest}'`);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
});

test('a token of an approval, which is in the parameters, is not on the page', () => {
  const approval = { state: 'given', token: 'signed.token.here', message: '' } as const;
  const [revision] = view().revisions;
  if (!revision) throw new Error('the view has one');
  const data = pageData([view({ revisions: [{ ...revision, files: [parameterSet({ approval })] }] })], {
    now: NOW,
    version: '1',
  });
  expect(JSON.stringify(data)).not.toContain('signed.token');
});

test('the head of a page without password in the configuration is nothing', async () => {
  expect((await fetch(`${world.url}/page`)).status).toBe(404);
});
