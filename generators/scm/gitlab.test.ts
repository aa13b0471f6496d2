import { afterEach, describe, expect, test } from '@jest/globals';
import { createScm } from './create-scm.ts';
import { reviewsFrom, type GitlabApprovals } from './gitlab-reviews.ts';
import type { RememberedScm } from './remembered.ts';
import { serve, type Answer, type Call, type Served } from './testing/served.ts';

/** In the shapes that GitLab's REST reference gives; what is not read is left out. */

const PROJECT = '/api/v4/projects/group/sub/deploy';
const MR = `${PROJECT}/merge_requests/12`;
const [HEAD, OLD, BASE, MERGE] = ['a'.repeat(40), 'd'.repeat(40), 'b'.repeat(40), 'c'.repeat(40)];
const IDS: Readonly<Record<string, number>> = { alice: 1, bob: 2, carol: 3, robot: 4, generator: 5 };

const user = (username: string) => ({ id: IDS[username] ?? 99, username, name: username, state: 'active' });
const SHOWN = {
  iid: 12,
  web_url: 'https://gitlab.com/group/sub/deploy/-/merge_requests/12',
  state: 'merged',
  target_branch: 'main',
  sha: HEAD,
  diff_refs: { base_sha: BASE, head_sha: HEAD, start_sha: BASE },
  merge_commit_sha: MERGE,
  squash_commit_sha: null,
  merged_at: '2026-11-20T10:00:00.000Z',
  author: user('bob'),
  merge_user: user('carol'),
};
const commit = (id: string, email: string, message = 'A change') => ({
  ...{ id, short_id: id.slice(0, 8), message, author_name: email, author_email: email },
  ...{ committer_name: email, committer_email: email },
});
const note = (username: string, body: string, at: string, system = true) => ({
  ...{ id: 1, body, system, created_at: at, author: user(username) },
});
const profiles: Routes = Object.fromEntries(
  Object.entries(IDS).map(([name, id]) => [
    `GET /api/v4/users/${id}`,
    { json: { ...user(name), bot: name === 'robot', public_email: `${name}@x.test` } },
  ]),
);
const search = (email: string, ...found: readonly string[]): Routes => ({
  [`GET /api/v4/users?search=${email}&per_page=20`]: { json: found.map(user) },
});

type Routes = Readonly<Record<string, Answer | ((call: Call, before: number) => Answer | 'cut')>>;

const MERGED: Routes = {
  ...profiles,
  ...search('bob@x.test', 'bob'),
  [`GET ${MR}`]: { json: SHOWN },
  [`GET ${MR}/commits?per_page=100`]: { json: [commit(HEAD, 'bob@x.test')] },
  [`GET ${MR}/approvals`]: { json: { approved: true, approved_by: [{ user: user('alice') }] } },
  [`GET ${MR}/reviewers`]: { json: [{ user: user('alice'), state: 'approved', created_at: '2026-11-20T08:00:00Z' }] },
  [`GET ${MR}/notes?per_page=100`]: {
    json: [note('alice', 'approved this merge request', '2026-11-20T09:30:00.000Z')],
  },
  [`GET ${MR}/versions`]: { json: [{ head_commit_sha: HEAD, created_at: '2026-11-20T09:00:00.000Z' }] },
};

let served: Served | undefined;
afterEach(async () => {
  await served?.stop();
  served = undefined;
});

const slept: number[] = [];
async function gitlab(routes: Routes): Promise<RememberedScm> {
  slept.length = 0;
  served = await serve((call, before) => {
    const route = routes[`${call.method} ${call.path}`];
    return typeof route === 'function' ? route(call, before) : route;
  });
  return createScm({
    kind: 'gitlab',
    api: served.url,
    project: 'group/sub/deploy',
    token: () => 'a-token',
    now: () => new Date('2026-11-20T12:00:00Z'),
    sleep: (milliseconds) => {
      slept.push(milliseconds);
      return Promise.resolve();
    },
    patience: { retries: 2, firstWaitMilliseconds: 1, longestWaitMilliseconds: 5000 },
  });
}

