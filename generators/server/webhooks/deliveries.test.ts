import { expect, test } from '@jest/globals';
import { createDeliveries } from './deliveries.ts';

test('so many are remembered and no more, the newest', () => {
  const deliveries = createDeliveries(3);
  expect(['a', 'b', 'c', 'd'].map(deliveries.take)).toEqual([true, true, true, true]);
  expect(['b', 'c', 'd', 'a'].map(deliveries.take)).toEqual([false, false, false, true]);
  deliveries.forget('a');
  expect(deliveries.take('a')).toBe(true);
});
