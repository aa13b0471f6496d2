import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CommitFacts, Person, PullRequestFacts, Review } from '../scm/port.ts';
import { allowedBy, type Allowed } from './allowed.ts';
import { judge } from './judge.ts';
import { latestReviews } from './latest-reviews.ts';
import { loginOfNoReply } from './login.ts';
import { verdictOf, type VerdictAsked } from './verdict.ts';

const HEAD = 'a'.repeat(40);
const OLD = 'b'.repeat(40);
const hour = (hours: number): Date => new Date(Date.UTC(2026, 10, 20) + hours * 3600_000);
const person = (login: string | undefined, email = `${login ?? 'x'}@x.test`): Person => ({
  name: 'A name',
  email,
  login,
});
const commit = (...authors: readonly Person[]): CommitFacts => ({ sha: HEAD, authors, committer: person('web-flow') });
const review = (login: string, at: number, more: Partial<Review> = {}): Review => ({
  by: { login, bot: false },
  state: 'approved',
  commit: HEAD,
  at: hour(at),
  ...more,
});

const facts = (more: Partial<PullRequestFacts> = {}): PullRequestFacts => ({
  number: 12,
  url: 'https://x.test/12',
  state: 'merged',
  base: 'main',
  baseChangedAt: undefined,
  head: HEAD,
  headRef: 'refs/pull/12/head',
  mergeBase: OLD,
  mergeCommit: HEAD,
  mergedAt: hour(0),
  author: { login: 'Bob', bot: false },
  mergedBy: undefined,
  commits: [commit(person('bob'))],
  reviews: [],
  hostKeepsCommittersOut: false,
  noReplyDomain: 'users.noreply.github.com',
  ...more,
});

const allowed: Allowed = { users: ['Alice', 'bob', 'carol', 'dave'], teams: ['shop/dba'] };
const members = new Map([['shop/dba', ['erin', 'BOB', 'frank']]]);

const judged = (of: Partial<PullRequestFacts>, quorum = 1): ReturnType<typeof judge> => {
  const whole = facts(of);
  return judge(whole, latestReviews(whole.reviews), { quorum, allowed, members });
};
const whyNot = (of: Partial<PullRequestFacts>): readonly string[] =>
  judged(of).standing.notCounted.map(({ who, code }) => `${who}: ${code}`);

describe('whose review counts', () => {
  test('one of those whom the policy names, or of a team of it, whatever the case', () => {
    const { standing, at } = judged({ reviews: [review('alice', 2), review('Erin', 1)] }, 2);
    expect(standing.approvedBy).toEqual(['Erin', 'alice']);
    expect(at).toEqual(hour(2));
  });

  test.each<[string, Partial<PullRequestFacts>, string]>([
    ['whoever opened it', { reviews: [review('BOB', 1)] }, 'BOB: author'],
    [
      'an author of a commit',
      { commits: [commit(person('Carol'))], reviews: [review('carol', 1)] },
      'carol: commit-author',
    ],
    [
      'a co-author',
      { commits: [commit(person('bob'), person('carol'))], reviews: [review('carol', 1)] },
      'carol: commit-author',
    ],
    [
      'an author by a no-reply address',
      { commits: [commit(person(undefined, '12+Carol@users.noreply.github.com'))], reviews: [review('carol', 1)] },
      'carol: commit-author',
    ],
    [
      'an author under an earlier login',
      { commits: [commit(person('somebody', '12+carol@users.noreply.github.com'))], reviews: [review('carol', 1)] },
      'carol: commit-author',
    ],
    [
      'a committer',
      { commits: [{ ...commit(person('bob')), committer: person('carol') }], reviews: [review('carol', 1)] },
      'carol: commit-author',
    ],
    ['a stranger', { reviews: [review('mallory', 1)] }, 'mallory: not-allowed'],
    ['a robot', { reviews: [review('alice', 1, { by: { login: 'alice', bot: true } })] }, 'alice: bot'],
    ['one of an older head', { reviews: [review('alice', 1, { commit: OLD })] }, 'alice: old-head'],
    ['one of a part of the head', { reviews: [review('alice', 1, { commit: HEAD.slice(0, 12) })] }, 'alice: old-head'],
    [
      'one from when it was to go into another branch',
      { baseChangedAt: hour(1), reviews: [review('alice', 1)] },
      'alice: old-base',
    ],
    ['a stale one', { reviews: [review('alice', 1, { state: 'stale' })] }, 'alice: old-head'],
    ['a dismissed one', { reviews: [review('alice', 1, { state: 'dismissed' })] }, 'alice: dismissed'],
    [
      'one that was followed by a wish for changes',
      { reviews: [review('alice', 1), review('alice', 2, { state: 'changes requested' })] },
      'alice: withdrawn',
    ],
  ])('not %s', (_, of, why) => {
    expect(whyNot(of)).toEqual([why]);
    expect(judged(of).at).toBeUndefined();
  });

  test('not one of a name that a token cannot carry', () => {
    const name = 'ali ce';
    const whole = facts({ reviews: [review(name, 1)] });
    const rules = { quorum: 1, allowed: { users: [name], teams: [] }, members };
    expect(judge(whole, whole.reviews, rules)).toMatchObject({
      at: undefined,
      standing: { notCounted: [{ code: 'name' }] },
    });
  });

  test('one after it was made to go into this branch', () => {
    expect(judged({ baseChangedAt: hour(1), reviews: [review('alice', 2)] }).at).toEqual(hour(2));
  });

  test('a comment takes nothing back', () => {
    expect(judged({ reviews: [review('alice', 1), review('alice', 2, { state: 'commented' })] }).at).toEqual(hour(1));
  });

  test('whoever merged it, if nothing else is against him', () => {
    const mergedBy = { login: 'alice', bot: false };
    expect(judged({ mergedBy, reviews: [review('alice', 1)] }).at).toEqual(hour(1));
  });

  test('whoever may and has not is named, without those who ask', () => {
    expect(judged({ reviews: [review('alice', 1)] }).standing.mayApprove).toEqual(['carol', 'dave', '@shop/dba']);
  });
});

