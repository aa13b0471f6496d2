import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runLifecycle, useBundle, type Ended } from '../golden/lifecycle-command.ts';
import { commitAll, git } from './work-tree.ts';

/**
 * A folder a case: README.md, the repository before (base/) and after (head/), and what a pull request is shown (expected.md), with the
 * exit code in its name where it is not 0. Each runs against the sources and against the bundle. UPDATE_GOLDEN=1 writes what the sources print.
 */
const CASES = join(import.meta.dirname, 'cases');
const bundle = useBundle();

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lifecycle-review-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** main has base/, change, which is checked out, head/. */
async function repository(name: string): Promise<void> {
  await git(folder, 'init', '--quiet', '--initial-branch=main');
  for (const [branch, from] of [
    ['main', 'base'],
    ['change', 'head'],
  ] as const) {
    if (branch === 'change') await git(folder, 'checkout', '--quiet', '-b', branch);
    for (const each of readdirSync(folder)) if (each !== '.git') rmSync(join(folder, each), { recursive: true });
    if (existsSync(join(CASES, name, from))) cpSync(join(CASES, name, from), folder, { recursive: true });
    await commitAll(folder, from);
  }
}

const outcome = ({ stdout, stderr, exitCode }: Ended): { readonly file: string; readonly text: string } => ({
  file: exitCode === 0 ? 'expected.md' : `expected-exit-${exitCode}.md`,
  text: `${stdout}${stderr}`,
});

describe('what a pull request is shown', () => {
  const cases = readdirSync(CASES);

  test('there are cases', () => {
    expect(cases.length).toBeGreaterThan(4);
  });

  test('the how-to has one of them as it is', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/how-to/pull-requests.md'), 'utf8');
    expect(page).toContain(readFileSync(join(CASES, 'restore/expected.md'), 'utf8'));
  });

  test.each(cases)('%s', async (name) => {
    await repository(name);
    const run = (program: string): Promise<Ended> =>
      runLifecycle(program, ['plan', '--base', 'main', '-o', 'markdown'], { cwd: folder });
    const [fromSource, fromBundle] = [outcome(await run('plugin/main.ts')), outcome(await run(bundle.file()))];
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(join(CASES, name, fromSource.file), fromSource.text);
    expect(existsSync(join(CASES, name, 'README.md'))).toBe(true);
    expect(fromSource.text).toBe(readFileSync(join(CASES, name, fromSource.file), 'utf8'));
    expect(fromBundle).toEqual(fromSource);
    expect(readdirSync(join(CASES, name)).filter((each) => each.startsWith('expected'))).toHaveLength(1);
  });
});
