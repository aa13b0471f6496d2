import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { configSchema, type RepositoryConfig } from '../config/schema.ts';
import { readBlobs } from './blobs.ts';
import { historyOf } from './history.ts';
import { createMirror, type Mirror } from './mirror.ts';
import { reviewedTrees } from './reviewed-trees.ts';
import { startOrigin, type Origin } from './testing/origin.ts';
import { readTree, readTreeFrom, type Tree } from './tree.ts';

// Real git, on a machine that may be busy.
jest.setTimeout(120_000);

/** Trees, blobs and history as real git gives them, and what becomes of outputs that are not whole. */
let origin: Origin;
let folder: string;
let mirror: Mirror;
const never = new AbortController().signal;

beforeAll(async () => {
  origin = await startOrigin();
  folder = mkdtempSync(join(tmpdir(), 'mirrors-'));
  const { repositories, limits } = configSchema.parse({
    apiVersion: 'lifecycle.bestie.com/v1alpha1',
    kind: 'GeneratorConfiguration',
    token: { env: 'TOKEN' },
    repositories: [{ url: origin.url, cluster: 'lab', allowHttp: true, revisions: ['main'] }],
    limits: { freshSeconds: 0 },
  });
  mirror = createMirror({
    repository: repositories[0] as RepositoryConfig,
    limits,
    folder,
    clock: () => new Date(),
    readSecret: () => '',
    environment: { PATH: process.env['PATH'] },
  });
});
afterAll(async () => {
  await mirror.close();
  await origin.close();
  rmSync(folder, { recursive: true, force: true });
});

const treeOf = (commit: string): Promise<Tree> => mirror.read('its files', never, (run) => readTree(run, commit));

test('a tree read by what differs is the tree read whole', async () => {
  const names = fc.constantFrom(
    'lifecycle.yaml',
    'a/lifecycle.yaml',
    'a/b/lifecycle.yaml',
    'ü x/lifecycle.yml',
    'a/x.yaml',
  );
  const contents = fc.option(fc.constantFrom('1', '2', '3'), { nil: undefined });
  let last: { readonly commit: string; readonly tree: Tree } | undefined;
  await fc.assert(
    fc.asyncProperty(fc.dictionary(names, contents, { minKeys: 1 }), async (change) => {
      const commit = await origin.commit(change);
      await mirror.current(never);
      const whole = await treeOf(commit);
      const from = last;
      const { tree, changed } = await mirror.read('its files', never, (run) =>
        from ? readTreeFrom(run, from.tree, from.commit, commit) : Promise.resolve({ tree: whole, changed: [] }),
      );
      const before = from?.tree ?? whole;
      const differing = [...new Set([...whole.keys(), ...before.keys()])].filter(
        (path) => whole.get(path)?.blob !== before.get(path)?.blob,
      );
      last = { commit, tree: whole };
      expect(new Set(tree.values())).toEqual(new Set(whole.values()));
      expect(new Set(changed)).toEqual(new Set(differing));
    }),
    { numRuns: 8, seed: 1 },
  );
});

test('names as they are; links and what only carries nearly the name are there as such', async () => {
  const commit = await origin.commit({
    'q"uote/lifecycle.yaml': 'a',
    'new\nline/lifecycle.yaml': 'b',
    'link/lifecycle.yaml': { link: '../other' },
    'x/lifecycle.yml': 'c',
    'x/my-lifecycle.yaml': 'd',
  });
  await mirror.current(never);
  const tree = await treeOf(commit);
  expect(tree.get('q"uote/lifecycle.yaml')?.mode).toBe('100644');
  expect(tree.has('new\nline/lifecycle.yaml')).toBe(true);
  expect(tree.get('link/lifecycle.yaml')?.mode).toBe('120000');
  expect(tree.has('x/lifecycle.yml')).toBe(true);
  expect(tree.has('x/my-lifecycle.yaml')).toBe(false);
});

