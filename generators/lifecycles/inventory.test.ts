import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { LifecycleError } from '../../plugin/errors/errors.ts';
import { configSchema, type Config, type RepositoryConfig } from '../config/schema.ts';
import type { ParameterSet } from '../parameter-set.ts';
import type { ApprovalAsked, Approvals, Asked } from '../ports.ts';
import { startOrigin, type Origin } from '../repositories/testing/origin.ts';
import { createInventory, type RunningInventory } from './inventory.ts';
import { lifecycleText } from './testing/lifecycle-text.ts';

// Real git, on a machine that may be busy.
jest.setTimeout(120_000);

let origin: Origin;
let folders: string[];
let inventories: RunningInventory[];
let origins: Origin[];
let warnings: string[];

beforeEach(async () => {
  origin = await startOrigin();
  origins = [origin];
  folders = [];
  inventories = [];
  warnings = [];
});
afterEach(async () => {
  await Promise.all(inventories.map((each) => each.close()));
  await Promise.all(origins.map((each) => each.close()));
  for (const each of folders) rmSync(each, { recursive: true, force: true });
});

interface Given {
  readonly repositories?: readonly Partial<Record<keyof RepositoryConfig, unknown>>[];
  readonly limits?: Partial<Config['limits']>;
  readonly approvals?: Pick<Approvals, 'approvalOf'>;
}

function newInventory({ repositories = [{}], limits, approvals }: Given = {}): RunningInventory {
  const folder = mkdtempSync(join(tmpdir(), 'inventory-'));
  folders.push(folder);
  const config = configSchema.parse({
    apiVersion: 'lifecycle.bestie.com/v1alpha1',
    kind: 'GeneratorConfiguration',
    token: { env: 'TOKEN' },
    repositories: repositories.map((each) => ({ url: origin.url, cluster: 'lab', allowHttp: true, ...each })),
    limits: { freshSeconds: 0, ...limits },
  });
  const made = createInventory({
    config,
    folder,
    approvals,
    clock: () => new Date(),
    readSecret: () => '',
    environment: { PATH: process.env['PATH'] },
    log: {
      warn: (_, message) => {
        warnings.push(message);
      },
    },
  });
  inventories.push(made);
  return made;
}

const never = new AbortController().signal;
const ask = (inventory: RunningInventory, asked: Partial<Asked> = {}): Promise<readonly ParameterSet[]> =>
  inventory.parameters({ repoURL: origin.url, revision: 'main', paths: [], values: {}, ...asked }, never);
/** Folders with their revision where it is not the branch, and the code of a problem. */
const short = (sets: readonly ParameterSet[]): readonly string[] =>
  sets.map(({ path, revision, problem, blue }) =>
    [
      path,
      blue.version,
      ...(revision === 'main' ? [] : [revision]),
      ...(/ ([a-z-]+): /.exec(problem) ?? []).slice(1),
    ].join(' '),
  );
const outcome = async (inventory: RunningInventory, asked: Partial<Asked> = {}): Promise<unknown> =>
  await ask(inventory, asked).catch((error: unknown) => (error instanceof LifecycleError ? error.message : error));

test('a parameter set for each lifecycle file, in the order of their folders', async () => {
  await origin.commit({
    'b/lifecycle.yaml': lifecycleText('two', { version: '2.0' }),
    'a/x/lifecycle.yaml': lifecycleText('one', { restore: 'back' }),
    'a-b/lifecycle.yaml': lifecycleText('three'),
    'README.md': 'x',
  });
  const sets = await ask(newInventory(), { values: { team: 'x' } });
  expect(sets.map(({ path }) => path)).toEqual(['a-b', 'a/x', 'b']);
  expect(sets[2]).toEqual({
    name: 'two',
    namespace: 'b',
    path: 'b',
    repoURL: origin.url,
    revision: 'main',
    cluster: 'lab',
    digest: expect.stringMatching(/^[0-9a-f]{12}$/) as unknown,
    plan: 'AtRest',
    stage: 'AtRest',
    blue: { name: 'two', version: '2.0' },
    green: { name: '', version: '' },
    restore: { id: '', mode: '', request: '' },
    approval: { state: 'not needed', token: '', message: '' },
    problem: '',
    values: { team: 'x' },
  });
  expect(sets[1]).toMatchObject({
    plan: 'Restore',
    restore: { id: 'back', mode: 'InPlace', request: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown },
    approval: {
      state: 'missing',
      token: '',
      message: expect.stringContaining('no approvals are configured') as unknown,
    },
  });
});

