import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseEnv } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { runLifecycle, useBundle, type Ended } from './lifecycle-command.ts';

/**
 * A folder a case: README.md, env ({case} is that folder), repo/ (what Argo CD would hand over), and expected.yaml or expected-error.txt.
 * Each runs against the sources and against the bundle, as a process of its own; both print the same bytes.
 * UPDATE_GOLDEN=1 writes what the sources print.
 */
const FOLDER = import.meta.dirname;
const CASES = readdirSync(FOLDER, { withFileTypes: true })
  .filter((each) => each.isDirectory())
  .map(({ name }) => name);

/** What a case prints: the manifests, or the error with an empty stdout and an exit code that is not 0. */
function outcome({ stdout, stderr, exitCode }: Ended): { readonly file: string; readonly text: string } {
  if (exitCode === 0) return { file: 'expected.yaml', text: stdout };
  return { file: 'expected-error.txt', text: `exit ${exitCode}\n${stdout}${stderr}` };
}

describe('golden cases', () => {
  const bundle = useBundle();

  test('are there', () => {
    expect(CASES.length).toBeGreaterThan(10);
  });

  test.each(CASES)('%s', async (name) => {
    const folder = join(FOLDER, name);
    const env = parseEnv(readFileSync(join(folder, 'env'), 'utf8').replaceAll('{case}', folder));
    const run = (program: string): Promise<Ended> =>
      runLifecycle(program, ['generate'], { cwd: join(folder, 'repo'), env });
    const [fromSource, fromBundle] = [outcome(await run('plugin/main.ts')), outcome(await run(bundle.file()))];
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(join(folder, fromSource.file), fromSource.text);
    expect(existsSync(join(folder, 'README.md'))).toBe(true);
    expect(fromSource.text).toBe(readFileSync(join(folder, fromSource.file), 'utf8'));
    expect(fromBundle).toEqual(fromSource);
    expect(existsSync(join(folder, 'expected.yaml')) && existsSync(join(folder, 'expected-error.txt'))).toBe(false);
  });
});