test('trees that hold each other are ended before they fill the memory', async () => {
  const store = async (type: string, content: string | Buffer): Promise<string> => {
    const file = join(folder, 'object');
    writeFileSync(file, content);
    return await origin.git('hash-object', '-w', '--literally', '-t', type, file);
  };
  let [mode, inside] = ['100644', await store('blob', 'x')];
  for (let level = 0; level < 6; level++) {
    const entries = Array.from({ length: 16 }, (_, index) =>
      Buffer.concat([Buffer.from(`${mode} ${'n'.repeat(20)}${index.toString(16)}\0`), Buffer.from(inside, 'hex')]),
    );
    [mode, inside] = ['40000', await store('tree', Buffer.concat(entries))];
  }
  const commit = await origin.git('commit-tree', inside, '-m', 'x');
  await origin.git('push', '-q', origin.bare, `${commit}:refs/pull/7/head`);
  await mirror.current(never);
  const pullRequest = { head: commit, headRef: 'refs/pull/7/head', base: 'main' };
  const fetched = await reviewedTrees(() => mirror).fetch(mirror.repository, pullRequest, never);
  if (fetched === 'moved') throw new Error('it is there');
  await expect(fetched.reader.tree(commit, () => true)).rejects.toThrow(/^review-too-large: /);
  await expect(mirror.kept.read('all', never, (run) => readTree(run, commit))).rejects.toThrow(
    /^generator-over-limits: /,
  );
  const { heads } = await mirror.current(never);
  await expect(treeOf(heads.get('main') ?? '')).resolves.toBeInstanceOf(Map);
});

describe('blobs', () => {
  test('come whole; one that is too large is not read', async () => {
    const commit = await origin.commit({ 'a/lifecycle.yaml': 'text\n', 'b/lifecycle.yaml': 'x'.repeat(1_048_577) });
    await mirror.current(never);
    const tree = await treeOf(commit);
    const [a, b] = ['a', 'b'].map((name) => tree.get(`${name}/lifecycle.yaml`)?.blob ?? '');
    const blobs = await mirror.read('its files', never, (run) => readBlobs(run, [a ?? '', b ?? '']));
    expect(Buffer.from(blobs.get(a ?? '') as Uint8Array).toString()).toBe('text\n');
    expect(blobs.get(b ?? '')).toEqual({ bytes: 1_048_577 });
  });

  test('one that is not there is an error', async () => {
    await origin.commit({ 'a/lifecycle.yaml': 'text\n' });
    await mirror.current(never);
    const reading = mirror.read('its files', never, (run) => readBlobs(run, ['0'.repeat(39) + '1']));
    await expect(reading).rejects.toThrow(/^generator-repository-unreadable/);
  });

  test('an answer that is cut off anywhere, or changed in any byte of its content, is an error', async () => {
    const id = 'f3a34851d44d6b97c90fbb99dddd7d73c2b2b4cf';
    const content = 'text\n';
    const blob = (await import('node:crypto')).hash('sha1', `blob ${content.length}\0${content}`);
    const whole = Buffer.from(`${blob} blob ${content.length}\n${content}\n`);
    const answering = (batch: Buffer) => (args: readonly string[]) =>
      Promise.resolve(args.includes('--batch-check') ? Buffer.from(`${blob} blob ${content.length}\n`) : batch);
    await expect(readBlobs(answering(whole), [blob])).resolves.toHaveProperty('size', 1);
    for (let at = 0; at < whole.length - 1; at++) {
      await expect(readBlobs(answering(whole.subarray(0, at)), [blob])).rejects.toThrow('is missing');
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(readBlobs(answering(changed), [blob])).rejects.toThrow('is missing');
    }
    await expect(readBlobs(answering(whole), [id])).rejects.toThrow('is missing');
  });
});

test('a list that is cut off is an error', async () => {
  const line = `100644 blob ${'a'.repeat(40)}\tx/lifecycle.yaml\0`;
  await expect(readTree(() => Promise.resolve(Buffer.from(line)), 'x')).resolves.toHaveProperty('size', 1);
  for (let at = 1; at < line.length; at++)
    await expect(readTree(() => Promise.resolve(Buffer.from(line.slice(0, at))), 'x')).rejects.toThrow('cut off');
});

