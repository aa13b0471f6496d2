import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { introductionsOf, MOST_CHANGES, type KnownRequests, type RequestIn } from './introductions.ts';

const requestIn: RequestIn = (content) => {
  const text = new TextDecoder().decode(content);
  return text === 'broken' ? undefined : { request: text === 'rest' ? undefined : text };
};

/** Contents of the file, newest first; null where it is not there. */
function historyOf(contents: readonly (string | null)[]) {
  let reads = 0;
  return {
    reads: () => reads,
    commitsOf: (_: string, most: number) => Promise.resolve(contents.slice(0, most).map((__, index) => `c${index}`)),
    changesAfter: () => Promise.resolve([]),
    fileAt: (commit: string): Promise<Uint8Array | 'too large' | undefined> => {
      reads += 1;
      const content = contents[Number(commit.slice(1))];
      if (content === 'too large') return Promise.resolve(content);
      return Promise.resolve(typeof content === 'string' ? new TextEncoder().encode(content) : undefined);
    },
  };
}

const found = (contents: readonly (string | null)[], requests = ['r']) =>
  introductionsOf(historyOf(contents), 'x', requests, requestIn);

test.each<[string, readonly (string | null)[], readonly string[]]>([
  ['at once', ['r', 'rest'], ['c0 r']],
  ['earlier', ['r', 'r', 'r', 'rest'], ['c2 r']],
  ['with the file', ['r'], ['c0 r']],
  ['after it was away', ['r', null, 'r'], ['c0 r']],
  ['after a revert', ['r', 'r', 'rest', 'r', 'rest'], ['c1 r']],
  ['after another one', ['r', 'other', 'r'], ['c0 r']],
  ['before the file broke', ['broken', 'r', 'broken', 'r', 'broken', 'rest'], ['c3 r']],
  ['before the file was too large to be read', ['r', 'too large', 'r', 'rest'], ['c2 r']],
  ['not at all', ['rest', 'r'], []],
])('a request that came in %s', async (_, contents, expected) => {
  const introductions = await found(contents);
  expect(
    introductions === 'unknown' ? introductions : introductions.map(({ commit, request }) => `${commit} ${request}`),
  ).toEqual(expected);
});

test('of two requests that are as good each came in by itself', async () => {
  expect(await found(['beside', 'switch', 'switch', 'broken', 'beside', 'rest'], ['beside', 'switch'])).toEqual([
    { commit: 'c0', request: 'beside', takenAway: undefined },
    { commit: 'c2', request: 'switch', takenAway: undefined },
    { commit: 'c4', request: 'beside', takenAway: undefined },
  ]);
});

test('one that is older than is looked at is not known', async () => {
  const many = (count: number): readonly string[] => Array.from({ length: count }, () => 'r');
  expect(await found([...many(MOST_CHANGES - 1)])).toHaveLength(1);
  expect(await found([...many(MOST_CHANGES), 'rest'])).toBe('unknown');
});

test('what is known of a commit is not read again', async () => {
  const history = historyOf(['r', 'r', 'rest']);
  const known: KnownRequests = new Map();
  for (let count = 0; count < 3; count += 1) await introductionsOf(history, 'x', ['r'], requestIn, known);
  expect(history.reads()).toBe(3);
});

test('since a request came in its file asked for nothing else', async () => {
  const content = fc.constantFrom('r', 's', 'rest', 'broken', null);
  await fc.assert(
    fc.asyncProperty(fc.array(content, { maxLength: 12 }), async (contents) => {
      const introductions = await found(contents, ['r', 's']);
      if (introductions === 'unknown') throw new Error('so many are known');
      const oldest = introductions.at(-1);
      const since = contents.slice(0, Number(oldest?.commit.slice(1) ?? -1) + 1);
      expect(since.every((each) => each === 'r' || each === 's' || each === 'broken')).toBe(true);
      const before = contents.slice(since.length).find((each) => each !== 'broken');
      expect(['rest', null, undefined]).toContain(before);
    }),
    { numRuns: 500 },
  );
});