describe('a merge request', () => {
  test('with its approvals at the head that the branch had then', async () => {
    expect(await (await gitlab(MERGED)).pullRequest(12)).toEqual({
      number: 12,
      url: SHOWN.web_url,
      state: 'merged',
      base: 'main',
      baseChangedAt: undefined,
      head: HEAD,
      headRef: 'refs/merge-requests/12/head',
      mergeBase: BASE,
      mergeCommit: MERGE,
      mergedAt: new Date('2026-11-20T10:00:00Z'),
      author: { login: 'bob', bot: false },
      mergedBy: { login: 'carol', bot: false },
      commits: [
        {
          sha: HEAD,
          authors: [{ name: 'bob@x.test', email: 'bob@x.test', login: 'bob' }],
          committer: { name: 'bob@x.test', email: 'bob@x.test', login: 'bob' },
        },
      ],
      reviews: [
        { by: { login: 'alice', bot: false }, state: 'approved', commit: HEAD, at: new Date('2026-11-20T09:30:00Z') },
      ],
      hostKeepsCommittersOut: false,
      noReplyDomain: 'users.noreply.127.0.0.1',
    });
  });

  test('whose commits are on several pages, and name people whom only their addresses tell', async () => {
    const commits = `${MR}/commits?per_page=100`;
    const trailer = 'Change\n\nCo-authored-by: C <Carol@x.test>\nco-authored-by: W <who@x.test>';
    const scm = await gitlab({
      ...MERGED,
      ...search('carol@x.test', 'carol'),
      // Whoever has the address for a name is found, too: it is not his.
      ...search('who@x.test', 'alice'),
      [`GET ${commits}`]: (call) => ({
        json: [commit('1', 'bob@x.test')],
        headers: { link: `<http://${call.headers.host ?? ''}${commits}&page=2>; rel="next"` },
      }),
      [`GET ${commits}&page=2`]: { json: [commit('2', 'bob@x.test', trailer)] },
    });
    const facts = await scm.pullRequest(12);
    expect(facts?.commits.map(({ authors }) => authors.map(({ login }) => login))).toEqual([
      ['bob'],
      ['bob', 'carol', undefined],
    ]);
  });

  test.each([
    [{ merge_requests_author_approval: false, merge_requests_disable_committers_approval: true }, true],
    [{ merge_requests_author_approval: true, merge_requests_disable_committers_approval: true }, false],
    [{ merge_requests_author_approval: false, merge_requests_disable_committers_approval: false }, false],
    [{}, false],
  ])('whose project has %j keeps those out who have a commit in it: %s', async (settings, keeps) => {
    const scm = await gitlab({ ...MERGED, [`GET ${PROJECT}/approvals`]: { json: settings } });
    expect((await scm.pullRequest(12))?.hostKeepsCommittersOut).toBe(keeps);
  });

  test.each([
    'changed target branch from `a` to `main`',
    'deleted the `a` branch. This merge request now targets the `main` branch',
  ])('that went into another branch before says when it was changed: %s', async (body) => {
    const notes = [9, 8].map((hour) => note('bob', body, `2026-11-20T0${hour}:00:00.000Z`));
    const said = note('bob', body, '2026-11-20T10:00:00.000Z', false);
    const scm = await gitlab({ ...MERGED, [`GET ${MR}/notes?per_page=100`]: { json: [...notes, said] } });
    expect((await scm.pullRequest(12))?.baseChangedAt).toEqual(new Date('2026-11-20T09:00:00Z'));
  });

  test('whose settings are not known now is unknown', async () => {
    const scm = await gitlab({ ...MERGED, [`GET ${PROJECT}/approvals`]: { status: 500 } });
    await expect(scm.pullRequest(12)).rejects.toThrow('approval settings of group/sub/deploy: HTTP 500');
  });

  test('that is not there', async () => {
    expect(await (await gitlab({})).pullRequest(12)).toBeUndefined();
  });

  test('whose answer is of another shape is unknown', async () => {
    const scm = await gitlab({ ...MERGED, [`GET ${MR}/approvals`]: { json: {} } });
    await expect(scm.pullRequest(12)).rejects.toThrow('cannot be read: approved_by');
  });
});