test('only folders that are allowed and asked for', async () => {
  await origin.commit({
    'lifecycle.yaml': lifecycleText('root'),
    'apps/a/lifecycle.yaml': lifecycleText('a'),
    'apps/b/deep/lifecycle.yaml': lifecycleText('b'),
    'other/c/lifecycle.yaml': lifecycleText('c'),
  });
  const inventory = newInventory({ repositories: [{ paths: ['apps/**', '.'], namespace: '{name}' }] });
  const paths = async (asked: readonly string[]): Promise<unknown> => {
    const sets = await outcome(inventory, { paths: asked });
    return Array.isArray(sets) ? (sets as ParameterSet[]).map(({ path }) => path) : sets;
  };
  expect(await paths([])).toEqual(['.', 'apps/a', 'apps/b/deep']);
  expect(await paths(['**'])).toEqual(['.', 'apps/a', 'apps/b/deep']);
  expect(await paths(['apps/*', '.'])).toEqual(['.', 'apps/a']);
  expect(await paths(['other/*'])).toMatch(/^generator-shrunk: .*no valid lifecycle file/);
  expect(await paths(['!other/*'])).toMatch(/^generator-shrunk/);
  expect(await paths(['*a*a*a*a*a*a*a*a*a*a*a*a*a'])).toMatch(/^generator-bad-request/);
});

test('what the configuration does not name is not asked for', async () => {
  const inventory = newInventory();
  expect(await outcome(inventory, { repoURL: 'https://elsewhere.example.com/x' })).toMatch(/^generator-not-allowed/);
  expect(await outcome(inventory, { revision: 'other' })).toMatch(/^generator-not-allowed/);
  expect(origin.requests).toEqual([]);
});

