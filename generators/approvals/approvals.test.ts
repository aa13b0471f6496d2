import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { LifecycleError } from '../../plugin/errors/errors.ts';
import { newKey, publicPart } from '../../plugin/approval/keys.ts';
import type { PrivateKey } from '../../plugin/approval/key-schema.ts';
import { readApproval } from '../../plugin/approval/read.ts';
import { parseLifecycle } from '../../plugin/lifecycle/parse.ts';
import { buildPlan, type Plan } from '../../plugin/plan/plan.ts';
import { configSchema, type Config } from '../config/schema.ts';
import type { ParameterSet } from '../parameter-set.ts';
import type { PullRequestFacts, Scm } from '../scm/port.ts';
import { createApprovals } from './approvals.ts';
import { gitHistory } from './testing/git-history.ts';
import { memoryScm, type MemoryScm } from './testing/memory-scm.ts';
import { AT_REST, restoring } from './testing/requests.ts';

/** Requests in a real repository, with a source host of facts that are told. */

const FILE = 'shop/lifecycle.yaml';
const NOW = new Date('2026-11-20T12:00:00Z');

let folder: string;
let key: PrivateKey;
let host: MemoryScm;
beforeAll(async () => {
  key = await newKey();
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'approvals-'));
  host = memoryScm();
  await git('init', '-q', '-b', 'main');
  await commit({ [FILE]: AT_REST });
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const git = async (...args: readonly string[]): Promise<string> => {
  const identity = ['-c', 'user.name=x', '-c', 'user.email=x@x.test', '-c', 'commit.gpgsign=false'];
  return (await execa('git', [...identity, ...args], { cwd: folder })).stdout;
};
async function commit(files: Readonly<Record<string, string>>): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  await git('add', '-A');
  await git('commit', '-q', '--allow-empty', '-m', 'A change');
  return git('rev-parse', 'HEAD');
}

/** Merged by squash: a commit on main that has what the branch had, with one approval. */
async function merged(number: number, files: Readonly<Record<string, string>>, more: Partial<PullRequestFacts> = {}) {
  await git('checkout', '-q', '-B', `pull-${number}`, 'main');
  const mergeBase = await git('rev-parse', 'HEAD');
  const head = await commit({ ...files, 'notes/branch': `${number}` });
  await git('checkout', '-q', 'main');
  const merge = await commit(files);
  const author = { login: 'bob', bot: false };
  const person = { name: 'bob', email: 'bob@x.test', login: 'bob' };
  host.merges.set(merge, number);
  host.pulls.set(number, {
    ...{
      number,
      url: `https://x.test/${number}`,
      state: 'merged',
      base: 'main',
      baseChangedAt: undefined,
      head,
      mergeBase,
    },
    ...{ headRef: `refs/pull/${number}/head`, mergeCommit: merge, mergedAt: NOW, author, mergedBy: author },
    ...{
      commits: [{ sha: head, authors: [person], committer: person }],
      hostKeepsCommittersOut: false,
      noReplyDomain: 'noreply.x.test',
    },
    reviews: [{ by: { login: 'alice', bot: false }, state: 'approved', commit: head, at: NOW }],
    ...more,
  });
  return { merge, head, mergeBase };
}

/** Typed as what it stands for. */
const textWith = (text: string): unknown => expect.stringContaining(text);

const planOf = (text: string): Plan => {
  const parsed = parseLifecycle(new TextEncoder().encode(text), FILE);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return buildPlan(parsed.lifecycle);
};

type Policy = NonNullable<Config['approvals']>['policies'][number];
function asking(policy: Partial<Policy['approvers']> = { users: ['alice'] }, kind: Scm['kind'] = 'github') {
  const url = 'https://x.test/shop/deploy.git';
  const config = configSchema.parse({
    apiVersion: 'lifecycle.bestie.com/v1alpha1',
    kind: 'GeneratorConfiguration',
    token: { env: 'TOKEN' },
    repositories: [
      { url, cluster: 'lab', scm: { kind, api: 'https://x.test', project: 'shop/deploy', token: { env: 'T' } } },
    ],
    approvals: { key: { env: 'KEY' }, policies: [{ paths: ['shop'], approvers: policy }] },
  });
  const [repository] = config.repositories;
  if (!repository) throw new Error('no repository');
  let now = NOW;
  const scm = { ...host.scm, kind };
  const approvals = createApprovals({ config: config.approvals, key: () => key, scm: () => scm, now: () => now });
  const ask = async (text = restoring('r1'), at = NOW, path = FILE): Promise<ParameterSet['approval']> => {
    now = at;
    const history = gitHistory(folder, 'main');
    return approvals.approvalOf({ repository, branch: 'main', path, namespace: 'shop', plan: planOf(text), history });
  };
  return Object.assign(ask, {
    changed: (number: number) => {
      approvals.changed(repository, number);
    },
  });
}

