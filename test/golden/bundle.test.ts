import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
    const alone = join(folder, 'alone.mjs');
    writeFileSync(alone, readFileSync(bundle.file()));
    expect((await runLifecycle(alone, ['generate'], { cwd: AT_REST })).exitCode).toBe(0);
  });
});
