import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { stringify, parse } from 'yaml';
import { EXIT } from '../../plugin/errors/errors.ts';
import type { Status } from '../../plugin/lifecycle/status.ts';
import { answerWith, apiStub, refuseWith, type Received } from '../../plugin/cluster/testing-server.ts';
import { runLifecycle, useBundle, type Ended } from './lifecycle-command.ts';

/** `lifecycle status` as people meet it: the bundle, as a process of its own, against an API server that says what it is told. */
const bundle = useBundle();
const SWITCH = join(import.meta.dirname, 'switch-deployment/repo/lifecycle.yaml');
const DIGEST = /lifecycle\.bestie\.com\/digest: (?<digest>[0-9a-f]{12})/.exec(
  readFileSync(join(import.meta.dirname, 'switch-deployment/expected.yaml'), 'utf8'),
)?.groups?.['digest'];
const AT = '2026-11-22T10:00:00.000Z';

type Answer = (request: Received, response: ServerResponse) => void;

let folder = '';
let stub: Awaited<ReturnType<typeof apiStub>> | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lifecycle-status-'));
});
afterEach(async () => {
  await stub?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A kubeconfig that leads to the answers. */
async function environment(answer: Answer): Promise<Record<string, string>> {
  stub = await apiStub(answer);
  const { server } = stub;
  const file = join(folder, 'kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'prod',
    clusters: [{ name: 'prod', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'alice', user: { token: 'very-secret-token' } }],
    contexts: [{ name: 'prod', context: { cluster: 'prod', user: 'alice', namespace: 'shop' } }],
  };
  writeFileSync(file, stringify(config));
  return { KUBECONFIG: file };
}

const run = async (answer: Answer, ...args: readonly string[]): Promise<Ended> =>
  runLifecycle(bundle.file(), ['status', ...args], { cwd: folder, env: await environment(answer) });

function lifecycle(status: Status, name = 'bestie', annotations: Readonly<Record<string, string>> = {}): object {
  const file = parse(readFileSync(SWITCH, 'utf8')) as { metadata: object };
  return { ...file, metadata: { ...file.metadata, name, namespace: 'shop', annotations }, status };
}

const digest = DIGEST ?? '';
const OPEN: Status = {
  phase: 'Fenced',
  message: 'green-database: cloning',
  serving: { instance: 'bestie', version: '1.3', since: AT, digest: 'ffffffffffff' },
  decision: {
    digest,
    state: 'Fenced',
    attempt: 1,
    blue: 'bestie',
    green: 'bestie2',
    openedAt: AT,
    fencedAt: AT,
  },
  steps: [
    {
      digest,
      step: 'preflight',
      state: 'Done',
      startedAt: AT,
      finishedAt: AT,
      seconds: 1.25,
      evidence: { guards: 12 },
    },
    { digest, step: 'backup', state: 'Failed', startedAt: AT, seconds: 3, reason: 'backup-failed: no space' },
    { digest, step: 'fence', state: 'Started', startedAt: AT },
    { digest: 'ffffffffffff', step: 'verify', state: 'Done', startedAt: AT },
  ],
};

const answering =
  (status: Status): Answer =>
  ({ url }, response) => {
    if (url.endsWith('/lifecycles')) answerWith(response, { items: [lifecycle(status)] });
    else if (url.endsWith('/namespaces/shop/lifecycles/bestie')) answerWith(response, lifecycle(status));
    else refuseWith(response, 404, 'not found');
  };

describe('lifecycle status', () => {
  test('says what serves, how far the plan is, and step by step what was proven', async () => {
    const { stdout, stderr, exitCode } = await run(answering(OPEN), 'bestie');
    expect([exitCode, stderr]).toEqual([EXIT.ok, '']);
    expect(stdout).toContain(`bestie in shop: Switch (plan ${digest})`);
    expect(stdout).toContain('Serving: bestie 1.3, since 2026-11-22T10:00:00.000Z');
    expect(stdout).toMatch(/Window bestie → bestie2, attempt 1: Fenced, [\d.]+ s of at most 300 s/);
    expect(stdout).toMatch(/preflight +│ Done +│ 1\.3 s +│ guards 12/);
    expect(stdout).toMatch(/backup +│ Failed +│ 3 s +│ backup-failed: no space/);
    expect(stdout).toMatch(/verify +│ Waiting/);
    expect(stdout).not.toContain('abort');
    expect(stdout.trimEnd().endsWith('green-database: cloning')).toBe(true);
  });

  test('as JSON, of the one Lifecycle that the namespace of the context has', async () => {
    const { stdout } = await run(answering(OPEN), '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      lifecycle: 'bestie',
      namespace: 'shop',
      plan: 'Switch',
      digest,
      window: { state: 'Fenced', budgetSeconds: 300, seconds: expect.any(Number) },
      steps: expect.arrayContaining([
        { wave: 2, step: 'preflight', state: 'Done', startedAt: AT, seconds: 1.25, evidence: { guards: 12 } },
        { wave: 6, step: 'verify', state: 'Waiting' },
      ]),
    });
  });

  test('says what waits for an approval, and for which restore clients are off, whatever the file says by now', async () => {
    const off: Status = {
      restores: [
        {
          id: 'r1',
          digest: 'ffffffffffff',
          instance: 'bestie',
          repository: 'repo1',
          target: 'latest',
          state: 'Failed',
          requestedAt: AT,
          clientsOffAt: AT,
          recovery: { label: '20261122-010000F', timeline: 1, options: [] },
          reason: 'restore-failed: no space',
        },
      ],
    };
    const annotations = {
      'lifecycle.bestie.com/awaiting-approval': 'restore r2, request abc (approval-missing: none)',
    };
    const { stdout } = await run((_, response) => {
      answerWith(response, lifecycle(off, 'bestie', annotations));
    }, 'bestie');
    expect(stdout).toContain('Awaiting approval of restore r2, request abc (approval-missing: none)');
    expect(stdout).toContain(`Restore r1 to latest: Failed; clients are off since ${AT}; restore-failed: no space`);
  });

  test('asks for no more than to read it', async () => {
    await run(answering(OPEN));
    expect(stub?.received.map(({ method }) => method)).toEqual(['GET', 'GET']);
  });

  const several: Answer = (_, response) => {
    answerWith(response, { items: [lifecycle({}), lifecycle({}, 'other')] });
  };
  const refusing: Answer = (_, response) => {
    refuseWith(response, 403, 'alice may not get lifecycles');
  };
  const foreign: Answer = (_, response) => {
    answerWith(response, { metadata: { name: 'bestie', namespace: 'shop' }, spec: { of: 'another version' } });
  };
  test.each<[string, Answer, readonly string[], string, number]>([
    [
      'a name that is not there',
      answering({}),
      ['bestie3'],
      'no-lifecycle: shop has no Lifecycle bestie3',
      EXIT.problems,
    ],
    [
      'a namespace without any',
      (_, response) => {
        answerWith(response, { items: [] });
      },
      [],
      'no-lifecycle: shop has none',
      EXIT.problems,
    ],
    ['no name where there are several', several, [], 'name one of: bestie, other', EXIT.usage],
    ['a context that is none', answering({}), ['--context', 'staging'], 'known: prod', EXIT.usage],
    ['what one may not read', refusing, ['bestie'], 'alice may not get lifecycles', EXIT.problems],
    ['an object of another version', foreign, ['bestie'], 'ledger-unreadable', EXIT.problems],
  ])('%s: one clear message, no token in it', async (_, answer, args, text, exit) => {
    const { stdout, stderr, exitCode } = await run(answer, ...args);
    expect([stdout, exitCode]).toEqual(['', exit]);
    expect(stderr.split('\n')[0]).toContain(text);
    expect(stderr).not.toContain('very-secret-token');
  });

  test('a kubeconfig that cannot be read is not quoted', async () => {
    const file = join(folder, 'broken');
    writeFileSync(file, 'users: [{ name: alice, user: { token: very-secret-token }');
    const { stderr, exitCode } = await runLifecycle(bundle.file(), ['status'], {
      cwd: folder,
      env: { KUBECONFIG: file },
    });
    expect([exitCode, stderr]).toEqual([EXIT.usage, expect.stringContaining('usage: the kubeconfig')]);
    expect(stderr).not.toContain('very-secret-token');
  });

  test('--watch goes on when the API server does not', async () => {
    const left: Answer[] = [
      answering(OPEN),
      (_, response) => {
        refuseWith(response, 403, 'for a moment');
      },
      answering({ ...OPEN, message: 'verify: done' }),
    ];
    const { stdout, stderr } = await run(
      (request, response) => {
        const answer = left.shift();
        if (answer) answer(request, response);
        else refuseWith(response, 404, 'not found');
      },
      'bestie',
      '--watch',
    );
    expect(stdout).toContain('verify: done');
    expect(stderr).toContain('for a moment');
  });

  /** The objects one after the other; then the Lifecycle is gone. */
  const story = (...statuses: readonly Status[]): Answer => {
    const left = [...statuses];
    return (_, response) => {
      const status = left.shift();
      if (status) answerWith(response, lifecycle(status));
      else refuseWith(response, 404, 'not found');
    };
  };
  const later: Status = { ...OPEN, message: 'verify: done' };

  test('--watch prints a line a change, and ends when there is nothing to see any more', async () => {
    const { stdout, stderr, exitCode } = await run(story(OPEN, OPEN, later), 'bestie', '--watch');
    expect([exitCode, stderr]).toEqual([EXIT.problems, expect.stringContaining('no-lifecycle')]);
    const lines = stdout.trim().split('\n');
    expect(lines.filter((line) => line.endsWith(' green-database: cloning'))).toHaveLength(1);
    expect(lines.filter((line) => line.endsWith(' fence: Started'))).toHaveLength(1);
    expect(lines.at(-1)).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z verify: done$/);
  });

  test('--watch -o json prints an object a change', async () => {
    const { stdout } = await run(story(OPEN, OPEN, later), 'bestie', '--watch', '-o', 'json');
    const messages = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { message: string }).message);
    expect(messages).toEqual(['green-database: cloning', 'verify: done']);
  });

  test('--watch draws anew on a terminal', async () => {
    const env = await environment(story(OPEN, later));
    const command = `${process.execPath} ${bundle.file()} status bestie --watch`;
    const { stdout } = await execa('script', ['-qc', command, '/dev/null'], {
      env: { TERM: 'xterm', ...env },
      extendEnv: false,
    });
    const drawn = stdout.split('\u001B[H\u001B[J');
    expect(drawn).toHaveLength(3);
    expect(drawn[1]).toContain('green-database: cloning');
    expect(drawn[2]).toContain('verify: done');
  });
});