describe('where a request came in', () => {
  test('is its oldest commit since it is asked for without a break', async () => {
    await merged(1, { [FILE]: restoring('r1') });
    await commit({ [FILE]: restoring('r1', ['replicas: 3', 'replicas: 5']) });
    await commit({ 'notes/x': 'x' });
    expect(await asking()(restoring('r1', ['replicas: 3', 'replicas: 5']))).toMatchObject({
      state: 'given',
      message: textWith('shop/deploy#1'),
    });
  });

  test('a file that cannot be read for a while takes nothing away', async () => {
    await merged(1, { [FILE]: restoring('r1') });
    await commit({ [FILE]: 'spec: [' });
    const ask = asking();
    expect((await ask()).state).toBe('given');
    await commit({ [FILE]: restoring('r1') });
    expect((await ask()).state).toBe('given');
  });

  test('a file that was away asks anew', async () => {
    await merged(1, { [FILE]: restoring('r1') });
    await git('rm', '-q', FILE);
    await git('commit', '-qm', 'Away');
    const back = await commit({ [FILE]: restoring('r1') });
    expect(await asking()()).toMatchObject({
      state: 'missing',
      message: textWith(back.slice(0, 7)),
    });
  });

  test('a file that was moved is asked for by whoever moved it', async () => {
    await merged(1, { [FILE]: restoring('r1') });
    mkdirSync(join(folder, 'shop/moved'));
    await git('mv', FILE, 'shop/moved/lifecycle.yaml');
    await git('commit', '-qm', 'Move');
    expect(await asking({ users: ['alice'] })(restoring('r1'), NOW, 'shop/moved/lifecycle.yaml')).toMatchObject({
      state: 'refused',
      message: textWith('no approval policy fits'),
    });
  });
});

describe('a request that was taken away', () => {
  /** As `git merge` would not do it: what the first parent has, whatever the others have. */
  const mergeTo = async (first: string, other: string): Promise<string> => {
    const merge = await git('commit-tree', `${first}^{tree}`, '-p', first, '-p', other, '-m', 'Merge');
    await git('reset', '-q', '--hard', merge);
    return merge;
  };

  test('does not come back by a merge that goes round the commit which took it away', async () => {
    const { merge } = await merged(1, { [FILE]: restoring('r1') });
    const ask = asking();
    expect((await ask()).state).toBe('given');
    const revert = await commit({ [FILE]: AT_REST });
    await mergeTo(merge, revert);
    const expected = { state: 'missing', message: textWith(`commit ${revert.slice(0, 7)} took it away`) };
    expect(await ask()).toMatchObject(expected);
    expect(await asking()()).toMatchObject(expected);
    // Not even by one whose every parent asks for it.
    await git('reset', '-q', '--hard', revert);
    await mergeTo(merge, await commit({ [FILE]: restoring('r1') }));
    expect(await asking()()).toMatchObject(expected);
  });

  test('does not come back by a merge where it was a merge that took it away', async () => {
    const stale = await git('rev-parse', 'HEAD');
    const { merge } = await merged(1, { [FILE]: restoring('r1') });
    const away = await git('commit-tree', `${stale}^{tree}`, '-p', merge, '-p', stale, '-m', 'Away');
    await mergeTo(merge, away);
    expect(await asking()()).toMatchObject({ state: 'missing', message: textWith('took it away') });
  });

  test('does not come back by the branch of a pull request that was squashed', async () => {
    const { head } = await merged(1, { [FILE]: restoring('r1') });
    const revert = await commit({ [FILE]: AT_REST });
    host.merges.set(head, 1);
    await mergeTo(head, revert);
    expect(await asking()()).toMatchObject({ state: 'missing', message: textWith('did not come into main by') });
  });

  test('was not, where branches are merged that left before it, or go on from it', async () => {
    await git('checkout', '-q', '-b', 'stale');
    const stale = await commit({ 'notes/stale': 'x' });
    await git('checkout', '-q', 'main');
    await merged(1, { [FILE]: restoring('r1') });
    await git('checkout', '-q', '-b', 'goes-on');
    await commit({ 'notes/on': 'x' });
    await git('checkout', '-q', 'main');
    await commit({ 'notes/main': 'x' });
    for (const branch of [stale, 'goes-on']) await git('merge', '-q', '--no-ff', '-m', 'Merge', branch);
    // Main into a branch, and that into main.
    await git('checkout', '-q', '-B', 'stale', stale);
    await git('merge', '-q', '--no-ff', '-m', 'Merge main', 'main');
    await commit({ [FILE]: restoring('r1', ['replicas: 3', 'replicas: 5']) });
    await git('checkout', '-q', 'main');
    await git('merge', '-q', '--no-ff', '-m', 'Merge', 'stale');
    expect(await asking()(restoring('r1', ['replicas: 3', 'replicas: 5']))).toMatchObject({ state: 'given' });
  });

  test('counts again by the pull request that asks for it again, merged by a merge', async () => {
    await merged(1, { [FILE]: restoring('r1') });
    await commit({ [FILE]: AT_REST });
    const { head } = await merged(2, { [FILE]: restoring('r1') });
    await git('reset', '-q', '--hard', 'HEAD^');
    await git('merge', '-q', '--no-ff', '-m', 'Merge', head);
    const merge = await git('rev-parse', 'HEAD');
    host.merges.set(merge, 2);
    const known = host.pulls.get(2);
    if (!known) throw new Error('no pull request');
    host.pulls.set(2, { ...known, mergeCommit: merge });
    expect(await asking()()).toMatchObject({ state: 'given', message: textWith('shop/deploy#2') });
  });
});