describe('a file that is invalid', () => {
  test('keeps the parameters of the newest commit at which it was valid, and hides no neighbour', async () => {
    const first = await origin.commit({
      'a/lifecycle.yaml': lifecycleText('a'),
      'b/lifecycle.yaml': lifecycleText('b'),
      'new/lifecycle.yaml': 'kind: Lifecycle',
    });
    const second = await origin.commit({ 'a/lifecycle.yaml': lifecycleText('a', { version: '1.1' }) });
    await origin.commit({ 'a/lifecycle.yaml': 'x: [' });
    await origin.commit({ 'a/lifecycle.yaml': 'x: {' });
    const inventory = newInventory();
    expect(short(await ask(inventory))).toEqual([`a 1.1 ${second} yaml-syntax`, 'b 1.0']);
    expect((await ask(inventory))[0]?.problem).toMatch(/^a\/lifecycle\.yaml:1:\d+ yaml-syntax: /);
    expect(inventory.view()[0]?.revisions[0]?.problems).toEqual([
      expect.stringMatching(/^new\/lifecycle\.yaml:\d+:\d+ /),
    ]);
    await origin.commit({ 'b/lifecycle.yaml': 'x: {', 'a/lifecycle.yaml': lifecycleText('a', { version: '1.2' }) });
    expect(short(await ask(inventory))).toEqual(['a 1.2', `b 1.0 ${first} yaml-syntax`]);
    expect(short(await ask(newInventory()))).toEqual(['a 1.2', `b 1.0 ${first} yaml-syntax`]);
  });

  test.each([
    ['a link', { 'a/lifecycle.yaml': { link: '../b/lifecycle.yaml' } }, 'generator-file-link'],
    ['another of nearly its name beside it', { 'a/lifecycle.yml': 'x' }, 'several-lifecycle-files'],
    ['nearly its name', { 'a/lifecycle.yaml': undefined, 'a/lifecycle.yml': lifecycleText('a') }, 'no-lifecycle-file'],
    ['nothing in it', { 'a/lifecycle.yaml': '' }, 'empty-file'],
    ['too much', { 'a/lifecycle.yaml': `${lifecycleText('a')}#${'x'.repeat(1_100_000)}` }, 'file-too-large'],
    [
      'a name that gives no namespace',
      { 'a/lifecycle.yaml': lifecycleText('a'.repeat(20)) },
      'generator-namespace-invalid',
    ],
  ])('%s', async (_, change, code) => {
    const first = await origin.commit({
      'a/lifecycle.yaml': lifecycleText('a'),
      'b/lifecycle.yaml': lifecycleText('b'),
    });
    const inventory = newInventory({ repositories: [{ namespace: `${'t'.repeat(50)}-{name}` }] });
    await ask(inventory);
    await origin.commit(change);
    expect(short(await ask(inventory))).toEqual([`a 1.0 ${first} ${code}`, 'b 1.0']);
    expect(short(await ask(newInventory({ repositories: [{ namespace: `${'t'.repeat(50)}-{name}` }] })))).toEqual([
      `a 1.0 ${first} ${code}`,
      'b 1.0',
    ]);
  });

  test('a folder whose name cannot be shown is a problem, and no parameters', async () => {
    await origin.commit({ 'a/lifecycle.yaml': lifecycleText('a'), 'x\ny/lifecycle.yaml': lifecycleText('x') });
    const inventory = newInventory({ repositories: [{ namespace: '{name}' }] });
    expect(short(await ask(inventory))).toEqual(['a 1.0']);
    expect(inventory.view()[0]?.revisions[0]?.problems).toEqual([
      expect.stringContaining('x?y/lifecycle.yaml:1:1 wrong-value'),
    ]);
  });
});

