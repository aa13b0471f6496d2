import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { execa } from 'execa';
import { lifecycleText } from '../../generators/lifecycles/testing/lifecycle-text.ts';
import { startOrigin, type Origin } from '../../generators/repositories/testing/origin.ts';
import { VERSION } from '../../plugin/commands/version.ts';
import { runLifecycle } from './lifecycle-command.ts';

/** The generator as it ships, as a process of its own, with a real repository behind real HTTP. */
jest.setTimeout(120_000);

const ROOT = join(import.meta.dirname, '../..');
let bundle = '';
let origin: Origin;
beforeAll(async () => {
  bundle = mkdtempSync(join(tmpdir(), 'generator-bundle-'));
  await execa(process.execPath, [join(ROOT, 'scripts/bundle.ts'), bundle, 'lifecycle-generator']);
  origin = await startOrigin();
  await origin.commit({ 'shop/lifecycle.yaml': lifecycleText('shop') });
});
afterAll(async () => {
  await origin.close();
  rmSync(bundle, { recursive: true, force: true });
});

const program = (): string => join(bundle, 'lifecycle-generator.mjs');

let folder = '';
let running: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'generator-run-'));
  writeFileSync(join(folder, 'token'), 'the-token-of-the-controller\n');
  writeFileSync(join(folder, 'page'), 'the-password-of-the-page\n');
});
afterEach(() => {
  running?.kill('SIGKILL');
  running = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function configured(change: (text: string) => string = (text) => text): string {
  const file = join(folder, 'config.yaml');
  const text = `apiVersion: lifecycle.bestie.com/v1alpha1
kind: GeneratorConfiguration
token: { file: ${join(folder, 'token')} }
pageToken: { file: ${join(folder, 'page')} }
repositories:
  - { url: '${origin.url}', cluster: lab, allowHttp: true }
`;
  writeFileSync(file, change(text));
  return file;
}

interface Started {
  readonly url: string;
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  /** Until a line has this text. */
  readonly until: (message: string) => Promise<void>;
  readonly ended: Promise<number | null>;
  readonly signal: (name: NodeJS.Signals) => void;
}

async function started(): Promise<Started> {
  const args = [program(), '--config', configured(), '--port', '0', '--mirrors', join(folder, 'mirrors')];
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running = child;
  const lines: Readonly<Record<string, unknown>>[] = [];
  let text = '';
  let changed = Promise.withResolvers<undefined>();
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    const whole = text.split('\n');
    text = whole.pop() ?? '';
    lines.push(...whole.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>));
    changed.resolve(undefined);
    changed = Promise.withResolvers();
  });
  const until = async (message: string): Promise<void> => {
    while (!lines.some(({ msg }) => msg === message)) await changed.promise;
  };
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await until('listening');
  const port = Number(lines.find(({ msg }) => msg === 'listening')?.['port']);
  return { url: `http://127.0.0.1:${port}`, lines, until, ended, signal: (name) => void child.kill(name) };
}

const call = ({ url }: Started): Promise<Response> =>
  fetch(`${url}/api/v1/getparams.execute`, {
    method: 'POST',
    headers: { authorization: 'Bearer the-token-of-the-controller' },
    body: JSON.stringify({
      applicationSetName: 'set',
      input: { parameters: { repoURL: origin.url, revision: 'main' } },
    }),
  });

