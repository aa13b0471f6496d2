import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { EXIT } from '../../plugin/errors/errors.ts';
import { runLifecycle, useBundle, type Ended } from './lifecycle-command.ts';

/** Keys, an approval and what comes of it, as people meet them: the bundle, as a process of its own. */
const bundle = useBundle();
const RESTORE = join(import.meta.dirname, 'restore-in-place/repo');
const UNDO = join(import.meta.dirname, 'restore-undo/repo');
const BESIDE = join(import.meta.dirname, 'restore-beside/repo');
const BESIDE_SWITCH = join(import.meta.dirname, 'restore-beside-switch/repo');
const LOST = join(import.meta.dirname, 'restore-lost/repo');
const AT_REST = join(import.meta.dirname, 'at-rest/repo');
const KEY = ['--key', 'approval-key.json'];
const WHERE = ['--cluster', 'prod', '--namespace', 'shop'];

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lifecycle-approvals-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  runLifecycle(bundle.file(), args, { cwd: folder, env });
const file = (name: string): string => readFileSync(join(folder, name), 'utf8');

async function token(repo = RESTORE, where: readonly string[] = WHERE): Promise<string> {
  const { stdout, stderr, exitCode } = await run([
    'approve',
    repo,
    ...KEY,
    '--approver',
    'alice',
    '--approver',
    'bob',
    ...where,
  ]);
  expect([exitCode, stderr]).toEqual([
    EXIT.ok,
    expect.stringMatching(/^alice, bob: (the switch to )?restore \S+ of bestie 1\.\d to .* from repo1.*\nrequest /),
  ]);
  expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  return stdout.trim();
}

const environment = (approval: string): Record<string, string> => ({
  LIFECYCLE_APPROVAL_KEYS: join(folder, 'approval-keys.json'),
  LIFECYCLE_CLUSTER: 'prod',
  ARGOCD_APP_NAMESPACE: 'shop',
  ARGOCD_APP_PARAMETERS: JSON.stringify([{ name: 'approval', string: approval }]),
});

/** What the Lifecycle says that it waits for. */
const awaiting = ({ stdout }: Ended): string | undefined =>
  /lifecycle\.bestie\.com\/awaiting-approval: (?<text>".*")/.exec(stdout)?.groups?.['text'];

describe('keys', () => {
  test('the private one is its owner’s to read, and neither is printed', async () => {
    const { stdout, stderr, exitCode } = await run(['keys']);
    expect(exitCode).toBe(EXIT.ok);
    expect(statSync(join(folder, 'approval-key.json')).mode & 0o777).toBe(0o600);
    const { d, kid } = z.object({ d: z.string(), kid: z.string() }).parse(JSON.parse(file('approval-key.json')));
    expect(stdout).toBe(`${kid}\n`);
    expect(stderr + file('approval-keys.json')).not.toContain(d);
  });

  test('a private key is never overwritten, and a new one does not take the place of those that are trusted', async () => {
    await run(['keys']);
    const before = file('approval-key.json');
    const again = await run(['keys']);
    expect([again.exitCode, again.stderr]).toEqual([EXIT.problems, expect.stringContaining('approval-key-exists')]);
    expect(file('approval-key.json')).toBe(before);
    await run(['keys', '--private', 'second.json']);
    expect(JSON.parse(file('approval-keys.json'))).toHaveProperty('keys.length', 2);
    // Signed with the first, which is retired by now.
    expect(awaiting(await run(['generate', RESTORE], environment(await token())))).toBeUndefined();
  });

  test('a file of public keys that is none is left as it is', async () => {
    writeFileSync(join(folder, 'approval-keys.json'), '{}');
    const { stderr, exitCode } = await run(['keys']);
    expect([exitCode, stderr]).toEqual([
      EXIT.problems,
      expect.stringContaining('approval-keys.json: approval-key-invalid'),
    ]);
    expect(() => file('approval-key.json')).toThrow('ENOENT');
  });
});