describe('its pull request', () => {
  const expectMissing = async (text: string): Promise<void> => {
    expect(await asking()()).toMatchObject({
      state: 'missing',
      token: '',
      message: textWith(text),
    });
  };

  test('is one into this branch', async () => {
    await merged(1, { [FILE]: restoring('r1') }, { base: 'develop' });
    await expectMissing('went into develop, not into main');
  });

  test('is merged', async () => {
    await merged(1, { [FILE]: restoring('r1') }, { state: 'open' });
    await expectMissing('is not merged');
  });

  test('asks for the same at its final head', async () => {
    const { head } = await merged(1, { [FILE]: restoring('r1') });
    await git('checkout', '-q', head);
    const other = await commit({ [FILE]: restoring('r2') });
    await git('checkout', '-q', 'main');
    const known = host.pulls.get(1);
    if (!known) throw new Error('no pull request');
    host.pulls.set(1, { ...known, head: other, reviews: known.reviews.map((each) => ({ ...each, commit: other })) });
    await expectMissing('asked for something else at its final head');
  });

  test('has a head that can be looked at', async () => {
    await merged(1, { [FILE]: restoring('r1') }, { head: 'f'.repeat(40) });
    await expectMissing('is not in the repository any more');
  });

  test('has commits, or nobody knows who wrote it', async () => {
    await merged(1, { [FILE]: restoring('r1') }, { commits: [] });
    await expectMissing('is no part of shop/deploy#1');
  });

  test('is not one that only came after it', async () => {
    await commit({ [FILE]: restoring('r1') });
    await merged(1, { 'notes/x': 'x' });
    await expectMissing('is no part of shop/deploy#1');
  });

  test('may be told by the last commit of its rebase only', async () => {
    const { head, merge } = await merged(1, { [FILE]: restoring('r1') });
    host.merges.delete(merge);
    const last = await commit({ 'notes/y': 'y' });
    host.merges.set(last, 1);
    const known = host.pulls.get(1);
    if (!known) throw new Error('no pull request');
    const [one] = known.commits;
    if (!one) throw new Error('no commit');
    host.pulls.set(1, { ...known, commits: [one, { ...one, sha: 'e'.repeat(40) }] });
    expect(await asking()()).toMatchObject({ state: 'given' });
    host.pulls.set(1, { ...known, commits: [{ ...one, sha: `${head.slice(1)}0` }] });
    await expectMissing('is no part of shop/deploy#1');
  });
});

describe('code owners', () => {
  const owned = { users: [], codeOwners: true };
  test('are those of before the pull request, in the branch and where it started', async () => {
    await commit({ CODEOWNERS: '/shop/ @alice' });
    await merged(1, { [FILE]: restoring('r1') });
    expect(await asking(owned)()).toMatchObject({ state: 'given' });
  });

  test('are not those whom it names itself', async () => {
    await commit({ CODEOWNERS: '/shop/ @carol' });
    await merged(1, { [FILE]: restoring('r1'), CODEOWNERS: '/shop/ @alice' });
    expect(await asking(owned)()).toMatchObject({
      state: 'missing',
      message: textWith('carol may approve'),
    });
  });

  test('are not those of an old state that it started from', async () => {
    const { mergeBase } = await (async () => {
      const base = await commit({ CODEOWNERS: '/shop/ @alice' });
      await commit({ CODEOWNERS: '/shop/ @carol' });
      await merged(1, { [FILE]: restoring('r1') }, { mergeBase: base });
      return { mergeBase: base };
    })();
    expect(host.pulls.get(1)?.mergeBase).toBe(mergeBase);
    expect(await asking(owned)()).toMatchObject({
      state: 'missing',
      message: textWith('nobody else may approve'),
    });
  });

  test('of a line that cannot be read are nobody, and the line is named', async () => {
    await commit({ CODEOWNERS: '* @alice\n/sho[p]/ @carol' });
    await merged(1, { [FILE]: restoring('r1') });
    expect(await asking(owned)()).toMatchObject({
      state: 'missing',
      message: textWith('nobody may as a code owner: line 2 of CODEOWNERS cannot be read'),
    });
  });

  test('of Gitea are not read, and it is said', async () => {
    await merged(1, { [FILE]: restoring('r1') });
    expect(await asking(owned, 'gitea')()).toMatchObject({
      state: 'refused',
      message: textWith('code owners are not read'),
    });
  });
});