describe('files that go away', () => {
  const many = (count: number): Record<string, string> =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`f${index}/lifecycle.yaml`, lifecycleText(`f${index}`)] as const),
    );
  const without = (...names: readonly string[]): Record<string, undefined> =>
    Object.fromEntries(names.map((name) => [`${name}/lifecycle.yaml`, undefined] as const));

  test('one, and one more, and a fifth at once; more are refused by every replica until they are back', async () => {
    await origin.commit(many(10));
    const inventory = newInventory();
    expect(await ask(inventory)).toHaveLength(10);
    await origin.commit(without('f0'));
    expect(await ask(inventory)).toHaveLength(9);
    await origin.commit(without('f1', 'f2', 'f3'));
    await origin.commit({ README: 'x' });
    const refused =
      /^generator-shrunk: .*3 of 9 lifecycle files went away with commit [0-9a-f]{12} \(f1, f2, f3\); at most 1 may/;
    expect(await outcome(inventory)).toMatch(refused);
    expect(await outcome(newInventory())).toMatch(refused);
    expect(await ask(inventory, { paths: ['f9'] })).toHaveLength(1);
    const { 'f2/lifecycle.yaml': two = '', 'f3/lifecycle.yaml': three = '' } = many(4);
    await origin.commit({ 'f2/lifecycle.yaml': two, 'f3/lifecycle.yaml': three });
    for (const each of [inventory, newInventory()]) expect(await ask(each)).toHaveLength(8);
    await origin.commit(without('f2'));
    for (const each of [inventory, newInventory()]) expect(await ask(each)).toHaveLength(7);
  });

  test('the limit holds for what is asked for, and the last one never goes', async () => {
    await origin.commit({
      ...many(10),
      'team/x/lifecycle.yaml': lifecycleText('x'),
      'team/y/lifecycle.yaml': lifecycleText('y'),
    });
    const inventory = newInventory();
    await ask(inventory);
    await origin.commit(without('team/x', 'team/y'));
    expect(await ask(inventory)).toHaveLength(10);
    expect(await outcome(inventory, { paths: ['team/*'] })).toMatch(/^generator-shrunk: .*empty list/);
  });

  test('a limit of 0 lets none go, one of 100 all but the last', async () => {
    await origin.commit(many(3));
    await origin.commit(without('f0', 'f1'));
    expect(await outcome(newInventory({ limits: { shrinkPercent: 0 } }))).toMatch(/^generator-shrunk/);
    expect(await ask(newInventory({ limits: { shrinkPercent: 100 } }))).toHaveLength(1);
  });

  test('a branch that was rewritten is compared with the last answer', async () => {
    await origin.commit(many(10));
    const inventory = newInventory();
    await ask(inventory);
    await origin.git('checkout', '-q', '--orphan', 'again');
    await origin.git('rm', '-rqf', '.');
    await origin.commit({ 'f1/lifecycle.yaml': lifecycleText('f1') });
    expect(await outcome(inventory)).toMatch(/9 of 10 lifecycle files went away with the last answer/);
    await origin.commit(many(9));
    expect(await ask(inventory)).toHaveLength(9);
  });

  test('a branch that was emptied, or is gone, or another name, is an error, and comes back', async () => {
    await origin.commit(many(2));
    const inventory = newInventory();
    await ask(inventory);
    await origin.commit(without('f0', 'f1'));
    expect(await outcome(inventory)).toMatch(/^generator-shrunk/);
    await origin.git('push', '-q', origin.bare, ':refs/heads/main');
    expect(await outcome(inventory)).toMatch(/^generator-revision-gone/);
    expect(await outcome(newInventory())).toMatch(/^generator-revision-gone/);
    await origin.git('push', '-q', origin.bare, 'HEAD^:refs/heads/main');
    expect(await ask(inventory)).toHaveLength(2);
  });
});

