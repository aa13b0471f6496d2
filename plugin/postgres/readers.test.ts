import { expect, test } from '@jest/globals';
import { shareOut } from './readers.ts';

test('what is slow holds up nobody else, and the results are in order', async () => {
  const done: string[] = [];
  let finishSlow = (): void => undefined;
  const slow = new Promise<void>((resolve) => {
    finishSlow = resolve;
  });
  const results = await shareOut(['a', 'b'], [1, 2, 3, 4], async (worker, item) => {
    if (item === 1) await slow;
    if (item === 4) finishSlow();
    done.push(`${worker}${item}`);
    return item * 10;
  });
  expect(results).toEqual([10, 20, 30, 40]);
  expect(done.slice(0, 3)).toEqual(['b2', 'b3', 'b4']);
});

test('what fails fails the whole', async () => {
  await expect(shareOut(['a'], [1], () => Promise.reject(new Error('no')))).rejects.toThrow('no');
});