describe('approve', () => {
  beforeEach(async () => {
    await run(['keys']);
  });

  test.each<[string, readonly string[], string]>([
    ['a file that asks for nothing', [AT_REST, ...KEY, ...WHERE, '--approver', 'alice'], 'approval-not-needed'],
    [
      'public keys in place of a private one',
      [RESTORE, '--key', 'approval-keys.json', ...WHERE, '--approver', 'alice'],
      'approval-key-invalid',
    ],
    ['no key', [RESTORE, '--key', 'none.json', ...WHERE, '--approver', 'alice'], 'file-unreadable'],
    [
      'another request than the one that was looked at',
      [RESTORE, ...KEY, ...WHERE, '--approver', 'alice', '--request', 'f'.repeat(64)],
      'approval-other-request',
    ],
    ['nobody', [RESTORE, ...KEY, ...WHERE], 'usage'],
    ['a name that is none', [RESTORE, ...KEY, ...WHERE, '--approver', 'alice\nbob'], 'usage'],
    ['no duration', [RESTORE, ...KEY, ...WHERE, '--approver', 'alice', '--valid', 'soon'], 'usage'],
    ['no namespace', [RESTORE, ...KEY, '--cluster', 'prod', '--namespace', 'Shop/x', '--approver', 'alice'], 'usage'],
  ])('%s: refused, nothing is printed', async (_, args, code) => {
    const { stdout, stderr, exitCode } = await run(['approve', ...args]);
    expect(exitCode).toBe(code === 'usage' ? EXIT.usage : EXIT.problems);
    expect(stdout).toBe('');
    expect(stderr).toContain(code);
  });

  test('generate renders exactly what was approved, however the token comes in', async () => {
    const approval = await token();
    const byParameter = await run(['generate', RESTORE], environment(approval));
    expect(byParameter.stdout).toContain('name: bestie-restore-');
    expect(awaiting(byParameter)).toBeUndefined();
    const options = ['--approval', approval, '--approval-keys', 'approval-keys.json', ...WHERE];
    expect(await run(['generate', RESTORE, ...options])).toEqual(byParameter);
  });

  test('plan says who approved, until when, and what; or what is to be signed', async () => {
    const plan = await run(['plan', RESTORE, '-o', 'json'], environment(await token()));
    const approval = z.looseObject({ restore: z.object({ approval: z.record(z.string(), z.unknown()) }) });
    const given = approval.parse(JSON.parse(plan.stdout)).restore.approval;
    expect(given).toMatchObject({ state: 'given', approvers: ['alice', 'bob'] });
    const needed = await run(['plan', RESTORE, '-o', 'markdown']);
    expect(needed.stdout).toContain(`It needs an approval of request \`${String(given['request'])}\``);
    const looked = ['--request', String(given['request'])];
    expect((await run(['approve', RESTORE, ...KEY, ...WHERE, '--approver', 'carol', ...looked])).exitCode).toBe(
      EXIT.ok,
    );
  });

  /** Never an error of the whole file: backups and the rest go on, and the Lifecycle says why. */
  test.each<[string, (approval: string) => Record<string, string>, string]>([
    ['no token', () => environment(''), 'approval-missing'],
    [
      'another cluster',
      (approval) => ({ ...environment(approval), LIFECYCLE_CLUSTER: 'staging' }),
      'approval-other-cluster',
    ],
    [
      'another namespace',
      (approval) => ({ ...environment(approval), ARGOCD_APP_NAMESPACE: 'staging' }),
      'approval-other-namespace',
    ],
    ['no cluster', (approval) => ({ ...environment(approval), LIFECYCLE_CLUSTER: '' }), 'approval-not-checkable'],
    [
      'no keys',
      (approval) => ({ ...environment(approval), LIFECYCLE_APPROVAL_KEYS: '/nowhere' }),
      'approval-not-checkable',
    ],
    ['what is no token', () => environment('approved "by" me\n--- {}'), 'approval-malformed'],
    ['a changed token', (approval) => environment(`${approval.slice(0, -4)}AAAA`), 'approval-tampered'],
  ])('with %s the file is rendered without the restore, and says why', async (_, env, code) => {
    const ended = await run(['generate', RESTORE], env(await token()));
    expect(ended.exitCode).toBe(EXIT.ok);
    expect(awaiting(ended)).toContain(`(${code}: `);
    expect(ended.stdout).not.toContain('bestie-restore-');
    expect(ended.stdout).toContain('kind: PostgresCluster');
  });

  test('a token for another request is none for this one', async () => {
    expect(awaiting(await run(['generate', RESTORE], environment(await token(UNDO))))).toContain(
      'approval-other-request',
    );
  });

  test('the sidecar says which cluster it is; the parameter only where it does not', async () => {
    const approval = await token(RESTORE, ['--cluster', 'https://10.0.0.1:6443', '--namespace', 'shop']);
    const named = (cluster: string): Record<string, string> => ({
      ...environment(approval),
      ARGOCD_APP_PARAMETERS: JSON.stringify([
        { name: 'approval', string: approval },
        { name: 'cluster', string: cluster },
      ]),
    });
    const own = named('https://10.0.0.1:6443');
    expect(awaiting(await run(['generate', RESTORE], own))).toContain('approval-other-cluster');
    const silent = { LIFECYCLE_CLUSTER: '' };
    expect(awaiting(await run(['generate', RESTORE], { ...own, ...silent }))).toBeUndefined();
    const none = { ...named(''), LIFECYCLE_CLUSTER: 'https://10.0.0.1:6443' };
    expect(awaiting(await run(['generate', RESTORE], none))).toBeUndefined();
    const broken = { ...named('prod eu'), ...silent };
    expect(awaiting(await run(['generate', RESTORE], broken))).toContain('approval-not-checkable');
  });

  test('keys are not read from the repository', async () => {
    const env = { ...environment(await token()), LIFECYCLE_APPROVAL_KEYS: 'approval-keys.json' };
    expect(awaiting(await run(['generate', RESTORE], env))).toContain('approval-not-checkable');
  });

  test('an approval of one database is none of another', async () => {
    const approval = await token();
    const repo = join(folder, 'repo');
    cpSync(RESTORE, repo, { recursive: true });
    const lifecycle = join(repo, 'lifecycle.yaml');
    const changed = parseDocument(readFileSync(lifecycle, 'utf8'));
    changed.setIn(['spec', 'blue', 'names'], { database: 'payroll' });
    writeFileSync(lifecycle, String(changed));
    expect(awaiting(await run(['generate', repo], environment(approval)))).toContain('approval-other-request');
  });

  test('a header that nobody has signed is not quoted', async () => {
    const header = { alg: 'EdDSA', kid: 'x', typ: 'lifecycle-approval+jwt', crit: ['\u001B[2J\ud800'] };
    const hostile = [JSON.stringify(header), '{}', 's']
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.');
    const ended = await run(['generate', RESTORE], environment(hostile));
    expect(awaiting(ended)).toContain('approval-malformed: it is no token that can be read');
    const kid = [JSON.stringify({ alg: 'EdDSA', kid: '\u001B[2J' }), '{}', 's']
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.');
    expect(awaiting(await run(['generate', RESTORE], environment(kid)))).toContain(
      'approval-key-unknown: it names no key',
    );
  });
});

