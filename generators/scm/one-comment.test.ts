import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { upsertOnly, type Comments, type OwnComment } from './one-comment.ts';

/** Comments that several replicas write at once: every call waits for its turn, which the test gives. */
function host(
  before: readonly OwnComment[],
  turn: () => Promise<void>,
): { readonly comments: OwnComment[]; readonly of: Comments } {
  const comments = [...before];
  let next = Math.max(0, ...before.map(({ id }) => id)) + 1;
  const of: Comments = {
    own: async () => {
      await turn();
      // Whatever order the host has them in.
      return comments.toReversed();
    },
    create: async (body) => {
      await turn();
      comments.push({ id: next++, body });
    },
    edit: async (id, body) => {
      await turn();
      const at = comments.findIndex((each) => each.id === id);
      if (at >= 0) comments[at] = { id, body };
    },
    remove: async (id) => {
      await turn();
      const at = comments.findIndex((each) => each.id === id);
      if (at >= 0) comments.splice(at, 1);
    },
  };
  return { comments, of };
}
const now = (): Promise<void> => Promise.resolve();

describe('one comment', () => {
  test('made where there is none, edited in place where there is one', async () => {
    const { comments, of } = host([], now);
    await upsertOnly(of, 'one');
    await upsertOnly(of, 'two');
    expect(comments).toEqual([{ id: 1, body: 'two' }]);
  });

  test('none is made to say that there is nothing to say', async () => {
    const { comments, of } = host([], now);
    await upsertOnly(of, 'nothing', true);
    expect(comments).toEqual([]);
    await upsertOnly(of, 'one');
    await upsertOnly(of, 'nothing any more', true);
    expect(comments).toEqual([{ id: 1, body: 'nothing any more' }]);
  });

  test('what is right already is not written again', async () => {
    const { of } = host([{ id: 7, body: 'one' }], now);
    const upserted = upsertOnly({ ...of, edit: () => Promise.reject(new Error('written')) }, 'one');
    await expect(upserted).resolves.toBeUndefined();
  });

  test('several replicas, in whatever order their calls come: one comment, the oldest, which says what all say', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 3 }),
        async (scheduler, replicas, left) => {
          const before = Array.from({ length: left }, (_, at) => ({ id: at + 1, body: `left ${at}` }));
          const { comments, of } = host(before, () => scheduler.schedule(Promise.resolve()));
          const all = Promise.all(Array.from({ length: replicas }, () => upsertOnly(of, 'said')));
          await scheduler.waitFor(all);
          expect(comments).toEqual([{ id: 1, body: 'said' }]);
        },
      ),
      { numRuns: 500 },
    );
  });
});