describe('history', () => {
  test('follows first parents; what came with a merge came with the merge commit', async () => {
    const first = await origin.commit({ 'h/lifecycle.yaml': '1' });
    await origin.git('checkout', '-q', '-b', 'side');
    const side = await origin.commit({ 'h/lifecycle.yaml': '2' }, 'side');
    await origin.git('checkout', '-q', '-');
    const other = await origin.commit({ 'else.yaml': '1' });
    await origin.git('merge', '-q', '--no-ff', '-m', 'merge', 'side');
    await origin.push();
    const merge = await origin.git('rev-parse', 'HEAD');
    const { heads } = await mirror.current(never);
    expect(heads.get('main')).toBe(merge);
    const history = historyOf(mirror, merge, never);
    expect(await history.commitsOf('h/lifecycle.yaml', 10)).toEqual([merge, first]);
    expect(await history.commitsOf('h/lifecycle.yaml', 1)).toEqual([merge]);
    expect(await history.commitsOf('*/lifecycle.yaml', 10)).toEqual([]);
    expect(await history.commitsAfter(first, 10)).toEqual([other, merge]);
    expect(await history.commitsAfter(first, 1)).toEqual([other]);
    const text = async (commit: string): Promise<string> =>
      Buffer.from((await history.fileAt(commit, 'h/lifecycle.yaml')) ?? []).toString();
    expect(await text(first)).toBe('1');
    expect(await text(side)).toBe('2');
    expect(await history.fileAt(first, 'no/lifecycle.yaml')).toBeUndefined();
    expect(await history.fileAt(first, 'h')).toBeUndefined();
  });

  test('a file that is too large is said to be', async () => {
    const commit = await origin.commit({ 'l/lifecycle.yaml': 'x'.repeat(1_048_577) });
    await mirror.current(never);
    expect(await historyOf(mirror, commit, never).fileAt(commit, 'l/lifecycle.yaml')).toBe('too large');
  });

  test('a link has no content', async () => {
    const commit = await origin.commit({ 'l/lifecycle.yaml': { link: '../h/lifecycle.yaml' } });
    await mirror.current(never);
    expect(await historyOf(mirror, commit, never).fileAt(commit, 'l/lifecycle.yaml')).toBeUndefined();
  });

  test('a commit that no branch has is fetched by its ref, or by itself', async () => {
    await origin.git('checkout', '-q', '-b', 'pull');
    const pulled = await origin.commit({ 'p/lifecycle.yaml': 'p' }, 'pull');
    await origin.git('push', '-q', origin.bare, 'HEAD:refs/pull/1/head', ':refs/heads/pull');
    const amended = await origin.commit({ 'p/lifecycle.yaml': 'q' }, 'pull');
    await origin.git('push', '-q', origin.bare, ':refs/heads/pull');
    await origin.git('checkout', '-q', 'main');
    const { heads } = await mirror.current(never);
    const history = historyOf(mirror, heads.get('main') ?? '', never);
    expect(await history.fetchCommit(pulled, 'refs/pull/1/head')).toBe(true);
    expect(Buffer.from((await history.fileAt(pulled, 'p/lifecycle.yaml')) ?? []).toString()).toBe('p');
    expect(await history.fetchCommit(amended, 'refs/pull/2/head')).toBe(true);
    expect(await history.fetchCommit('1'.repeat(40), 'refs/pull/2/head')).toBe(false);
    expect(await history.fetchCommit(pulled, 'refs/pull/9/head')).toBe(true);
  });

  test.each(['--upload-pack=x', 'refs/heads/a:refs/heads/main', 'refs/../x', 'HEAD'])('no ref: %s', async (ref) => {
    const { heads } = await mirror.current(never);
    const history = historyOf(mirror, heads.get('main') ?? '', never);
    await expect((async () => history.fetchCommit('1'.repeat(40), ref))()).rejects.toThrow('a ref that git does not');
  });
});