describe('a restore beside', () => {
  const planOf = async (repo: string, approval: string): Promise<readonly [string | undefined, string | undefined]> => {
    const result = await run(['generate', repo], environment(approval));
    const plan = /"?plan\\":\\"(?<kind>\w+)/.exec(result.stdout)?.groups?.['kind'];
    return [plan, awaiting(result)];
  };

  test('its switch is approved by itself; until then the instance that was approved stays', async () => {
    await run(['keys']);
    const preview = await token(BESIDE);
    expect(await planOf(BESIDE, preview)).toEqual(['RestoreBeside', undefined]);
    expect(await planOf(BESIDE_SWITCH, preview)).toEqual([
      'RestoreBeside',
      expect.stringMatching(/^"the switch to restore drop-table-2026-11-22, request \w{64} \(approval-other-request/),
    ]);
    const both = await token(BESIDE_SWITCH);
    expect(await planOf(BESIDE_SWITCH, both)).toEqual(['SwitchRestored', undefined]);
    // Who approved the switch has approved that it stands there.
    expect(await planOf(BESIDE, both)).toEqual(['RestoreBeside', undefined]);
  });

  test('where the database is gone, nothing makes it again, empty, while nobody has approved what brings it back', async () => {
    const result = await run(['generate', LOST]);
    expect(awaiting(result)).toMatch(/^"restore lost-2026-11-22, request \w{64} \(approval-missing/);
    expect(result.stdout).not.toContain('kind: PostgresCluster');
    // What Argo CD's sync would wait for: hooks, later waves, and what is not healthy without a database.
    expect(result.stdout).not.toMatch(/kind: Job|argocd.argoproj.io.hook: [^S]|sync-wave: "[1-9]/);
    const documents = result.stdout.split('---\n').filter((text) => /^kind: (Deployment|Service)$/m.test(text));
    expect(documents).toHaveLength(3);
    for (const text of documents) expect(text).toContain('argocd.argoproj.io/hook: Skip');
  });

  test('the token of another restore brings nothing up', async () => {
    await run(['keys']);
    const [plan, waits] = await planOf(BESIDE_SWITCH, await token());
    expect(plan).toBe('AtRest');
    expect(waits).toMatch(/approval-other-request/);
  });
});
