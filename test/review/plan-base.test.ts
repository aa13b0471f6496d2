import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EXIT } from '../../plugin/errors/errors.ts';
import type { Review } from '../../plugin/review/review.ts';
import { runLifecycle, useBundle, type Ended } from '../golden/lifecycle-command.ts';
import { commitAll, git } from './work-tree.ts';

/** `lifecycle plan --base` as CI calls it: the bundle, as a process of its own, in real clones. */
const bundle = useBundle();
const GOLDEN = join(import.meta.dirname, '../golden');
const AT_REST = readFileSync(join(GOLDEN, 'at-rest/repo/lifecycle.yaml'), 'utf8');
const SWITCH = readFileSync(join(GOLDEN, 'switch-deployment/repo/lifecycle.yaml'), 'utf8');

let root = '';
let folder = '';
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'lifecycle-plan-base-'));
  folder = join(root, 'clone');
  mkdirSync(folder);
  await git(folder, 'init', '--quiet', '--initial-branch=main');
  put('bestie/lifecycle.yaml', AT_REST);
  await commitAll(folder, 'main');
  await git(folder, 'checkout', '--quiet', '-b', 'change');
  put('bestie/lifecycle.yaml', SWITCH);
  put('shop/lifecycle.yaml', AT_REST.replaceAll(/: bestie$/gm, ': shop'));
  await commitAll(folder, 'change');
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function put(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const run = (args: readonly string[], cwd = folder, env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  runLifecycle(bundle.file(), ['plan', ...args], { cwd, env: { HOME: root, ...env } });
async function review(args: readonly string[], cwd = folder): Promise<Review> {
  const { stdout, stderr, exitCode } = await run([...args, '-o', 'json'], cwd);
  expect([stderr, exitCode]).toEqual(['', EXIT.ok]);
  return JSON.parse(stdout) as Review;
}
const paths = ({ files }: Review): readonly string[] => files.map(({ path }) => path);

describe('lifecycle plan --base', () => {
  test('every file at or below the folder, from wherever it is called', async () => {
    expect(paths(await review(['--base', 'main']))).toEqual(['bestie/lifecycle.yaml', 'shop/lifecycle.yaml']);
    expect(paths(await review(['--base', 'main', 'shop']))).toEqual(['shop/lifecycle.yaml']);
    expect(paths(await review(['--base', 'main', 'shop/lifecycle.yaml']))).toEqual(['shop/lifecycle.yaml']);
    expect(paths(await review(['--base', 'main'], join(folder, 'shop')))).toEqual(['shop/lifecycle.yaml']);
    expect(paths(await review(['--base', 'main', folder], root))).toHaveLength(2);
    const link = join(root, 'link');
    symlinkSync(join(folder, 'bestie'), link);
    expect(paths(await review(['--base', 'main', link], root))).toEqual(['bestie/lifecycle.yaml']);
  });

  test('a folder that is gone', async () => {
    rmSync(join(folder, 'bestie'), { recursive: true });
    await commitAll(folder, 'gone');
    expect((await review(['--base', 'main', 'bestie'])).files).toMatchObject([{ change: 'removed' }]);
  });

  test('from where both part: what main did since is no part of it', async () => {
    const head = await git(folder, 'rev-parse', 'HEAD');
    const parting = await git(folder, 'rev-parse', 'main');
    await git(folder, 'checkout', '--quiet', 'main');
    put('later/lifecycle.yaml', AT_REST);
    await commitAll(folder, 'later');
    await git(folder, 'checkout', '--quiet', 'change');
    const made = await review(['--base', 'main']);
    expect(made.commits).toEqual({ base: parting, head });
    expect(paths(made)).toHaveLength(2);
  });

  test('what is not committed is no part of it', async () => {
    put('bestie/lifecycle.yaml', 'no yaml: [');
    expect((await review(['--base', 'main'])).problems).toEqual([]);
  });

  test.each(['main', 'refs/heads/main', 'HEAD~1', 'HEAD^'])('a revision may be %s', async (revision) => {
    expect(paths(await review(['--base', revision]))).toHaveLength(2);
  });

  test.each([
    '--all',
    '--output=/tmp/x',
    '-h',
    'nowhere',
    'HEAD:bestie',
    'main..change',
    '^main',
    'main change',
    '',
    'main\n--all',
    '$(touch x)',
    '@{-9}',
  ])('%j is no commit, and nothing but that', async (revision) => {
    const { stdout, stderr, exitCode } = await run([`--base=${revision}`]);
    expect([stdout, exitCode]).toEqual(['', EXIT.problems]);
    expect(stderr.split('\n')).toHaveLength(2);
    expect(stderr).toMatch(/^base-unknown: ".*; name a branch, tag or commit/);
  });

  test('a tag and a branch that are called like options of git', async () => {
    await git(folder, 'update-ref', 'refs/heads/--all', 'main');
    expect(paths(await review(['--base', 'refs/heads/--all']))).toHaveLength(2);
    expect((await run(['--base=--all'])).stderr).toContain('base-unknown');
  });

  test('a shallow clone says that it is one, and how to have more', async () => {
    const shallow = join(root, 'shallow');
    await git(root, 'clone', '--quiet', '--depth=1', '--no-single-branch', `file://${folder}`, shallow);
    const without = await run(['--base', 'origin/main'], shallow);
    expect(without).toMatchObject({ exitCode: EXIT.problems, stdout: '' });
    expect(without.stderr).toMatch(/^no-merge-base: .*this clone is shallow.*fetch-depth: 0/);
    const missing = await run(['--base', 'HEAD~1'], shallow);
    expect(missing.stderr).toMatch(/^base-unknown: .*this clone is shallow.*fetch-depth: 0/);
    await git(shallow, 'fetch', '--quiet', '--unshallow');
    expect(paths(await review(['--base', 'origin/main'], shallow))).toHaveLength(2);
  });

  test('commits without a common ancestor', async () => {
    await git(folder, 'checkout', '--quiet', '--orphan', 'other');
    await commitAll(folder, 'other');
    expect((await run(['--base', 'main'])).stderr).toMatch(/^no-merge-base: "main" and HEAD; /);
  });

  test('a folder that is in no repository, one without commits, no git', async () => {
    expect((await run(['--base', 'main'], root)).stderr).toMatch(/^no-repository: .*not a git repository/);
    await git(root, 'init', '--quiet', 'new');
    expect((await run(['--base', 'main'], join(root, 'new'))).stderr).toMatch(/^base-unknown: HEAD has no commit yet/);
    const { stderr } = await run(['--base', 'main'], folder, { PATH: root });
    expect(stderr).toMatch(/^git-failed: /);
  });

  test('no program of the repository is run', async () => {
    const ran = join(root, 'ran');
    const script = join(root, 'script');
    writeFileSync(script, `#!/bin/sh\ntouch ${ran}\ncat\n`, { mode: 0o755 });
    put('.gitattributes', '* filter=evil diff=evil textconv\n');
    await commitAll(folder, 'attributes');
    for (const key of [
      'core.fsmonitor',
      'core.pager',
      'core.sshCommand',
      'diff.evil.textconv',
      'diff.evil.command',
      'filter.evil.smudge',
      'filter.evil.clean',
    ])
      await git(folder, 'config', key, script);
    for (const hook of ['post-checkout', 'reference-transaction', 'post-index-change']) {
      mkdirSync(join(folder, '.git/hooks'), { recursive: true });
      writeFileSync(join(folder, '.git/hooks', hook), `#!/bin/sh\ntouch ${ran}\n`, { mode: 0o755 });
    }
    expect(paths(await review(['--base', 'main']))).toHaveLength(2);
    expect(() => readFileSync(ran)).toThrow('ENOENT');
  });

  test('links are no files', async () => {
    symlinkSync('/etc/passwd', join(folder, 'shop/lifecycle.yml'));
    mkdirSync(join(folder, 'evil'));
    symlinkSync('../bestie/lifecycle.yaml', join(folder, 'evil/lifecycle.yaml'));
    await commitAll(folder, 'links');
    const made = await review(['--base', 'main']);
    expect([paths(made), made.problems]).toEqual([['bestie/lifecycle.yaml', 'shop/lifecycle.yaml'], []]);
  });

  test('a file that is too large is not read; too many changes are none to review', async () => {
    put('shop/lifecycle.yaml', `# ${'x'.repeat(2 * 1024 * 1024)}`);
    await commitAll(folder, 'large');
    const { stdout, exitCode } = await run(['--base', 'main', '-o', 'json']);
    expect(exitCode).toBe(EXIT.problems);
    expect((JSON.parse(stdout) as Review).problems).toMatchObject([
      { code: 'file-too-large', file: 'shop/lifecycle.yaml' },
    ]);
    for (let at = 0; at < 2001; at += 1) put(`many/${at}/lifecycle.yaml`, '');
    await commitAll(folder, 'many');
    expect((await run(['--base', 'main'])).stderr).toMatch(/^review-too-large: 200\d files changed; /);
  });

  test('a comment has room for the first files, and says what it leaves out', async () => {
    for (let at = 100; at < 150; at += 1) put(`many/${at}/lifecycle.yaml`, SWITCH);
    await commitAll(folder, 'many');
    const { stdout, exitCode } = await run(['--base', 'main', '-o', 'markdown']);
    expect(exitCode).toBe(EXIT.ok);
    expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(56_000);
    expect(stdout).toContain('12 more lifecycle files: too many to look into here');
    expect(stdout).toContain('There is no room here for the waves of many/137/lifecycle.yaml');
    expect(stdout.match(/^\| 0 \| access/gm)?.length).toBeGreaterThan(10);
  });

  test('--status adds what the rehearsal measured to the file that it is of', async () => {
    const digest = async (): Promise<string | undefined> =>
      (await review(['--base', 'main', 'bestie'])).files[0]?.after?.digest;
    put('bestie/lifecycle.yaml', SWITCH.replace('stage: Switch', 'stage: Prepare'));
    await commitAll(folder, 'prepare');
    const rehearsed = await digest();
    put('bestie/lifecycle.yaml', SWITCH);
    await commitAll(folder, 'switch');
    const save = (name: string): string => {
      const file = join(root, `${name}.json`);
      const rehearsal = { digest: rehearsed, parts: { clone: 10.5, migrate: 2 }, expectedWindowSeconds: 21.4 };
      const saved = {
        apiVersion: 'lifecycle.bestie.com/v1alpha1',
        kind: 'Lifecycle',
        metadata: { name },
        status: { rehearsal },
      };
      writeFileSync(file, JSON.stringify(saved));
      return file;
    };
    const measured = await run(['--base', 'main', '--status', save('bestie'), '-o', 'markdown']);
    expect(measured.stdout).toContain('Expected window: 21.4 s (clone 10.5 s, migrate 2 s; undone after 300 s)');
    expect((await run(['--base', 'main', '-o', 'markdown'])).stdout).toContain(
      'Expected window: unknown until rehearsed',
    );
    const other = await run(['--base', 'main', '--status', save('other')]);
    expect(other).toMatchObject({ exitCode: EXIT.usage, stdout: '' });
    expect(other.stderr).toContain('usage: it is of Lifecycle other, and no file that changes is of it');
  });

  test('approvals are not looked at, and sarif needs a base', async () => {
    for (const args of [
      ['--base', 'main', '--unapproved', 'restore'],
      ['--base', 'main', '--approval', 'x'],
      ['bestie', '-o', 'sarif'],
    ])
      expect(await run(args)).toMatchObject({ exitCode: EXIT.usage, stdout: '' });
  });

  test('a table for a terminal, which no file can paint', async () => {
    put('shop/lifecycle.yaml', AT_REST.replace('replicas: 3', 'replicas: "\\u001b[31m"'));
    await commitAll(folder, 'colours');
    const { stdout, exitCode } = await run(['--base', 'main']);
    expect(exitCode).toBe(EXIT.problems);
    expect(stdout).toContain('│ spec.green.stage');
    // eslint-disable-next-line no-control-regex
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  test('SARIF of the problems, as validate prints it; paths are from the root of the repository', async () => {
    put('shop/lifecycle.yaml', AT_REST.replace('replicas: 3', 'replicas: three'));
    await commitAll(folder, 'wrong');
    const { stdout, exitCode } = await run(['--base', 'main', '-o', 'sarif'], join(folder, 'shop'));
    expect(exitCode).toBe(EXIT.problems);
    expect(stdout).toContain('"uri": "shop/lifecycle.yaml"');
    const options = { cwd: join(folder, 'shop'), env: { HOME: root } };
    expect(await runLifecycle(bundle.file(), ['validate', '-o', 'sarif'], options)).toEqual({
      stdout,
      stderr: '',
      exitCode,
    });
  });

  test('the bundle that reads commits is one of its own, which nothing else needs', async () => {
    const alone = join(root, 'alone.cjs');
    writeFileSync(alone, readFileSync(join(bundle.folder(), 'lifecycle-program.cjs')));
    const plan = (...args: readonly string[]): Promise<Ended> =>
      runLifecycle(alone, ['plan', ...args], { cwd: folder, env: { PATH: process.env['PATH'] ?? '' } });
    expect((await plan('bestie')).exitCode).toBe(EXIT.ok);
    expect((await plan('--base', 'main')).stderr).toContain('lifecycle-git.cjs');
  });
});
