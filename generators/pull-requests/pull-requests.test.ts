import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { byBuiltIns } from '../../plugin/commands/by-built-ins.ts';
import { runLifecycle } from '../../test/golden/lifecycle-command.ts';
import type { Standing } from '../approvals/standing.ts';
import { configSchema, type RepositoryConfig } from '../config/schema.ts';
import { createInventory, type RunningInventory } from '../lifecycles/inventory.ts';
import { namespaceOf } from '../lifecycles/namespace.ts';
import type { Approvals, PullRequests, StandingAsked } from '../ports.ts';
import { startOrigin, type Origin } from '../repositories/testing/origin.ts';
import type { PullRequestFacts } from '../scm/port.ts';
import { MARKER } from './comment.ts';
import { createPullRequests } from './pull-requests.ts';
import { BOT, openPullRequest, sourceHost, type SourceHost } from './testing/source-host.ts';

/** Real git behind real HTTP, a source host in memory, replicas with mirrors of their own. */
const golden = (name: string): string =>
  readFileSync(join(import.meta.dirname, `../../test/golden/${name}/repo/lifecycle.yaml`), 'utf8');
const [AT_REST, SWITCH, RESTORE] = [golden('at-rest'), golden('switch-deployment'), golden('restore-in-place')];
const FILE = 'apps/bestie/lifecycle.yaml';

jest.setTimeout(60_000);

let origin: Origin;
let host: SourceHost;
let repository: RepositoryConfig;
let running: RunningInventory[] = [];
let folders: string[] = [];
const never = new AbortController().signal;

beforeEach(async () => {
  origin = await startOrigin();
  host = sourceHost();
  running = [];
  folders = [];
  await origin.commit({ [FILE]: AT_REST, 'readme.md': 'x' });
});
afterEach(async () => {
  await Promise.all(running.map((each) => each.close()));
  await origin.close();
  for (const each of folders) rmSync(each, { recursive: true, force: true });
});

const STANDING: Standing = { quorum: 2, approvedBy: [], mayApprove: ['@team/dba'], notCounted: [], refused: undefined };
const approvals = (standing: (asked: StandingAsked) => Standing | undefined): Approvals => ({
  approvalOf: () => Promise.reject(new Error('nobody asks this')),
  standingOf: (asked) => Promise.resolve(standing(asked)),
  changed: () => undefined,
});

function replica(ask: Approvals | undefined = approvals(() => STANDING)): PullRequests {
  const folder = mkdtempSync(join(tmpdir(), 'pull-requests-'));
  folders.push(folder);
  const config = configSchema.parse({
    apiVersion: 'lifecycle.bestie.com/v1alpha1',
    kind: 'GeneratorConfiguration',
    token: { env: 'TOKEN' },
    repositories: [{ url: origin.url, cluster: 'lab', allowHttp: true, namespace: '{folder}-{name}' }],
    limits: { repositoryBytes: 1_048_576 },
  });
  const inventory = createInventory({
    config,
    folder,
    approvals: ask,
    clock: () => new Date(),
    readSecret: () => '',
    environment: { PATH: process.env['PATH'] },
    log: { warn: () => undefined },
  });
  running.push(inventory);
  repository = config.repositories[0] as RepositoryConfig;
  return createPullRequests({
    trees: inventory.trees,
    scm: host.scm,
    approvals: ask,
    namespaceOf,
    render: byBuiltIns(),
  });
}

/** A commit of the pull request's branch, which the source host has at refs/pull/1/head only. */
async function push(files: Parameters<Origin['commit']>[0], more: Partial<PullRequestFacts> = {}): Promise<string> {
  const branch = await origin.git('branch', '--show-current');
  if (branch !== 'change') await origin.git('checkout', '-q', '-B', 'change');
  const head = await origin.commit(files, 'change');
  await origin.git('push', '-q', '--force', origin.bare, 'HEAD:refs/pull/1/head', ':refs/heads/change');
  host.pullRequests.set(1, openPullRequest(head, more));
  return head;
}
const comment = (): string => {
  expect(host.comments).toHaveLength(1);
  return host.comments[0]?.body ?? '';
};

