import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { byBuiltIns } from '../commands/by-built-ins.ts';
import { InvariantError } from '../render/check.ts';
import type { CommitReader } from './commit-reader.ts';
import { reviewCommits } from './review-commits.ts';
import { reviewMarkdown } from './review-markdown.ts';
import type { Review } from './review.ts';

const golden = (name: string): string =>
  readFileSync(new URL(`../../test/golden/${name}/repo/lifecycle.yaml`, import.meta.url), 'utf8');
const [AT_REST, SWITCH, RESTORE, S3] = ['at-rest', 'switch-deployment', 'restore-in-place', 's3-own-service'].map(
  golden,
) as [string, string, string, string];
const called = (name: string, text: string): string => text.replaceAll(/: bestie$/gm, `: ${name}`);

type Files = Readonly<Record<string, string>>;
const idOf = (text: string): string => createHash('sha1').update(text).digest('hex');

/** Two commits in memory. */
function reader(base: Files, head: Files, read: string[] = []): CommitReader {
  const contents = new Map(
    [base, head].flatMap((files) => Object.values(files).map((text) => [idOf(text), text] as const)),
  );
  return {
    tree: (commit, isWanted) =>
      Promise.resolve(
        new Map(
          Object.entries(commit === 'base' ? base : head)
            .filter(([path]) => isWanted(path))
            .map(([path, text]) => [path, { id: idOf(text), bytes: Buffer.byteLength(text) }]),
        ),
      ),
    blobs: (ids) => {
      read.push(...ids);
      return Promise.resolve(new Map(ids.map((id) => [id, Buffer.from(contents.get(id) ?? '')])));
    },
  };
}

const render = byBuiltIns();
const review = (base: Files, head: Files, more: object = {}, read?: string[]): Promise<Review> =>
  reviewCommits(reader(base, head, read), { base: 'base', head: 'head' }, { render, ...more });
const codes = ({ problems }: Review): readonly string[] => problems.map(({ code, file }) => `${file} ${code}`);

describe('a review', () => {
  test('is a function of the trees, in whatever order they are read', async () => {
    const base = {
      'a/lifecycle.yaml': AT_REST,
      'b/lifecycle.yaml': called('b', AT_REST),
      'c/lifecycle.yaml': S3,
      'x/lifecycle.yaml': called('x', AT_REST),
    };
    const head = {
      'a/lifecycle.yaml': SWITCH,
      'c/lifecycle.yaml': S3,
      'd/lifecycle.yaml': called('b', AT_REST),
      'e/lifecycle.yaml': S3,
      'e/templates/service.hbs': '{{x}}',
      'x/lifecycle.yaml': called('x', RESTORE),
    };
    const expected = reviewMarkdown(await review(base, head));
    const shuffled = (files: Files): fc.Arbitrary<Files> =>
      fc
        .shuffledSubarray(Object.entries(files), { minLength: Object.keys(files).length })
        .map((entries) => Object.fromEntries(entries));
    await fc.assert(
      fc.asyncProperty(shuffled(base), shuffled(head), async (one, other) => {
        expect(reviewMarkdown(await review(one, other))).toBe(expected);
      }),
      { numRuns: 8 },
    );
    expect(expected).toContain('`d/lifecycle.yaml` moved from `b/lifecycle.yaml`');
  });

  test('reads nothing that did not change, where nothing can be shared', async () => {
    const read: string[] = [];
    const same = Object.fromEntries(
      Array.from({ length: 50 }, (_, at) => [`s${at}/lifecycle.yaml`, called(`s${at}`, AT_REST)]),
    );
    await review({ ...same, 'a/lifecycle.yaml': AT_REST }, { ...same, 'a/lifecycle.yaml': SWITCH }, {}, read);
    expect(new Set(read)).toEqual(new Set([idOf(AT_REST), idOf(SWITCH)]));
  });

  test('finds the place of backups that a new file shares with one that did not change, by name or by path', async () => {
    const pinned = (name: string): string =>
      called(name, S3).replace(
        'version: "1.3"',
        'version: "1.3"\n    repositoryPaths: { repo1: /pgbackrest/bestie/1/repo1, repo2: /own/place }',
      );
    const both = ['new/lifecycle.yaml repositories-share-path', 'old/lifecycle.yaml repositories-share-path'];
    for (const [old, now] of [
      [S3, pinned('other')],
      [pinned('other'), S3],
      [pinned('other'), pinned('third')],
    ] as const) {
      const found = codes(
        await review({ 'old/lifecycle.yaml': old }, { 'old/lifecycle.yaml': old, 'new/lifecycle.yaml': now }),
      );
      expect([...new Set(found)]).toEqual(both);
    }
    const apart = called('other', S3);
    expect(
      codes(await review({ 'old/lifecycle.yaml': S3 }, { 'old/lifecycle.yaml': S3, 'new/lifecycle.yaml': apart })),
    ).toEqual([]);
  });

  test('is not of what two files shared before, which none of its files touches', async () => {
    const base = { 'a/lifecycle.yaml': S3, 'b/lifecycle.yaml': S3, 'c/lifecycle.yaml': AT_REST };
    expect(codes(await review(base, { ...base, 'c/lifecycle.yaml': SWITCH }))).toEqual([]);
  });

  test('of a folder leaves out the others, but for what they share with it', async () => {
    const made = await review(
      {},
      { 'a/lifecycle.yaml': S3, 'b/lifecycle.yaml': S3, 'ab/lifecycle.yaml': 'x' },
      { within: 'a' },
    );
    expect(made.files.map(({ path }) => path)).toEqual(['a/lifecycle.yaml']);
    expect(new Set(codes(made))).toEqual(
      new Set(['a/lifecycle.yaml repositories-share-path', 'b/lifecycle.yaml repositories-share-path']),
    );
  });

  test('lets others have their turn between two files', async () => {
    let turns = 0;
    await review(
      {},
      { 'a/lifecycle.yaml': AT_REST, 'b/lifecycle.yaml': called('b', AT_REST) },
      { pause: () => Promise.resolve(void (turns += 1)) },
    );
    expect(turns).toBe(4);
  });

  test('says what the renderer refuses, at the file, and takes nothing away', async () => {
    const violations = [{ invariant: 'I4', object: 'Service bestie', problem: 'selects another instance' }];
    for (const [error, detail] of [
      [new InvariantError(violations), 'Service bestie selects another instance (I4)'],
      [new Error('no\nobject'), 'no object'],
    ] as const) {
      const refuse = (): never => {
        throw error;
      };
      const made = await review({ 'a/lifecycle.yaml': AT_REST }, { 'a/lifecycle.yaml': SWITCH }, { render: refuse });
      expect(made.problems).toMatchObject([{ code: 'invariant-broken', file: 'a/lifecycle.yaml', line: 1, detail }]);
      expect(made.files[0]?.objects).toEqual({ come: [], go: [] });
    }
  });
});