describe('approvals', () => {
  const at = (text: string): Date => new Date(`2026-11-20T${text}Z`);
  const [alice, bob] = [
    { login: 'alice', bot: false },
    { login: 'bob', bot: false },
  ];
  const of = (more: Partial<GitlabApprovals>): ReturnType<typeof reviewsFrom> =>
    reviewsFrom({
      approvedBy: [alice],
      asksForChanges: [],
      notes: [{ by: alice, body: 'approved this merge request', at: at('09:30:00') }],
      versions: [
        { head: HEAD, at: at('09:00:00') },
        { head: OLD, at: at('08:00:00') },
      ],
      ...more,
    });

  test('are of the head before the push that came after them', () => {
    expect(of({ notes: [{ by: alice, body: 'approved this merge request', at: at('08:30:00') }] })).toEqual([
      { by: alice, state: 'approved', commit: OLD, at: at('08:30:00') },
    ]);
  });

  test('of the very moment of a push are of the head before it', () => {
    expect(of({ notes: [{ by: alice, body: 'approved this merge request', at: at('09:00:00') }] })[0]?.commit).toBe(
      OLD,
    );
  });

  test('that nothing dates are of no head', () => {
    expect(of({ notes: [{ by: bob, body: 'approved this merge request', at: at('09:30:00') }] })[0]).toMatchObject({
      by: alice,
      commit: '',
    });
  });

  test('that were taken back are withdrawn', () => {
    expect(
      of({
        approvedBy: [],
        notes: [
          { by: alice, body: 'approved this merge request', at: at('09:30:00') },
          { by: alice, body: 'unapproved this merge request', at: at('09:40:00') },
        ],
      }),
    ).toEqual([{ by: alice, state: 'withdrawn', commit: HEAD, at: at('09:40:00') }]);
  });

  test('of somebody who asks for changes now do not count', () => {
    expect(of({ asksForChanges: [alice] }).map(({ state }) => state)).toEqual(['changes requested']);
  });

  test('that a person has written as a comment are none', async () => {
    const scm = await gitlab({
      ...MERGED,
      [`GET ${MR}/notes?per_page=100`]: {
        json: [note('alice', 'approved this merge request', '2026-11-20T09:30:00.000Z', false)],
      },
    });
    expect((await scm.pullRequest(12))?.reviews).toEqual([expect.objectContaining({ commit: '' })]);
  });

  test('of a robot are said to be', async () => {
    const scm = await gitlab({
      ...MERGED,
      [`GET ${MR}/approvals`]: { json: { approved_by: [{ user: user('robot') }] } },
    });
    expect((await scm.pullRequest(12))?.reviews[0]?.by).toEqual({ login: 'robot', bot: true });
  });
});

describe('a host that does not answer well', () => {
  test('is asked again after 5xx, a cut connection and 429, as late as it asks for', async () => {
    const scm = await gitlab({
      ...MERGED,
      [`GET ${MR}/reviewers`]: (_, before) => (before === 0 ? { status: 503 } : { json: [] }),
      [`GET ${MR}/versions`]: (_, before) => (before === 0 ? 'cut' : { json: [] }),
      [`GET ${MR}/approvals`]: (_, before) =>
        before === 0 ? { status: 429, headers: { 'retry-after': '3' } } : { json: { approved_by: [] } },
    });
    expect((await scm.pullRequest(12))?.reviews.filter(({ state }) => state === 'approved')).toEqual([]);
    expect(slept).toEqual([3000]);
  });

  test('that asks for a long wait is unreachable at once', async () => {
    const scm = await gitlab({ ...MERGED, [`GET ${MR}`]: { status: 429, headers: { 'retry-after': '60' } } });
    await expect(scm.pullRequest(12)).rejects.toThrow('HTTP 429');
    expect([slept, served?.calls.length]).toEqual([[], 1]);
  });

  test('a token that is refused is said to be, and never shown', async () => {
    const scm = await gitlab({ [`GET ${MR}`]: { status: 401, json: { message: '401 Unauthorized' } } });
    const error = await scm.pullRequest(12).catch((thrown: unknown) => String(thrown));
    expect(error).toContain('HTTP 401: the token is refused');
    expect(error).not.toContain('a-token');
    expect(served?.calls[0]?.headers['private-token']).toBe('a-token');
  });
});