describe('an author whom nobody knows', () => {
  const commits = [commit(person('bob'), person(undefined, 'private@x.test'))];
  test('makes that nobody counts', () => {
    const { standing, at } = judged({ commits, reviews: [review('alice', 1)] });
    expect([at, standing.refused]).toEqual([undefined, expect.stringContaining('"A name"')]);
    expect(standing.refused).not.toContain('private@x.test');
  });

  test('is not one who has a no-reply address of somebody else', () => {
    const elsewhere = [commit(person('bob'), person(undefined, 'carol@noreply.mallory.test'))];
    expect(judged({ commits: elsewhere, reviews: [review('alice', 1)] }).standing.refused).toBeDefined();
  });

  test('is the host’s to keep out where it does', () => {
    expect(judged({ commits, hostKeepsCommittersOut: true, reviews: [review('alice', 1)] }).at).toEqual(hour(1));
  });
});

test.each([
  ['12+alice@users.noreply.github.com', 'users.noreply.github.com', 'alice'],
  ['Alice@Users.NoReply.github.com', 'users.noreply.github.com', 'Alice'],
  ['12-alice@users.noreply.gitlab.com', 'users.noreply.gitlab.com', 'alice'],
  ['a-b.c@noreply.gitea.test', 'noreply.gitea.test', 'a-b.c'],
  ['alice@noreply.mallory.test', 'users.noreply.github.com', undefined],
  ['alice@users.noreply.gitlab.com', 'users.noreply.github.com', undefined],
  ['alice@users.noreply.github.com.mallory.test', 'users.noreply.github.com', undefined],
  ['noreply@github.com', 'users.noreply.github.com', undefined],
  ['alice@x.test', 'users.noreply.github.com', undefined],
])('%s is the no-reply address, in %s, of %s', (email, domain, login) => {
  expect(loginOfNoReply(email, domain)).toBe(login);
});

test('code owners are users, teams, and addresses that nobody can approve by', () => {
  const approvers = { users: ['alice'], teams: ['@shop/dba'], codeOwners: true };
  expect(allowedBy({ approvers }, { owners: ['@Alice', '@dave', '@shop/ops', 'x@y.test'], unread: undefined })).toEqual(
    {
      users: ['Alice', 'dave'],
      teams: ['shop/dba', 'shop/ops'],
    },
  );
});

describe('when a quorum came together', () => {
  test.each([
    [1, [1, 2, 3], 3],
    [2, [1, 5], 5],
    [2, [1, 5, 30], 5],
    [2, [1, 5, 30, 31], 31],
    [3, [1, 2], undefined],
  ])('of %i with approvals after %j h: after %s', (quorum, times, at) => {
    const reviews = times.map((time, index) => review(['alice', 'carol', 'dave', 'erin'][index] ?? '', time));
    expect(judged({ reviews }, quorum).at).toEqual(at === undefined ? undefined : hour(at));
  });
});

