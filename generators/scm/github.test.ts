import { afterEach, describe, expect, test } from '@jest/globals';
import { createScm } from './create-scm.ts';
import type { RememberedScm } from './remembered.ts';
import { serve, type Answer, type Call, type Served } from './testing/served.ts';

/** In the shapes that GitHub's REST and GraphQL references give; what is not read is left out. */

const REPO = '/repos/shop/deploy';
const [HEAD, BASE, MERGE] = ['a'.repeat(40), 'b'.repeat(40), 'c'.repeat(40)];

const user = (login: string, type = 'User') => ({ login, id: 1, type, site_admin: false });
const PULL = {
  number: 12,
  html_url: 'https://github.com/shop/deploy/pull/12',
  state: 'closed',
  merged: true,
  user: user('bob'),
  base: { ref: 'main', sha: BASE, repo: { full_name: 'shop/deploy' } },
  head: { ref: 'restore', sha: HEAD },
  merge_commit_sha: MERGE,
  merged_at: '2026-11-20T10:00:00Z',
  merged_by: user('dave'),
};
const review = (login: string, state: string, at: string, commit = HEAD) => ({
  id: 1,
  user: login === '' ? null : user(login, login.endsWith('[bot]') ? 'Bot' : 'User'),
  state,
  commit_id: commit,
  submitted_at: at,
});
const person = (login: string | null, email: string) => ({
  name: email,
  email,
  user: login === null ? null : { login },
});
const commitNode = (oid: string, authors: readonly unknown[], totalCount = authors.length) => ({
  commit: { oid, authors: { totalCount, nodes: authors }, committer: person('web-flow', 'noreply@github.com') },
});
const commitsPage = (
  nodes: readonly unknown[],
  totalCount: number,
  endCursor?: string,
  retargeted: readonly string[] = [],
): Answer => ({
  json: {
    data: {
      repository: {
        pullRequest: {
          timelineItems: { nodes: retargeted.map((createdAt) => ({ createdAt })) },
          commits: {
            totalCount,
            pageInfo: { hasNextPage: endCursor !== undefined, endCursor: endCursor ?? null },
            nodes,
          },
        },
      },
    },
  },
});

type Routes = Readonly<Record<string, Answer | ((call: Call, before: number) => Answer | 'cut')>>;

const COMMITS: Routes = { 'POST /graphql': commitsPage([commitNode(HEAD, [person('bob', 'bob@x.test')])], 1) };
const MERGED: Routes = {
  [`GET ${REPO}/pulls/12`]: { json: PULL },
  [`GET ${REPO}/compare/${BASE}...${HEAD}?per_page=1`]: { json: { merge_base_commit: { sha: BASE } } },
  ...COMMITS,
};

let served: Served | undefined;
afterEach(async () => {
  await served?.stop();
  served = undefined;
});

let now = new Date('2026-11-20T12:00:00Z');
async function github(routes: Routes, tokenOf = (): string => 'a-token'): Promise<RememberedScm> {
  served = await serve((call, before) => {
    const route = routes[`${call.method} ${call.path}`];
    return typeof route === 'function' ? route(call, before) : route;
  });
  return createScm({
    kind: 'github',
    api: `${served.url}/`,
    project: 'shop/deploy',
    token: tokenOf,
    now: () => now,
    sleep: () => Promise.resolve(),
    patience: { retries: 2, firstWaitMilliseconds: 1, longestWaitMilliseconds: 2000 },
    limits: { timeoutMilliseconds: 3000, maxBytes: 1_000_000 },
  });
}

const page = (path: string, number: number): string => `GET ${REPO}/${path}?page=${number}&per_page=100`;