describe('files that claim one thing', () => {
  const shared = { bucket: 'backups', blue: 'app' };

  test('who was there first goes on; who comes later gets no parameters; both have a problem', async () => {
    await origin.commit({ 'b/lifecycle.yaml': lifecycleText('b', shared) });
    await origin.commit({ 'a/lifecycle.yaml': lifecycleText('a', shared), 'c/lifecycle.yaml': lifecycleText('c') });
    const inventory = newInventory();
    const sets = await ask(inventory);
    expect(short(sets)).toEqual(['b 1.0 repositories-share-path', 'c 1.0']);
    expect(sets[0]?.problem).toContain(
      `of ${origin.url}:a/lifecycle.yaml has the same bucket and path; this one was first`,
    );
    expect(inventory.view()[0]?.revisions[0]?.problems).toEqual([
      expect.stringContaining(
        `of ${origin.url}:b/lifecycle.yaml has the same bucket and path; the other one was first`,
      ),
    ]);
    await origin.commit({ 'b/lifecycle.yaml': undefined });
    expect(short(await ask(inventory))).toEqual(['a 1.0', 'c 1.0']);
  });

  test('who begins to claim what another has stays at the version before', async () => {
    const first = await origin.commit({ 'a/lifecycle.yaml': lifecycleText('a') });
    await origin.commit({ 'b/lifecycle.yaml': lifecycleText('b', shared) });
    await origin.commit({ 'a/lifecycle.yaml': lifecycleText('a', { ...shared, version: '2.0' }) });
    const expected = [`a 1.0 ${first} repositories-share-path`, 'b 1.0 repositories-share-path'];
    expect(short(await ask(newInventory()))).toEqual(expected);
    // Dated back: nothing comes before what it was built on.
    await origin.git('commit', '-q', '--amend', '--no-edit', '--date', '2001-01-01T00:00:00Z');
    await origin.push();
    expect(short(await ask(newInventory()))).toEqual(expected);
  });

  test('one name in one namespace, in another repository too; by cluster', async () => {
    const other = await startOrigin();
    origins.push(other);
    await origin.commit({ 'x/db/lifecycle.yaml': lifecycleText('app') });
    await other.git('commit', '-q', '--allow-empty', '-m', 'later', '--date', '2001-01-01T00:00:00Z');
    await other.commit({});
    await other.commit({});
    await other.commit({ 'y/db/lifecycle.yaml': lifecycleText('app'), 'y/else/lifecycle.yaml': lifecycleText('else') });
    const both = (cluster: string): RunningInventory =>
      newInventory({ repositories: [{}, { url: other.url, cluster }] });
    const inventory = both('lab');
    const [first] = await ask(inventory);
    expect(first?.problem).toMatch(
      /^x\/db\/lifecycle\.yaml:4:9 generator-lifecycle-twice: db\/app is .*y\/db\/lifecycle\.yaml too; this one was first/,
    );
    expect(short(await ask(inventory, { repoURL: other.url }))).toEqual(['y/else 1.0']);
    const apart = both('other');
    expect(short(await ask(apart))).toEqual(['x/db 1.0']);
    expect(short(await ask(apart, { repoURL: other.url }))).toEqual(['y/db 1.0', 'y/else 1.0']);
  });

  /** A commit that claims to be of 2001, by whoever may push to this repository; without force. */
  const forged = async (other: Origin, files: Record<string, string>, ...parents: readonly string[]): Promise<void> => {
    const before = await other.git('rev-parse', 'HEAD');
    await other.commit(files, 'forging');
    const tree = await other.git('rev-parse', 'HEAD^{tree}');
    const old = await other.gitAt(
      1_000_000_000,
      'commit-tree',
      tree,
      '-m',
      'old',
      ...parents.flatMap((each) => ['-p', each]),
    );
    const merge = await other.git('commit-tree', tree, '-p', old, '-p', before, '-m', 'merge');
    await other.git('push', '-q', other.bare, `${parents.includes(before) ? old : merge}:refs/heads/main`);
  };

  test('who pushes a commit that is dated back elsewhere takes nothing away, merged as it may be', async () => {
    const other = await startOrigin();
    origins.push(other);
    await origin.commit({ 'shop/lifecycle.yaml': lifecycleText('app') });
    await other.commit({ 'mine/lifecycle.yaml': lifecycleText('mine') });
    await other.commit({ 'more/lifecycle.yaml': lifecycleText('more') });
    await other.commit({ 'README.md': 'newer than what the first repository has' });
    const both = (): RunningInventory => newInventory({ repositories: [{}, { url: other.url }] });
    const old = both();
    expect(short(await ask(old))).toEqual(['shop 1.0']);
    expect(short(await ask(old, { repoURL: other.url }))).toEqual(['mine 1.0', 'more 1.0']);
    await forged(other, { 'shop/lifecycle.yaml': lifecycleText('app', { version: '6.6' }) });
    for (const each of [old, both()]) {
      expect(short(await ask(each, { repoURL: other.url }))).toEqual(['mine 1.0', 'more 1.0']);
      expect(short(await ask(each))).toEqual(['shop 1.0 generator-lifecycle-twice']);
    }
  });

  test('what this process gave parameters for keeps them, whatever date a quiet repository comes with', async () => {
    const other = await startOrigin();
    origins.push(other);
    await other.commit({ 'mine/lifecycle.yaml': lifecycleText('mine') });
    const quiet = await other.gitAt(900_000_000, 'commit-tree', 'HEAD^{tree}', '-m', 'long ago');
    await other.git('reset', '-q', '--hard', quiet);
    await other.push();
    await origin.commit({ 'shop/lifecycle.yaml': lifecycleText('app') });
    const inventory = newInventory({ repositories: [{}, { url: other.url }] });
    expect(short(await ask(inventory))).toEqual(['shop 1.0']);
    expect(short(await ask(inventory, { repoURL: other.url }))).toEqual(['mine 1.0']);
    await forged(other, { 'shop/lifecycle.yaml': lifecycleText('app', { version: '6.6' }) }, quiet);
    for (let round = 0; round < 2; round++) {
      expect(short(await ask(inventory, { repoURL: other.url }))).toEqual(['mine 1.0']);
      expect(short(await ask(inventory))).toEqual(['shop 1.0 generator-lifecycle-twice']);
    }
    // Also where the other one could not be compared for a while.
    other.fault = (_, response) => {
      response.writeHead(500).end();
      return true;
    };
    await ask(inventory);
    other.fault = undefined;
    expect(short(await ask(inventory))).toEqual(['shop 1.0 generator-lifecycle-twice']);
  });

  test('a repository that cannot be had does not stop another; what is known of it holds', async () => {
    const other = await startOrigin();
    origins.push(other);
    await other.commit({ 'o/lifecycle.yaml': lifecycleText('o', shared) });
    await origin.commit({});
    await origin.commit({ 'a/lifecycle.yaml': lifecycleText('a', shared), 'b/lifecycle.yaml': lifecycleText('b') });
    const fault: Origin['fault'] = (_, response) => {
      response.writeHead(500).end();
      return true;
    };
    const knowing = newInventory({ repositories: [{}, { url: other.url }] });
    expect(short(await ask(knowing))).toEqual(['b 1.0']);
    other.fault = fault;
    expect(short(await ask(knowing))).toEqual(['b 1.0']);
    const unknowing = newInventory({ repositories: [{}, { url: other.url }] });
    expect(short(await ask(unknowing))).toEqual(['a 1.0', 'b 1.0']);
    expect(unknowing.view()[0]?.revisions[0]?.problems).toEqual([
      `nothing is known of ${other.url}: whether its files claim what these do was not looked at`,
    ]);
    expect(unknowing.view()[1]?.failure).toMatch(/5xx/);
    other.fault = undefined;
    await ask(unknowing);
    await ask(unknowing, { repoURL: other.url });
    expect(short(await ask(unknowing))).toEqual(['b 1.0']);
  });
});

