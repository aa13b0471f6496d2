import { cpSync, mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { z } from 'zod';
import { EXIT } from '../../plugin/errors/errors.ts';
import { runLifecycle, useBundle, type Ended } from './lifecycle-command.ts';

/** The commands as people meet them: the bundle, as a process of its own. */
const bundle = useBundle();
const AT_REST = join(import.meta.dirname, 'at-rest/repo');
const SWITCH = join(import.meta.dirname, 'switch-deployment/repo');
const SEVERAL = join(import.meta.dirname, 'error-several/repo');

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  runLifecycle(bundle.file(), args, { cwd: folder, env });

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lifecycle-commands-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('every command', () => {
  test.each([
    [['generate', SEVERAL], EXIT.problems],
    [['plan', SEVERAL], EXIT.problems],
    [['validate', SEVERAL], EXIT.problems],
    [['next', SEVERAL], EXIT.problems],
    [['generate', 'nowhere'], EXIT.problems],
    [['explain', 'no-such-code'], EXIT.problems],
    [['completion', 'tcsh'], EXIT.usage],
    [['generate', AT_REST, '--no-such-option'], EXIT.usage],
    [['generate', AT_REST, 'one', 'too-many'], EXIT.usage],
    [['no-such-command'], EXIT.usage],
    [[], EXIT.usage],
  ])('%j: stdout empty, exit %d, the first line of stderr says what to do', async (args, exit) => {
    const { stdout, stderr, exitCode } = await run(args);
    expect(exitCode).toBe(exit);
    expect(stdout).toBe('');
    expect(stderr.split('\n')[0]).toMatch(/[a-z-]+: .*; \S/);
  });

  test.each([
    ['--help'],
    ['generate', '--help'],
    ['plan', '--help'],
    ['next', '--help'],
    ['--version'],
    ['explain'],
    ['schema'],
  ])('%s %s: exit 0, nothing on stderr', async (...args) => {
    const { stdout, stderr, exitCode } = await run(args);
    expect([exitCode, stderr]).toEqual([EXIT.ok, '']);
    expect(stdout.length).toBeGreaterThan(5);
  });

  test('--version is that of the project', async () => {
    const project = z.object({ version: z.string() });
    const { version } = project.parse(
      JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')),
    );
    expect((await run(['--version'])).stdout).toBe(`${version}\n`);
  });

  test('--help has examples and exit codes', async () => {
    const { stdout } = await run(['--help']);
    expect(stdout).toContain('lifecycle plan bestie/ --status saved.yaml');
    expect(stdout).toContain('Exit codes: 0 done');
  });

  test('without a TTY there are no colours', async () => {
    const { stdout } = await run(['plan', SWITCH], { FORCE_COLOR: '' });
    expect(stdout).not.toContain('\u001b[');
  });
});

/** A pseudo-terminal, as script(1) gives it. */
const onTerminal = async (env: Readonly<Record<string, string>>): Promise<string> => {
  const command = `${process.execPath} ${bundle.file()} explain aborted`;
  const { stdout } = await execa('script', ['-qec', command, '/dev/null'], {
    env: { TERM: 'xterm', ...env },
    extendEnv: false,
  });
  return stdout;
};

test('colours on a TTY, unless NO_COLOR is set', async () => {
  expect(await onTerminal({})).toContain('\u001b[1m');
  expect(await onTerminal({ NO_COLOR: '1' })).not.toContain('\u001b[');
});

describe('generate', () => {
  test('the same bytes from a folder, from a file and from within', async () => {
    const fromFolder = await run(['generate', AT_REST]);
    expect(await run(['generate', join(AT_REST, 'lifecycle.yaml')])).toEqual(fromFolder);
    expect(await runLifecycle(bundle.file(), ['generate'], { cwd: AT_REST })).toEqual(fromFolder);
    expect(fromFolder.exitCode).toBe(0);
  });

  test('--step-image and LIFECYCLE_STEP_IMAGE give the same', async () => {
    const byOption = await run(['generate', AT_REST, '--step-image', 'steps:7']);
    expect(byOption).toEqual(await run(['generate', AT_REST], { LIFECYCLE_STEP_IMAGE: 'steps:7' }));
    expect(byOption.stdout).toContain('image: steps:7\n');
  });

  test("PARAM_* and Argo CD's build variables change nothing", async () => {
    const plain = await run(['generate', AT_REST]);
    const env = {
      PARAM_IMAGE: 'evil',
      ARGOCD_APP_REVISION: 'abc',
      ARGOCD_APP_NAME: 'x',
      ARGOCD_APP_PARAMETERS: '[]',
      TZ: 'Asia/Tokyo',
    };
    expect(await run(['generate', AT_REST], env)).toEqual(plain);
  });

  test('works on a folder that cannot be written to and holds an empty .git', async () => {
    const repo = join(folder, 'repo');
    mkdirSync(join(repo, '.git'), { recursive: true });
    writeFileSync(join(repo, 'lifecycle.yaml'), readFileSync(join(AT_REST, 'lifecycle.yaml')), { mode: 0o444 });
    expect((await run(['generate', repo])).stdout).toBe((await run(['generate', AT_REST])).stdout);
  });
});

describe('validate', () => {
  test('finds every lifecycle.yaml below a folder and reports all problems of all of them', async () => {
    const { stderr, exitCode } = await run([
      'validate',
      AT_REST,
      join(import.meta.dirname, 'error-not-supported-yet'),
      SEVERAL,
    ]);
    expect(exitCode).toBe(EXIT.problems);
    expect(stderr.trim().split('\n')).toHaveLength(5);
  });

  test('--output json names file, line, column, path, code and remedy', async () => {
    const { stdout, exitCode } = await run(['validate', SEVERAL, '--output', 'json']);
    const report = z.object({
      files: z.array(z.object({ ok: z.boolean() })),
      problems: z.array(z.record(z.string(), z.unknown())),
    });
    const { files, problems } = report.parse(JSON.parse(stdout));
    expect(exitCode).toBe(EXIT.problems);
    expect(files.map(({ ok }) => ok)).toEqual([false]);
    expect(problems[0]).toMatchObject({ line: 9, column: 15, path: 'spec.application.replicas', code: 'wrong-type' });
  });
});

describe('validate of a file and its copy', () => {
  test('says of both that their backups would meet, and where', async () => {
    const original = join(import.meta.dirname, 'cloud-repositories');
    cpSync(original, folder, { recursive: true });
    const { stderr, exitCode } = await run(['validate', original, folder]);
    expect(exitCode).toBe(EXIT.problems);
    expect(stderr.match(/repositories-share-path: blue in repo2 of .*lifecycle\.yaml has the same/g)).toHaveLength(2);
    const alone = await run(['validate', original]);
    expect(alone.exitCode).toBe(EXIT.ok);
  });
});

describe('next', () => {
  test('at rest → Prepare → Switch, comments kept, the file whole at every moment', async () => {
    const file = join(folder, 'lifecycle.yaml');
    const before = `# why\n${readFileSync(join(AT_REST, 'lifecycle.yaml'), 'utf8').replace('replicas: 3', 'replicas: 3 # three')}`;
    writeFileSync(file, before, { mode: 0o640 });
    const green = ['--green', 'bestie2', '--version', '1.10'];
    expect((await run(['next', '.', ...green])).stdout).toBe('lifecycle.yaml: AtRest → Prepare\n');
    expect((await run(['next'])).stdout).toBe('lifecycle.yaml: Prepare → Switch\n');
    const after = readFileSync(file, 'utf8');
    expect(after.startsWith(before.trimEnd())).toBe(true);
    expect(after).toContain('version: "1.10"');
    expect(after).toContain('stage: Switch');
    expect(readdirSync(folder)).toEqual(['lifecycle.yaml']);
    const refused = await run(['next']);
    expect(refused.stderr).toContain('next-needs-status');
    expect(readFileSync(file, 'utf8')).toBe(after);
  });

  test('refuses half of a new instance', async () => {
    expect((await run(['next', AT_REST, '--green', 'bestie2'])).stderr).toContain('usage: --green and --version');
  });
});

describe('plan', () => {
  const digest = async (path: string): Promise<string> =>
    z.object({ digest: z.string() }).parse(JSON.parse((await run(['plan', path, '--output', 'json'])).stdout)).digest;
  const prepared = (): string => {
    const repo = join(folder, 'prepare');
    mkdirSync(repo);
    const text = readFileSync(join(SWITCH, 'lifecycle.yaml'), 'utf8');
    writeFileSync(join(repo, 'lifecycle.yaml'), text.replace('stage: Switch', 'stage: Prepare'));
    return repo;
  };
  const save = (status: unknown, name = 'bestie'): string => {
    const file = join(folder, 'saved.yaml');
    const saved = {
      apiVersion: 'lifecycle.bestie.com/v1alpha1',
      kind: 'Lifecycle',
      metadata: { name, uid: 'x' },
      spec: {},
      status,
    };
    writeFileSync(file, JSON.stringify(saved));
    return file;
  };

  test('the table has every wave, what it does and proves', async () => {
    const { stdout } = await run(['plan', SWITCH]);
    for (const text of [
      'PostSync',
      'SyncFail',
      'bestie-keeper',
      'equal, and it ended at this',
      '10 ',
      'unknown: run Prepare',
    ])
      expect(stdout).toContain(text);
  });

  test('markdown has one row a step', async () => {
    const { stdout } = await run(['plan', SWITCH, '--output', 'markdown']);
    expect(stdout.split('\n').filter((line) => line.startsWith('| '))).toHaveLength(17);
  });

  test('--status adds what the rehearsal measured and which steps are done', async () => {
    const rehearsal = {
      digest: await digest(prepared()),
      parts: { clone: 10.5, migrate: 2 },
      expectedWindowSeconds: 21.4,
    };
    const steps = [
      { digest: await digest(SWITCH), step: 'preflight', state: 'Done', startedAt: '2026-11-22T10:00:00Z', seconds: 3 },
    ];
    const { stdout } = await run(['plan', SWITCH, '--status', save({ rehearsal, steps })]);
    expect(stdout).toContain('Expected window: 21.4 s (clone 10.5 s, migrate 2 s; undone after 300 s)');
    expect(stdout).toContain('no row is read (verify: Physical)');
    expect(stdout).toContain('Done 3 s');
  });

  test('a rehearsal of another upgrade says nothing about this one', async () => {
    const rehearsal = { digest: 'another', parts: { clone: 1 }, expectedWindowSeconds: 1 };
    expect((await run(['plan', SWITCH, '--status', save({ rehearsal })])).stdout).toContain('unknown: run Prepare');
  });

  test("another lifecycle's status is refused", async () => {
    expect((await run(['plan', SWITCH, '--status', save({}, 'other')])).stderr).toContain('status-unreadable');
  });
});