describe('an approval that ran out', () => {
  const hours = (count: number): Date => new Date(NOW.getTime() + count * 3_600_000);

  test('asks nobody any more, and is what a new replica answers, too', async () => {
    await merged(1, { [FILE]: restoring('r1') });
    const ask = asking();
    const over = await ask(undefined, hours(1000));
    expect(over).toMatchObject({ state: 'given', message: textWith('ran out') });
    host.asked = 0;
    expect(await ask(undefined, hours(1000.9))).toEqual(over);
    expect(host.asked).toBe(0);
    expect(await asking()(undefined, hours(1000.9))).toEqual(over);
  });

  test('is signed by the key of now', async () => {
    await merged(1, { [FILE]: restoring('r1') });
    const ask = asking();
    const { token } = await ask(undefined, hours(1000));
    key = await newKey();
    const signed = await readApproval((await ask(undefined, hours(1000))).token, [publicPart(key)]);
    expect(signed.key).toEqual(publicPart(key));
    expect(token).not.toBe('');
  });

  test.each(['a webhook says so', 'an hour later'])('is seen to be reviewed again: %s', async (how) => {
    await merged(1, { [FILE]: restoring('r1') });
    const ask = asking();
    await ask(undefined, hours(1000));
    const known = host.pulls.get(1);
    if (!known) throw new Error('no pull request');
    host.pulls.set(1, { ...known, reviews: known.reviews.map((each) => ({ ...each, at: hours(1000) })) });
    if (how === 'a webhook says so') ask.changed(1);
    const again = how === 'a webhook says so' ? 1000.1 : 1001;
    expect((await ask(undefined, hours(again))).message).toContain('to begin before');
  });

  test('stays while the host does not answer', async () => {
    await merged(1, { [FILE]: restoring('r1') });
    const ask = asking();
    const over = await ask(undefined, hours(1000));
    host.down = new LifecycleError('generator-scm-unreachable', 'x: HTTP 500');
    expect(await ask(undefined, hours(2000))).toEqual(over);
  });
});

describe('a host that does not answer', () => {
  const down = new LifecycleError('generator-scm-unreachable', 'x: HTTP 500');
  const minutes = (count: number): Date => new Date(NOW.getTime() + count * 60_000);

  test('is stood in for by what was given a short while ago, and by nothing else', async () => {
    const { merge } = await merged(1, { [FILE]: restoring('r1') });
    const ask = asking();
    const given = await ask();
    host.down = down;
    expect(await ask(undefined, minutes(9))).toEqual(given);
    await expect(ask(undefined, minutes(10))).rejects.toBe(down);
    // What came in anew is another thing, though it asks for the same.
    await commit({ [FILE]: AT_REST });
    await git('checkout', '-q', merge, '--', FILE);
    await commit({});
    await expect(ask(undefined, minutes(1))).rejects.toBe(down);
  });

  test('is not stood in for what was missing', async () => {
    await merged(1, { [FILE]: restoring('r1') }, { reviews: [] });
    const ask = asking();
    expect((await ask()).state).toBe('missing');
    host.down = down;
    await expect(ask()).rejects.toBe(down);
  });

  test('is not asked where nothing has to be approved', async () => {
    host.down = down;
    expect(await asking()(AT_REST)).toEqual({ state: 'not needed', token: '', message: '' });
  });
});

test('a new key signs the same claims; what the old one signed stays valid while both are trusted', async () => {
  await merged(1, { [FILE]: restoring('r1') });
  const before = (await asking()()).token;
  const old = key;
  key = await newKey();
  const after = (await asking()()).token;
  const trusted = [publicPart(old), publicPart(key)];
  const [one, other] = [await readApproval(before, trusted), await readApproval(after, trusted)];
  expect(other.claims).toEqual(one.claims);
  expect([one.key, other.key]).toEqual(trusted);
});