describe('a pull request', () => {
  test('has one comment, to the byte what the command prints, edited in place', async () => {
    const one = replica();
    const first = await push({ [FILE]: SWITCH });
    await one.changed(repository, 1, never);
    const printed = async (): Promise<string> =>
      (await runLifecycle('plugin/main.ts', ['plan', '--base', 'main', '-o', 'markdown'], { cwd: origin.work })).stdout;
    expect(comment()).toBe(`${MARKER}\n${await printed()}`);
    expect(comment()).toContain('### `apps/bestie/lifecycle.yaml` changed');
    expect(host.statusesOf(first)).toEqual({
      lifecycle: 'success: 1 lifecycle file can be rendered; see the comment',
      'lifecycle/approvals': 'success: nothing has to be approved',
    });
    const second = await push({ [FILE]: SWITCH.replace('replicas: 3', 'replicas: three') });
    await one.changed(repository, 1, never);
    expect(comment()).toBe(`${MARKER}\n${await printed()}`);
    expect(comment()).toContain('wrong-type');
    expect(host.statusesOf(second)).toMatchObject({ lifecycle: 'failure: 1 problem in lifecycle files' });
    expect(host.comments[0]?.id).toBe(1);
  });

  test('that touches no lifecycle file has statuses, which may be required, and no comment', async () => {
    const one = replica();
    const head = await push({ 'readme.md': 'y' });
    await one.changed(repository, 1, never);
    expect(host.comments).toEqual([]);
    expect(host.statusesOf(head)).toEqual({
      lifecycle: 'success: no lifecycle file changes',
      'lifecycle/approvals': 'success: nothing has to be approved',
    });
  });

  test('that touches none any more says so in the comment that it has', async () => {
    const one = replica();
    await push({ [FILE]: SWITCH });
    await one.changed(repository, 1, never);
    await push({ [FILE]: AT_REST, 'readme.md': 'y' });
    await one.changed(repository, 1, never);
    expect(comment()).toContain('no lifecycle file changes');
  });

  test('is compared with where it left its branch, as that is now', async () => {
    const one = replica();
    await push({ [FILE]: SWITCH });
    await one.changed(repository, 1, never);
    await origin.git('checkout', '-q', 'main');
    await origin.commit({ 'other/lifecycle.yaml': AT_REST });
    await origin.git('checkout', '-q', 'change');
    await origin.git('rebase', '-q', 'main');
    await push({});
    await one.changed(repository, 1, never);
    expect(comment()).toContain(': 1 lifecycle file, no problems');
    expect(comment()).not.toContain('other/lifecycle.yaml');
  });

  test('says who has to approve, who has, and who does not count, and mentions nobody', async () => {
    const asked: StandingAsked[] = [];
    const standing: Standing = {
      ...STANDING,
      approvedBy: ['carol'],
      notCounted: [{ who: 'alice', code: 'author', why: 'opened the pull request' }],
    };
    const one = replica(approvals((each) => (asked.push(each), standing)));
    const head = await push({ [FILE]: RESTORE });
    await one.changed(repository, 1, never);
    expect(asked).toMatchObject([{ path: FILE, namespace: 'bestie-bestie', number: 1, plan: { kind: 'Restore' } }]);
    const [review = '', behind = ''] = comment().split('## Approvals');
    const request =
      /It needs an approval of request `(?<request>[0-9a-f]{64})`/.exec(review)?.groups?.['request'] ?? '-';
    expect(behind).toContain(`\`${FILE}\`, request \`${request}\`: 1 of 2 approvals`);
    expect(behind).toContain('- Approved by `carol`.');
    expect(behind).toContain('- May approve: `@team/dba`.');
    expect(behind).toContain('- `alice` does not count: opened the pull request.');
    expect(host.statusesOf(head)['lifecycle/approvals']).toBe('pending: 1 request to approve; see the comment');
  });

  test.each<[string, Standing, string]>([
    ['approved', { ...STANDING, approvedBy: ['bob', 'carol'] }, 'success: 1 request approved'],
    [
      'not to be approved here',
      { ...STANDING, refused: 'no policy fits' },
      'failure: 1 request that nobody can approve; see the comment',
    ],
  ])('a request that is %s', async (_, standing, status) => {
    const one = replica(approvals(() => standing));
    const head = await push({ [FILE]: RESTORE });
    await one.changed(repository, 1, never);
    expect(host.statusesOf(head)['lifecycle/approvals']).toBe(status);
  });

  test('that changes something else of a file which asks for the same as before brings no request in', async () => {
    await origin.commit({ [FILE]: RESTORE });
    const one = replica(approvals(() => Promise.reject(new Error('asked')) as never));
    const head = await push({ [FILE]: RESTORE.replace('replicas: 3', 'replicas: 4') });
    await one.changed(repository, 1, never);
    expect(host.statusesOf(head)['lifecycle/approvals']).toBe('success: nothing has to be approved');
  });

  test('without approvals in the configuration, nothing is said of them', async () => {
    const one = replica(approvals(() => STANDING));
    const other = createPullRequests({
      trees: (running[0] as RunningInventory).trees,
      scm: host.scm,
      approvals: undefined,
      namespaceOf,
      render: byBuiltIns(),
    });
    const head = await push({ [FILE]: RESTORE });
    await other.changed(repository, 1, never);
    expect(comment()).not.toContain('## Approvals');
    expect(Object.keys(host.statusesOf(head))).toEqual(['lifecycle']);
    await one.changed(repository, 1, never);
    expect(comment()).toContain('## Approvals');
  });

  test.each<[string, Partial<PullRequestFacts>]>([
    ['merged', { state: 'merged' }],
    ['closed', { state: 'closed' }],
    ['into a branch that nobody may ask for', { base: 'other' }],
  ])('%s: nothing is said', async (_, more) => {
    const one = replica();
    await push({ [FILE]: SWITCH }, more);
    await one.changed(repository, 1, never);
    await one.changed(repository, 99, never);
    expect([host.comments, host.statuses]).toEqual([[], []]);
  });

  test('without a common ancestor, or too large, says why', async () => {
    const one = replica();
    await origin.git('checkout', '-q', '--orphan', 'change');
    const head = await push({ [FILE]: SWITCH });
    await one.changed(repository, 1, never);
    expect(comment()).toContain('This change cannot be reviewed: no-merge-base');
    expect(host.statusesOf(head)['lifecycle']).toMatch(/^error: no-merge-base/);
    await origin.git('checkout', '-q', '-B', 'change', 'main');
    await push(Object.fromEntries(Array.from({ length: 2001 }, (_, at) => [`many/${at}/lifecycle.yaml`, ''])));
    await one.changed(repository, 1, never);
    expect(comment()).toContain('review-too-large');
    await origin.git('checkout', '-q', '-B', 'change', 'main');
    await push({ random: randomBytes(400_000).toString('base64') });
    await one.changed(repository, 1, never);
    expect(comment()).toContain('a quarter of limits.repositoryBytes');
  });

  test('a comment of somebody else that holds the marker is left alone', async () => {
    host.comments.push({ id: 0, by: 'mallory', body: `${MARKER}\nAll is well.` });
    const one = replica();
    await push({ [FILE]: SWITCH });
    await one.changed(repository, 1, never);
    expect(host.comments.map(({ by }) => by)).toEqual(['mallory', BOT]);
    expect(host.comments[0]?.body).toBe(`${MARKER}\nAll is well.`);
  });
});