describe('a pull request', () => {
  test('with reviews of several pages, of accounts that are gone, and of robots', async () => {
    const first = Array.from({ length: 100 }, (_, index) =>
      review(`user${index}`, 'COMMENTED', '2026-11-20T09:00:00Z'),
    );
    const scm = await github({
      ...MERGED,
      [page('pulls/12/reviews', 1)]: { json: first },
      [page('pulls/12/reviews', 2)]: {
        json: [
          review('alice', 'APPROVED', '2026-11-20T09:30:00Z'),
          review('', 'DISMISSED', '2026-11-20T09:31:00Z'),
          review('lint[bot]', 'CHANGES_REQUESTED', '2026-11-20T09:32:00Z', BASE),
          { ...review('carol', 'PENDING', '2026-11-20T09:33:00Z'), submitted_at: undefined },
        ],
      },
      [page('pulls/12/reviews', 3)]: { json: [] },
    });
    const facts = await scm.pullRequest(12);
    expect(facts).toMatchObject({
      state: 'merged',
      base: 'main',
      head: HEAD,
      headRef: 'refs/pull/12/head',
      mergeBase: BASE,
      mergeCommit: MERGE,
      mergedAt: new Date('2026-11-20T10:00:00Z'),
      author: { login: 'bob', bot: false },
      mergedBy: { login: 'dave', bot: false },
      commits: [{ sha: HEAD, authors: [{ login: 'bob' }], committer: { login: 'web-flow' } }],
    });
    expect(facts?.reviews).toHaveLength(103);
    expect(facts?.reviews.slice(100)).toEqual([
      { by: { login: 'alice', bot: false }, state: 'approved', commit: HEAD, at: new Date('2026-11-20T09:30:00Z') },
      { by: { login: 'ghost', bot: false }, state: 'dismissed', commit: HEAD, at: new Date('2026-11-20T09:31:00Z') },
      {
        by: { login: 'lint[bot]', bot: true },
        state: 'changes requested',
        commit: BASE,
        at: new Date('2026-11-20T09:32:00Z'),
      },
    ]);
  });

  test('with commits of several pages, with co-authors, and with some that the host does not list', async () => {
    const scm = await github({
      ...MERGED,
      [page('pulls/12/reviews', 1)]: { json: [] },
      'POST /graphql': ({ body }) => {
        const { after } = (body as { variables: { after: string | null } }).variables;
        return after === null
          ? commitsPage([commitNode('1', [person('bob', 'b@x.test'), person('carol', 'c@x.test')])], 4, 'CURSOR')
          : commitsPage(
              [commitNode('2', [person(null, 'who@x.test')]), commitNode('3', [person('bob', 'b@x.test')], 101)],
              4,
            );
      },
    });
    const commits = (await scm.pullRequest(12))?.commits ?? [];
    expect(commits.map(({ authors }) => authors.map(({ login }) => login ?? 'nobody knows'))).toEqual([
      ['bob', 'carol'],
      ['nobody knows'],
      ['bob', 'nobody knows'],
      ['nobody knows'],
    ]);
  });

  test('is one of many that are read at once: reading is not throttled as writing is', async () => {
    const numbers = Array.from({ length: 12 }, (_, index) => index + 1);
    const routes = numbers.flatMap((number): readonly (readonly [string, Answer])[] => [
      [`GET ${REPO}/pulls/${number}`, { json: { ...PULL, number } }],
      [page(`pulls/${number}/reviews`, 1), { json: [] }],
    ]);
    const scm = await github({ ...MERGED, ...Object.fromEntries(routes) });
    expect(await Promise.all(numbers.map(async (number) => (await scm.pullRequest(number))?.number))).toEqual(numbers);
  });

  describe('that is merged', () => {
    const approved = { json: [review('alice', 'APPROVED', '2026-11-20T09:30:00Z')] };
    const later = (minutes: number): void => {
      now = new Date(now.getTime() + minutes * 60_000);
    };
    const paths = (): readonly (string | undefined)[] =>
      served?.calls.splice(0).map(({ path }) => path.replace(/\?.*/, '').replace(`${REPO}/`, '')) ?? [];

    test('is asked for its reviews only, as long as they are the same, for an hour', async () => {
      const scm = await github({
        ...MERGED,
        [page('pulls/12/reviews', 1)]: approved,
        [page('pulls/12/reviews', 2)]: { json: [] },
      });
      const first = await scm.pullRequest(12);
      paths();
      for (let count = 0; count < 3; count += 1) {
        later(1);
        scm.forget();
        expect(await scm.pullRequest(12)).toEqual(first);
        expect(await scm.mergedPullRequestOf(MERGE, 'main')).toBe(12);
        expect(paths()).toEqual(['pulls/12/reviews', 'pulls/12/reviews']);
      }
      later(60);
      expect(await scm.pullRequest(12)).toEqual(first);
      expect(paths()).toContain('/graphql');
    });

    test('is asked for anew where its reviews changed: whoever has another name now has it in its commits, too', async () => {
      const scm = await github({
        ...MERGED,
        [page('pulls/12/reviews', 1)]: (_, before) =>
          before === 0 ? approved : { json: [review('alicia', 'APPROVED', '2026-11-20T09:30:00Z')] },
        [page('pulls/12/reviews', 2)]: { json: [] },
        'POST /graphql': (_, before) =>
          commitsPage([commitNode(HEAD, [person(before === 0 ? 'bob' : 'alicia', 'bob@x.test')])], 1),
      });
      await scm.pullRequest(12);
      later(1);
      expect((await scm.pullRequest(12))?.commits[0]?.authors[0]?.login).toBe('alicia');
    });

    test('is asked for anew as long as the host does not know an author', async () => {
      const scm = await github({
        ...MERGED,
        [page('pulls/12/reviews', 1)]: { json: [] },
        'POST /graphql': (_, before) =>
          commitsPage([commitNode(HEAD, [person(before === 0 ? null : 'bob', 'bob@x.test')])], 1),
      });
      await scm.pullRequest(12);
      later(1);
      expect((await scm.pullRequest(12))?.commits[0]?.authors[0]?.login).toBe('bob');
    });
  });

  test('that went into another branch before says when it was changed', async () => {
    const at = '2026-11-20T09:45:00Z';
    const scm = await github({
      ...MERGED,
      [page('pulls/12/reviews', 1)]: { json: [] },
      'POST /graphql': commitsPage([commitNode(HEAD, [person('bob', 'bob@x.test')])], 1, undefined, [at]),
    });
    expect((await scm.pullRequest(12))?.baseChangedAt).toEqual(new Date(at));
  });

  test('that is not there', async () => {
    expect(await (await github({})).pullRequest(12)).toBeUndefined();
  });

  test('whose answer cannot be read is unknown, not empty', async () => {
    const scm = await github({ ...MERGED, [page('pulls/12/reviews', 1)]: { json: { message: 'hm' } } });
    await expect(scm.pullRequest(12)).rejects.toMatchObject({ code: 'generator-scm-unreachable' });
  });

  test('whose reviews are not there all of a sudden is unknown', async () => {
    const scm = await github(MERGED);
    await expect(scm.pullRequest(12)).rejects.toThrow('HTTP 404');
  });
});

