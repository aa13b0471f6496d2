import { expect, test } from '@jest/globals';
import { checkShrink, type Shrinking } from './shrink.ts';

const folders = (count: number): ReadonlySet<string> =>
  new Set(Array.from({ length: count }, (_, index) => `f${index}`));

const shrinking = (standing: number, given: Partial<Shrinking> = {}): Shrinking => ({
  where: 'somewhere',
  present: folders(10),
  standing: folders(standing),
  asked: () => true,
  steps: [{ commit: 'head', parent: undefined, added: [], removed: [] }],
  answered: { head: 'head', folders: folders(10) },
  head: 'head',
  percent: 20,
  ...given,
});

test('files that are there and have no parameters any more count as gone, also where nothing was committed', () => {
  expect(() => {
    checkShrink(shrinking(8));
  }).not.toThrow();
  expect(() => {
    checkShrink(shrinking(7));
  }).toThrow(/^generator-shrunk: somewhere: 3 of 10 lifecycle files .*f7, f8, f9/);
  expect(() => {
    checkShrink(shrinking(9, { percent: 0 }));
  }).toThrow('generator-shrunk');
});

test('what never had parameters counts for nothing', () => {
  expect(() => {
    checkShrink(shrinking(1, { answered: { head: 'other', folders: folders(1) } }));
  }).not.toThrow();
});