describe('the process', () => {
  test('finds files, shows them, is ready once it has tried each repository, and logs no secret', async () => {
    const generator = await started();
    await generator.until('ready');
    expect((await fetch(`${generator.url}/readyz`)).status).toBe(200);
    const response = await call(generator);
    expect(await response.json()).toMatchObject({ output: { parameters: [{ name: 'shop', namespace: 'shop' }] } });
    const authorization = `Basic ${Buffer.from('me:the-password-of-the-page').toString('base64')}`;
    expect(await (await fetch(generator.url, { headers: { authorization } })).text()).toContain('<td>shop</td>');
    expect(await (await fetch(`${generator.url}/metrics`)).text()).toContain(
      `lifecycle_generator_files{repository="${origin.url}",revision="main"} 1`,
    );
    generator.signal('SIGTERM');
    expect(await generator.ended).toBe(0);
    expect(generator.lines.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(['ready', 'call', 'stopping', 'stopped']),
    );
    expect(JSON.stringify(generator.lines)).not.toMatch(/the-token-of|the-password-of/);
  });

  test('ends what is being answered before it ends itself; a second signal does not wait', async () => {
    let asked = Promise.withResolvers<undefined>();
    const held: (() => void)[] = [];
    origin.fault = (_, response) => {
      held.push(() => response.writeHead(500).end());
      asked.resolve(undefined);
      return true;
    };
    const generator = await started();
    const answer = call(generator);
    await asked.promise;
    generator.signal('SIGTERM');
    await generator.until('stopping');
    await expect(fetch(`${generator.url}/readyz`)).rejects.toThrow('fetch failed');
    for (const release of held) release();
    expect((await answer).status).toBe(502);
    expect(await generator.ended).toBe(0);

    asked = Promise.withResolvers();
    const second = await started();
    const cut = call(second).catch((error: unknown) => error);
    await asked.promise;
    second.signal('SIGTERM');
    await second.until('stopping');
    second.signal('SIGINT');
    expect(await second.ended).toBe(1);
    expect(await cut).toHaveProperty('message', 'fetch failed');
    origin.fault = undefined;
  });

  test('is ready although its repository cannot be had: all replicas would vanish with it', async () => {
    origin.fault = (_, response) => {
      response.writeHead(503).end();
      return true;
    };
    const generator = await started();
    await generator.until('ready');
    expect((await call(generator)).status).toBe(502);
    origin.fault = undefined;
    generator.signal('SIGINT');
    expect(await generator.ended).toBe(0);
  });
});

describe('the command', () => {
  test('--check says that all is well, or every problem, and starts nothing', async () => {
    const file = configured();
    expect(await runLifecycle(program(), ['--check', '--config', file])).toEqual({
      stdout: `${file}: ok\n`,
      stderr: '',
      exitCode: 0,
    });
    configured((text) => text.replace('kind: GeneratorConfiguration', 'kind: Other').replace('cluster: lab, ', ''));
    const { stdout, stderr, exitCode } = await runLifecycle(program(), ['--check', '--config', file]);
    expect([stdout, exitCode]).toEqual(['', 1]);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/config.yaml:2:7: kind: generator-config-invalid: allowed is GeneratorConfiguration; /),
      expect.stringMatching(
        /config.yaml:6:5: repositories\[0\].cluster: generator-config-invalid: "cluster" is missing; /,
      ),
    ]);
  });

  test('a configuration that is wrong, or missing, stops the start', async () => {
    const file = configured((text) => `${text}more: 1\n`);
    expect(await runLifecycle(program(), ['--config', file])).toMatchObject({ exitCode: 1, stdout: '' });
    const none = await runLifecycle(program(), ['--config', join(folder, 'none')]);
    expect([none.exitCode, none.stderr]).toEqual([1, expect.stringMatching(/none: file-unreadable: ENOENT; /)]);
  });

  test.each([['--port', '65536'], ['--port', 'x'], ['--unknown'], ['argument']])(
    '%s %s: called wrongly',
    async (...args) => {
      const { exitCode, stderr } = await runLifecycle(program(), args);
      expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/^usage: /)]);
    },
  );

  test('a port that is taken is one line, not a trace', async () => {
    const generator = await started();
    const { exitCode, stderr } = await runLifecycle(program(), [
      ...['--config', join(folder, 'config.yaml'), '--port', new URL(generator.url).port],
      ...['--mirrors', join(folder, 'other')],
    ]);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^port \d+: generator-port-refused: EADDRINUSE; /)]);
  });

  test('--version and --help', async () => {
    expect(await runLifecycle(program(), ['--version'])).toMatchObject({ exitCode: 0, stdout: `${VERSION}\n` });
    expect((await runLifecycle(program(), ['--help'])).stdout).toContain('--mirrors <folder>');
  });
});

test('the bundle holds no client of Kubernetes, no SQL, and nothing of tests', () => {
  const text = readFileSync(join(bundle, 'lifecycle-generator.meta.json'), 'utf8');
  const inputs = Object.keys((JSON.parse(text) as { readonly inputs: object }).inputs);
  expect(inputs).toContain('generators/main.ts');
  const wrong = /node_modules\/(@kubernetes\/client-node|pg|execa)\/|testing\/|\.test\.ts/;
  expect(inputs.filter((path) => wrong.test(path))).toEqual([]);
});

test('it runs alone, from a folder that has nothing beside it', async () => {
  const alone = join(folder, 'bin/lifecycle-generator');
  mkdirSync(join(folder, 'bin'));
  writeFileSync(alone, readFileSync(program()));
  expect((await runLifecycle(alone, ['--check', '--config', configured()])).exitCode).toBe(0);
});