describe('approvals', () => {
  const given = { state: 'given', token: 'token', message: '' } as const;

  test('are asked for requests only, with the history that they are looked for in', async () => {
    const calls: ApprovalAsked[] = [];
    const inventory = newInventory({
      approvals: {
        approvalOf: (asked) => {
          calls.push(asked);
          return Promise.resolve(given);
        },
      },
    });
    await origin.commit({ 'a/lifecycle.yaml': lifecycleText('a'), 'b/lifecycle.yaml': lifecycleText('b') });
    const commit = await origin.commit({ 'b/lifecycle.yaml': lifecycleText('b', { restore: 'back' }) });
    const sets = await ask(inventory);
    expect(sets.map(({ approval }) => approval.state)).toEqual(['not needed', 'given']);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ branch: 'main', path: 'b/lifecycle.yaml', namespace: 'b' });
    expect(calls[0]?.plan.kind).toBe('Restore');
    expect((await calls[0]?.history.commitsOf('b/lifecycle.yaml', 1))?.[0]).toBe(commit);
    expect(JSON.stringify(inventory.view())).not.toContain('"token":"token"');
    await origin.commit({ 'b/lifecycle.yaml': 'x: [' });
    expect((await ask(inventory))[1]).toMatchObject({ revision: commit, approval: given });
    expect((await calls[1]?.history.commitsOf('b/lifecycle.yaml', 1))?.[0]).toBe(commit);
  });

  test('that cannot be known are an error of the whole answer', async () => {
    const inventory = newInventory({
      approvals: {
        approvalOf: () => Promise.reject(new LifecycleError('generator-scm-unreachable', 'no')),
      },
    });
    await origin.commit({
      'a/lifecycle.yaml': lifecycleText('a', { restore: 'back' }),
      'b/lifecycle.yaml': lifecycleText('b'),
    });
    expect(await outcome(inventory)).toMatch(/^generator-scm-unreachable/);
    expect(await ask(inventory, { paths: ['b'] })).toHaveLength(1);
  });

  test('that never come end with the call', async () => {
    const asked = Promise.withResolvers<undefined>();
    const inventory = newInventory({
      approvals: {
        approvalOf: () => {
          asked.resolve(undefined);
          return new Promise(() => undefined);
        },
      },
    });
    await origin.commit({ 'a/lifecycle.yaml': lifecycleText('a', { restore: 'back' }) });
    const call = new AbortController();
    const answer = inventory.parameters({ repoURL: origin.url, revision: 'main', paths: [], values: {} }, call.signal);
    await asked.promise;
    call.abort();
    await expect(answer).rejects.toThrow('generator-busy');
  });
});