describe('a host that does not answer well', () => {
  const reviews = page('pulls/12/reviews', 1);

  test.each([
    ['5xx', { status: 502, json: { message: 'Bad gateway' } }],
    [
      'a secondary rate limit',
      {
        status: 403,
        headers: { 'retry-after': '1' },
        json: { message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.' },
      },
    ],
    [
      '429',
      { status: 429, headers: { 'retry-after': '1' }, json: { message: 'You have exceeded a secondary rate limit' } },
    ],
  ])('is asked again after %s', async (_, bad) => {
    const scm = await github({ ...MERGED, [reviews]: (__, before) => (before === 0 ? bad : { json: [] }) });
    expect((await scm.pullRequest(12))?.reviews).toEqual([]);
  });

  test('is not waited for longer than somebody waits for the answer', async () => {
    const until = Math.floor(Date.now() / 1000) + 3600;
    const exhausted = {
      status: 403,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${until}` },
      json: { message: 'API rate limit exceeded' },
    };
    const scm = await github({ ...MERGED, [reviews]: exhausted });
    await expect(scm.pullRequest(12)).rejects.toThrow('HTTP 403');
  });

  test('after some tries it is unreachable, and the next question is asked anew', async () => {
    const scm = await github({ ...MERGED, [reviews]: (_, before) => (before < 3 ? { status: 500 } : { json: [] }) });
    await expect(scm.pullRequest(12)).rejects.toMatchObject({ code: 'generator-scm-unreachable' });
    expect((await scm.pullRequest(12))?.reviews).toEqual([]);
  });

  test('a token that is refused is said to be, and never shown', async () => {
    const scm = await github({ [`GET ${REPO}/pulls/12`]: { status: 401, json: { message: 'Bad credentials' } } });
    const error = await scm.pullRequest(12).catch((thrown: unknown) => String(thrown));
    expect(error).toContain('HTTP 401: the token is refused');
    expect(error).not.toContain('a-token');
  });

  test('a token is read at every call', async () => {
    let count = 0;
    const scm = await github({}, () => `token-${(count += 1)}`);
    await scm.teamMembers('shop/a');
    await scm.teamMembers('shop/b');
    expect(new Set(served?.calls.map(({ headers }) => headers.authorization)).size).toBe(2);
  });

  test('is not followed to another address', async () => {
    const scm = await github({
      [`GET ${REPO}/pulls/12`]: { status: 301, headers: { location: 'http://127.0.0.1:9/elsewhere' }, json: {} },
    });
    await expect(scm.pullRequest(12)).rejects.toMatchObject({ code: 'generator-scm-unreachable' });
  });

  test('an answer without an end is cut off', async () => {
    const scm = await github({ [`GET ${REPO}/pulls/12`]: { json: { ...PULL, body: 'x'.repeat(2_000_000) } } });
    await expect(scm.pullRequest(12)).rejects.toThrow('more than 1000000 bytes');
  });
});

describe('the pull request of a commit', () => {
  const route = `GET ${REPO}/commits/${MERGE}/pulls?per_page=100`;
  const associated = (number: number, more: object = {}) => ({ ...PULL, number, ...more });

  test('is the merged one into that branch of this repository, the one whose merge it is before others', async () => {
    const fork = { ref: 'main', sha: BASE, repo: { full_name: 'mallory/deploy' } };
    const scm = await github({
      [route]: {
        json: [
          associated(1, { merged_at: null }),
          associated(2, { base: { ...PULL.base, ref: 'develop' } }),
          associated(3, { base: fork }),
          associated(4, { merge_commit_sha: BASE }),
          associated(5),
        ],
      },
    });
    expect(await scm.mergedPullRequestOf(MERGE, 'main')).toBe(5);
    expect(await scm.mergedPullRequestOf(MERGE, 'develop')).toBe(2);
    expect(await scm.mergedPullRequestOf(MERGE, 'other')).toBeUndefined();
  });

  test.each([[404], [422]])('is none where the host says %i', async (status) => {
    const scm = await github({ [route]: { status, json: { message: 'No commit found for SHA' } } });
    expect(await scm.mergedPullRequestOf(MERGE, 'main')).toBeUndefined();
  });
});

test('members of a team, on several pages', async () => {
  const members = (page: number): string => `GET /orgs/shop/teams/dba/members?per_page=100&page=${page}`;
  const some = Array.from({ length: 100 }, (_, index) => user(`u${index}`));
  const scm = await github({ [members(1)]: { json: some }, [members(2)]: { json: [user('alice')] } });
  expect((await scm.teamMembers('shop/dba'))?.slice(-2)).toEqual(['u99', 'alice']);
  expect(await scm.teamMembers('shop/none')).toBeUndefined();
});

test('a file, as it is', async () => {
  const scm = await github({ [`GET ${REPO}/contents/.github/CODEOWNERS?ref=main`]: { text: '* @alice\n' } });
  expect(await scm.fileAt('main', '.github/CODEOWNERS')).toEqual(new TextEncoder().encode('* @alice\n'));
  expect(served?.calls[0]?.headers.accept).toContain('raw');
  expect(await scm.fileAt('main', 'CODEOWNERS')).toBeUndefined();
});

describe('what is written', () => {
  const MARKER = '<!-- lifecycle-plan -->';
  const viewer: Routes = { 'POST /graphql': { json: { data: { viewer: { login: 'lifecycle[bot]' } } } } };
  const comments = (number: number): string => page('issues/12/comments', number);
  const filler = Array.from({ length: 100 }, (_, id) => ({ id, body: 'hm', user: user('x') }));

  test('is the own comment on whichever page, and nobody else’s', async () => {
    const scm = await github({
      ...viewer,
      [comments(1)]: { json: [{ id: 7, body: `${MARKER} mine`, user: user('mallory') }, ...filler.slice(1)] },
      [comments(2)]: { json: [{ id: 300, body: `${MARKER} old`, user: user('lifecycle[bot]', 'Bot') }] },
      [comments(3)]: { json: [] },
      [`PATCH ${REPO}/issues/comments/300`]: { json: {} },
    });
    await scm.upsertComment(12, MARKER, `${MARKER} new`);
    expect(served?.calls.at(-1)).toMatchObject({ method: 'PATCH', body: { body: `${MARKER} new` } });
  });

  test('is one comment: those that another replica has made besides are removed', async () => {
    const mine = (id: number): object => ({ id, body: `${MARKER} old`, user: user('lifecycle[bot]', 'Bot') });
    const scm = await github({
      ...viewer,
      [comments(1)]: { json: [mine(9), mine(8)] },
      [comments(2)]: { json: [] },
      [`DELETE ${REPO}/issues/comments/9`]: { status: 204, text: '' },
      [`PATCH ${REPO}/issues/comments/8`]: { json: {} },
    });
    await scm.upsertComment(12, MARKER, `${MARKER} new`);
    expect(served?.calls.slice(-2)).toMatchObject([{ method: 'DELETE' }, { method: 'PATCH' }]);
  });

  test('is no comment where there is nothing to say and none to say it in', async () => {
    const scm = await github({ ...viewer, [comments(1)]: { json: [] } });
    await scm.upsertComment(12, MARKER, MARKER, true);
    expect(served?.calls.at(-1)?.method).toBe('GET');
  });

  test('is a new comment where there is none, once, even if the answer is lost', async () => {
    const scm = await github({
      ...viewer,
      [comments(1)]: { json: [] },
      [`POST ${REPO}/issues/12/comments`]: () => ({ status: 502 }),
    });
    await expect(scm.upsertComment(12, MARKER, MARKER)).rejects.toMatchObject({ code: 'generator-scm-unreachable' });
    expect(served?.calls.filter(({ method, path }) => method === 'POST' && path !== '/graphql')).toHaveLength(1);
  });

  test('is a status with a description of a length that is taken', async () => {
    const scm = await github({ [`POST ${REPO}/statuses/${HEAD}`]: { status: 201, json: {} } });
    await scm.setStatus(HEAD, { context: 'lifecycle', state: 'pending', description: 'x'.repeat(500) });
    expect(served?.calls[0]?.body).toEqual({ context: 'lifecycle', state: 'pending', description: 'x'.repeat(140) });
  });
});
