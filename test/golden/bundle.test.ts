import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { runLifecycle, useBundle } from './lifecycle-command.ts';

const bundle = useBundle();
const AT_REST = join(import.meta.dirname, 'at-rest/repo');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lifecycle-bundle-test-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('completion', () => {
  test('bash completes commands and options', async () => {
    writeFileSync(join(folder, 'completion.bash'), (await runLifecycle(bundle.file(), ['completion', 'bash'])).stdout);
    const complete = async (words: string, at: number): Promise<string> => {
      const script = `source completion.bash; COMP_WORDS=(${words}); COMP_CWORD=${at}; _lifecycle; echo "\${COMPREPLY[@]}"`;
      return (await execa('bash', ['-c', script], { cwd: folder })).stdout;
    };
    expect(await complete('lifecycle va', 1)).toBe('validate');
    expect(await complete('lifecycle plan --st', 2)).toBe('--status');
  });

  test.each(['zsh', 'fish'])('%s knows every command', async (shell) => {
    const { stdout } = await runLifecycle(bundle.file(), ['completion', shell]);
    for (const command of ['generate', 'plan', 'validate', 'next', 'schema', 'explain', 'completion'])
      expect(stdout).toContain(command);
  });
});

describe('the bundle', () => {
  test('of generate holds neither client-node, pg, Express nor git', () => {
    const inputs = bundle.inputs();
    expect(inputs).toContain('plugin/main.ts');
    const packages = inputs.filter((path) =>
      /node_modules\/(@kubernetes\/client-node|pg|express|simple-git)\//.test(path),
    );
    expect(packages).toEqual([]);
  });

  test('is one file that needs nothing beside it', async () => {
    const alone = join(folder, 'alone.cjs');
    writeFileSync(alone, readFileSync(join(bundle.folder(), PROGRAM)));
    expect((await runLifecycle(alone, ['generate'], { cwd: AT_REST })).exitCode).toBe(0);
  });
});

const PROGRAM = 'lifecycle-program.cjs';
const CACHE = 'lifecycle-program.cache';
const COMPILE = pathToFileURL(join(import.meta.dirname, '../../plugin/start/compile.ts')).href;

describe('the code cache', () => {
  /** Whether V8 took the cache, in a process as `lifecycle` is one: `true`, `false`, or `undefined` where none was offered. */
  const rejected = async (program: string, cache: string, ...flags: readonly string[]): Promise<string> => {
    const script = `const { compile } = await import(process.argv[1]); const { readFileSync } = await import('node:fs');
      console.log(compile(process.argv[2], readFileSync(process.argv[3])).script.cachedDataRejected)`;
    const args = [...flags, '--input-type=module', '--eval', script, COMPILE, program, cache];
    return (await execa(process.execPath, args)).stdout;
  };
  const beside = (name: string): string => join(bundle.folder(), name);

  test('is taken by the Node.js that made it, wherever the program lies', async () => {
    const moved = join(folder, PROGRAM);
    copyFileSync(beside(PROGRAM), moved);
    expect(await rejected(moved, beside(CACHE))).toBe('false');
  });

  test('is not taken with other flags', async () => {
    expect(await rejected(beside(PROGRAM), beside(CACHE), '--no-lazy')).toBe('true');
  });

  test('is not offered for another program, even of the same length', async () => {
    const other = join(folder, PROGRAM);
    writeFileSync(other, readFileSync(beside(PROGRAM), 'utf8').replace(/^\/\/ [0-9a-f]/, '// x'));
    expect(await rejected(other, beside(CACHE))).toBe('undefined');
  });

  test.each([
    ['is missing', undefined],
    ['is empty', ''],
    ['is damaged', 'this is no code\n'],
  ])('that %s changes nothing but the time', async (_, content) => {
    for (const name of ['lifecycle.cjs', PROGRAM]) copyFileSync(beside(name), join(folder, name));
    if (content !== undefined) writeFileSync(join(folder, CACHE), content);
    const [usual, without] = await Promise.all(
      [bundle.file(), join(folder, 'lifecycle.cjs')].map((file) => runLifecycle(file, ['generate'], { cwd: AT_REST })),
    );
    expect(without).toEqual({ ...usual, exitCode: 0, stderr: '' });
  });

  test('and the program lie in ../lib/lifecycle in the image', async () => {
    const [bin, lib] = [join(folder, 'bin'), join(folder, 'lib/lifecycle')];
    for (const each of [bin, lib]) mkdirSync(each, { recursive: true });
    copyFileSync(bundle.file(), join(bin, 'lifecycle'));
    for (const name of [PROGRAM, CACHE]) copyFileSync(beside(name), join(lib, name));
    expect((await runLifecycle(join(bin, 'lifecycle'), ['--version'])).exitCode).toBe(0);
  });

  test('a start without a program says where it looked', async () => {
    copyFileSync(bundle.file(), join(folder, 'lifecycle.cjs'));
    const { exitCode, stdout, stderr } = await runLifecycle(join(folder, 'lifecycle.cjs'), ['generate']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain(folder);
  });
});