test('a mirror that is damaged between two calls is made anew within the next one', async () => {
  await origin.commit({ 'a/lifecycle.yaml': lifecycleText('a') });
  const inventory = newInventory({ limits: { freshSeconds: 3600 } });
  await ask(inventory);
  for (const each of readdirSync(folders[0] ?? '', { recursive: true, withFileTypes: true }))
    if (/\.(pack|idx)$/.test(each.name)) {
      const file = join(each.parentPath, each.name);
      chmodSync(file, 0o644);
      writeFileSync(file, '');
    }
  await origin.commit({ 'b/lifecycle.yaml': lifecycleText('b') });
  inventory.pushed({ url: origin.url } as RepositoryConfig);
  expect(short(await ask(inventory))).toEqual(['a 1.0', 'b 1.0']);
});

test('fifty callers get one answer from one reading', async () => {
  await origin.commit({ 'a/lifecycle.yaml': lifecycleText('a') });
  const inventory = newInventory({ limits: { freshSeconds: 3600 } });
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask(inventory)));
  expect(new Set(answers.map((each) => JSON.stringify(each))).size).toBe(1);
});

test('a fetch that fails is told once', async () => {
  await origin.commit({ 'a/lifecycle.yaml': lifecycleText('a') });
  const inventory = newInventory({ limits: { freshSeconds: 3600 } });
  await ask(inventory);
  origin.fault = (_, response) => {
    response.writeHead(500).end();
    return true;
  };
  inventory.pushed({ url: origin.url } as RepositoryConfig);
  await ask(inventory);
  await ask(inventory);
  expect(warnings).toEqual([expect.stringContaining('generator-fetch-failed')]);
});

test('a replica that has seen every commit and one that is new agree, whatever was committed', async () => {
  const content = fc.oneof(
    { weight: 6, arbitrary: fc.record({ version: fc.constantFrom('1', '2', '3') }) },
    {
      weight: 2,
      arbitrary: fc.record({ version: fc.constantFrom('1'), bucket: fc.constant('backups'), blue: fc.constant('app') }),
    },
    { weight: 2, arbitrary: fc.constant('invalid') },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
  const change = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e/a', 'e/f'), content, { minKeys: 1, maxKeys: 3 });
  const old = newInventory({ limits: { shrinkPercent: 50 } });
  await origin.commit({ 'z/lifecycle.yaml': lifecycleText('z') });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 2 }), async (commits) => {
      for (const each of commits)
        await origin.commit(
          Object.fromEntries(
            Object.entries(each).map(([folder, what]) => {
              const name = folder.split('/').at(-1) ?? '';
              const text = typeof what === 'object' ? lifecycleText(name, what) : what;
              return [`${folder}/lifecycle.yaml`, text] as const;
            }),
          ),
        );
      const fresh = newInventory({ limits: { shrinkPercent: 50 } });
      const [one, two] = [await outcome(old), await outcome(fresh)];
      expect(one).toEqual(two);
      const paths = Array.isArray(one) ? (one as ParameterSet[]).map(({ path }) => path) : [];
      expect(paths).toEqual(paths.toSorted());
    }),
    { numRuns: 12, seed: 7 },
  );
});