describe('a verdict', () => {
  const asked = (now: number, of: Partial<PullRequestFacts>, more: Partial<VerdictAsked> = {}): VerdictAsked => ({
    facts: facts(of),
    quorum: 1,
    allowed,
    validSeconds: 24 * 3600,
    now: hour(now),
    members: () => Promise.resolve(members),
    ...more,
  });
  const nobodyIsAsked = (): Promise<never> => Promise.reject(new Error('somebody was asked'));
  const given = async (...args: Parameters<typeof asked>): Promise<readonly (Date | undefined)[]> => {
    const { given: it } = await verdictOf(asked(...args));
    return [it?.at, it?.until];
  };

  test('begins with the merge where that is later, and lasts as long as the policy says', async () => {
    expect(await given(6, { mergedAt: hour(5), reviews: [review('alice', 1)] })).toEqual([hour(5), hour(29)]);
    expect(await given(9, { mergedAt: hour(5), reviews: [review('alice', 8)] })).toEqual([hour(8), hour(32)]);
  });

  test('that ran out asks nobody who is in a team, and stays what it was', async () => {
    const left = { members: nobodyIsAsked };
    expect(await given(30, { reviews: [review('erin', 1)] }, left)).toEqual([hour(1), hour(25)]);
    expect(await given(3000, { reviews: [review('erin', 1)] }, left)).toEqual([hour(1), hour(25)]);
  });

  test.each<[string, Partial<PullRequestFacts>]>([
    ['an author', { reviews: [review('alice', 1)], commits: [commit(person(undefined, 'gone@x.test'))] }],
    ['an approver', { reviews: [review('ghost', 1)] }],
    ['both', { reviews: [review('ghost', 1)], author: { login: 'ghost', bot: false } }],
  ])('that ran out stays what it was where %s has gone from the host', async (_, of) => {
    for (const quorum of [allowed, { users: ['alice'], teams: [] }])
      expect(await given(3000, of, { allowed: quorum, members: nobodyIsAsked })).toEqual([hour(1), hour(25)]);
    expect(await given(2, of)).toEqual([undefined, undefined]);
  });

  test('that never came together says why, also when it is over', async () => {
    const commits = [commit(person(undefined, 'gone@x.test'))];
    const { standing, given: none } = await verdictOf(asked(3000, { commits }, { members: nobodyIsAsked }));
    expect([none, standing.refused]).toEqual([undefined, expect.stringContaining('does not know whose address')]);
  });

  test('of somebody who left the team is none, until it would have run out', async () => {
    const left = { members: () => Promise.resolve(new Map([['shop/dba', []]])) };
    expect(await given(2, { reviews: [review('erin', 1)] }, left)).toEqual([undefined, undefined]);
    expect(await given(25, { reviews: [review('erin', 1)] }, left)).toEqual([hour(1), hour(25)]);
  });

  test('that ran out is not taken away by whoever reviews it later', async () => {
    const left = { members: () => Promise.resolve(new Map([['shop/dba', []]])) };
    const old = review('erin', 1);
    for (const later of [
      review('mallory', 100),
      review('erin', 100, { state: 'changes requested' }),
      review('erin', 100),
    ]) {
      expect(await given(101, { reviews: [old, later] }, left)).toEqual([hour(1), hour(25)]);
    }
  });

  test('is renewed by a new review of its approver', async () => {
    expect(await given(101, { reviews: [review('alice', 1), review('alice', 100)] })).toEqual([hour(100), hour(124)]);
  });

  test('that was withdrawn in time stays so', async () => {
    const reviews = [review('alice', 1), review('alice', 2, { state: 'changes requested' })];
    for (const now of [3, 25, 25.5, 26, 3000]) expect(await given(now, { reviews })).toEqual([undefined, undefined]);
  });

  test('never lets begin what nobody else than who asks has approved, whatever was reviewed when', async () => {
    const people = ['alice', 'bob', 'carol', 'erin', 'mallory'];
    // Most approve the head: else hardly anything would ever begin.
    const mostly = <T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> =>
      fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
    const anyReview = fc.record({
      by: fc.record({ login: fc.constantFrom(...people), bot: mostly(false, true) }),
      state: mostly<Review['state']>('approved', 'changes requested', 'commented', 'dismissed', 'withdrawn', 'stale'),
      commit: mostly(HEAD, OLD),
      at: fc.integer({ min: 0, max: 72 }).map(hour),
    });
    let begun = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyReview, { maxLength: 8 }),
        fc.constantFrom(...people),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 96 }),
        async (reviews, author, quorum, now) => {
          const commits = [commit(person(author))];
          const { given: it, standing } = await verdictOf(asked(now, { reviews, commits }, { quorum }));
          if (it === undefined || it.until <= hour(now)) return;
          begun += 1;
          const newest = (login: string): Review | undefined =>
            reviews
              .filter(({ by, state }) => by.login === login && state !== 'commented')
              .toSorted((a, b) => a.at.getTime() - b.at.getTime())
              .at(-1);
          expect(standing.approvedBy.length).toBeGreaterThanOrEqual(quorum);
          for (const login of standing.approvedBy) {
            expect(['bob', 'mallory', author]).not.toContain(login);
            expect(newest(login)).toMatchObject({ state: 'approved', commit: HEAD, by: { bot: false } });
          }
        },
      ),
      { numRuns: 5000 },
    );
    // It has looked at something.
    expect(begun).toBeGreaterThan(100);
  }, 60_000);
});