test('the merge request of a commit is the merged one into that branch', async () => {
  const scm = await gitlab({
    [`GET ${PROJECT}/repository/commits/${MERGE}/merge_requests`]: {
      json: [
        { ...SHOWN, iid: 1, state: 'opened' },
        { ...SHOWN, iid: 2, target_branch: 'develop' },
        { ...SHOWN, iid: 3, merge_commit_sha: BASE },
        SHOWN,
      ],
    },
  });
  expect(await scm.mergedPullRequestOf(MERGE, 'main')).toBe(12);
  expect(await scm.mergedPullRequestOf(BASE, 'main')).toBeUndefined();
});

test('members of a group are its own, who are active and may do more than look', async () => {
  const member = (name: string, level: number, more: object = {}) => ({ ...user(name), access_level: level, ...more });
  const scm = await gitlab({
    'GET /api/v4/groups/group/dba/members?per_page=100': {
      json: [
        member('alice', 30),
        member('bob', 30, { state: 'blocked' }),
        member('carol', 20),
        member('generator', 50, { membership_state: 'awaiting' }),
      ],
    },
    'GET /api/v4/groups/group/dba/members/all?per_page=100': { json: [member('robot', 50)] },
  });
  expect(await scm.teamMembers('group/dba')).toEqual(['alice']);
  expect(await scm.teamMembers('group/none')).toBeUndefined();
});

test('a file, as it is', async () => {
  const scm = await gitlab({
    [`GET ${PROJECT}/repository/files/.gitlab/CODEOWNERS/raw?ref=main`]: { text: '* @alice\n' },
  });
  expect(await scm.fileAt('main', '.gitlab/CODEOWNERS')).toEqual(new TextEncoder().encode('* @alice\n'));
});

describe('what is written', () => {
  const MARKER = '<!-- lifecycle-plan -->';
  const me: Routes = { 'GET /api/v4/user': { json: user('generator') } };

  test('is one comment: one that another replica has made besides is removed, also where that has done so', async () => {
    const mine = (id: number): object => ({
      ...note('generator', `${MARKER} old`, '2026-11-20T09:00:00Z', false),
      id,
    });
    const scm = await gitlab({
      ...me,
      [`GET ${MR}/notes?per_page=100`]: { json: [mine(9), mine(10), mine(8)] },
      [`DELETE ${MR}/notes/9`]: { status: 204, text: '' },
      [`PUT ${MR}/notes/8`]: { json: {} },
    });
    await scm.upsertComment(12, MARKER, `${MARKER} new`);
    expect(served?.calls.slice(-3)).toMatchObject([{ method: 'DELETE' }, { method: 'DELETE' }, { method: 'PUT' }]);
  });

  test('is the own comment, in place', async () => {
    const scm = await gitlab({
      ...me,
      [`GET ${MR}/notes?per_page=100`]: {
        json: [
          { ...note('alice', `${MARKER} mine`, '2026-11-20T09:00:00Z', false), id: 7 },
          { ...note('generator', `${MARKER} old`, '2026-11-20T09:00:00Z', false), id: 8 },
        ],
      },
      [`PUT ${MR}/notes/8`]: { json: {} },
    });
    await scm.upsertComment(12, MARKER, `${MARKER} new`);
    expect(served?.calls.at(-1)).toMatchObject({ method: 'PUT', body: { body: `${MARKER} new` } });
  });

  test.each([
    [{ status: 201, json: {} }],
    [{ status: 400, json: { message: 'Cannot transition status via :enqueue from :pending' } }],
  ])('is a status, that may be so already: %j', async (answer) => {
    const scm = await gitlab({ [`POST ${PROJECT}/statuses/${HEAD}`]: answer });
    await scm.setStatus(HEAD, {
      context: 'lifecycle',
      state: 'failure',
      description: 'x',
      targetUrl: 'https://x.test',
    });
    expect(served?.calls[0]?.body).toEqual({
      state: 'failed',
      name: 'lifecycle',
      description: 'x',
      target_url: 'https://x.test',
    });
  });
});