describe('replicas', () => {
  test('that are told of the same event end with one comment', async () => {
    const replicas = [replica(), replica(), replica()];
    await push({ [FILE]: SWITCH });
    await Promise.all(replicas.map((each) => each.changed(repository, 1, never)));
    expect(comment()).toContain('### `apps/bestie/lifecycle.yaml` changed');
  });

  test('one that is slow has not the last word with what it saw first', async () => {
    const [slow, quick] = [replica(), replica()];
    await push({ [FILE]: SWITCH });
    let second = '';
    let held = true;
    host.before = async (call) => {
      if (call !== 'own' || !held) return;
      held = false;
      second = await push({ [FILE]: RESTORE });
      await quick.changed(repository, 1, never);
      expect(comment()).toContain('→ Restore of');
    };
    await slow.changed(repository, 1, never);
    expect(second).not.toBe('');
    expect(comment()).toContain('→ Restore of');
    expect(host.statusesOf(second)).toMatchObject({
      'lifecycle/approvals': 'pending: 1 request to approve; see the comment',
    });
  });

  test('a push while it is looked at: what is said is of the newest head', async () => {
    const one = replica();
    const first = await push({ [FILE]: SWITCH });
    // The source host names the head before its ref has it, and a moment later another one.
    host.pullRequests.set(1, openPullRequest('0'.repeat(40)));
    let asked = 0;
    host.before = (call) => {
      if (call === 'pullRequest' && ++asked === 2) host.pullRequests.set(1, openPullRequest(first));
      return Promise.resolve();
    };
    await one.changed(repository, 1, never);
    expect(comment()).toContain(first.slice(0, 12));
  });

  test('that is shut down says nothing more', async () => {
    const one = replica();
    await push({ [FILE]: SWITCH });
    const stop = new AbortController();
    host.before = (call) => {
      if (call === 'pullRequest') stop.abort();
      return Promise.resolve();
    };
    await expect(one.changed(repository, 1, stop.signal)).rejects.toThrow();
    expect([host.comments, host.statuses]).toEqual([[], []]);
  });
});
