import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { cached as makeCached } from './cache.ts';

// The cache's place is read from the environment when the module is loaded.
const home = mkdtempSync(join(tmpdir(), 'cache-'));
const root = join(home, 'argocd-lifecycle-plugin');
let cached: typeof makeCached;

beforeAll(async () => {
  process.env['XDG_CACHE_HOME'] = home;
  ({ cached } = await import('./cache.ts'));
});
afterAll(() => {
  rmSync(home, { recursive: true });
});

const key = (digit: number): string => String(digit).repeat(16);
/** Builds it, or finds it; used `digit` seconds into 1970, unless it is used later. */
async function make(name: string, digit: number): Promise<string> {
  const folder = await cached(name, key(digit), (temporary) => {
    writeFileSync(join(temporary, 'built'), '');
    return Promise.resolve();
  });
  utimesSync(folder, digit, digit);
  return folder;
}

test('is built once for its key', async () => {
  const folder = await make('once', 1);
  expect(await cached('once', key(1), () => Promise.reject(new Error('built again')))).toBe(folder);
});

test('a build that fails leaves nothing', async () => {
  await expect(cached('failed', key(1), () => Promise.reject(new Error('no compiler')))).rejects.toThrow('no compiler');
  expect(readdirSync(root).filter((each) => each.includes('failed'))).toEqual([]);
});

test('of each name, the three that were used last stay', async () => {
  for (const digit of [1, 2, 3]) await make('image', digit);
  await make('image-next', 1);
  await cached('image', key(1), () => Promise.reject(new Error('it is there')));
  await make('image', 4);
  expect(readdirSync(root).filter((each) => each.startsWith('image'))).toEqual([
    `image-${key(1)}`,
    `image-${key(3)}`,
    `image-${key(4)}`,
    `image-next-${key(1)}`,
  ]);
});
