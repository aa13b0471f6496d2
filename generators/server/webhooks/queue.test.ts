import { expect, test } from '@jest/globals';
import { configOf, eventually } from '../testing/world.ts';
import { createQueue, type Queue } from './queue.ts';

const [repository, other] = configOf().repositories;
if (!repository || !other) throw new Error('the configuration has two');
const ignore = (): void => undefined;

interface Run {
  readonly number: number;
  readonly signal: AbortSignal;
  readonly end: (error?: Error) => void;
}

function queueOf(
  most: number,
  atOnce: number,
  seconds = 300,
): { readonly queue: Queue; readonly runs: Run[]; readonly ended: string[] } {
  const runs: Run[] = [];
  const ended: string[] = [];
  const queue = createQueue({
    pullRequests: {
      changed: (_, number, signal) =>
        new Promise((resolve, reject) => {
          const end = (error?: Error): void => {
            if (error) reject(error);
            else resolve();
          };
          runs.push({ number, signal, end });
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error);
          });
        }),
    },
    most,
    atOnce,
    seconds,
    ended: (_, number, error) => {
      ended.push(`${number} ${error === undefined ? 'done' : (error as Error).message}`);
    },
  });
  return { queue, runs, ended };
}

test('one pull request is never looked at twice at once; what comes meanwhile is looked at once more', async () => {
  const { queue, runs, ended } = queueOf(10, 4);
  for (let times = 0; times < 5; times += 1) queue.offer(repository, 1, ignore);
  queue.offer(other, 1, ignore);
  expect([runs.length, queue.waiting()]).toEqual([2, 1]);
  runs[0]?.end();
  await eventually(() => runs.length === 3);
  expect([ended, queue.waiting()]).toEqual([['1 done'], 0]);
});

test('one that takes too long is ended, and the next one begins', async () => {
  const { queue, runs, ended } = queueOf(10, 1, 0.01);
  let told = 0;
  queue.offer(repository, 1, () => (told += 1));
  queue.offer(repository, 2, ignore);
  await eventually(() => runs.length === 2);
  expect([ended[0], told]).toEqual([expect.stringMatching(/^1 .*timeout/), 1]);
});

test('no more than so many run and wait; one that waits already needs no room', async () => {
  const { queue, runs } = queueOf(2, 1);
  const taken = [1, 2, 3, 4, 2].map((number) => queue.offer(repository, number, ignore));
  expect([taken, runs.length, queue.waiting()]).toEqual([[true, true, true, false, true], 1, 2]);
  runs[0]?.end();
  await eventually(() => runs.length === 2);
  expect(queue.offer(repository, 4, ignore)).toBe(true);
});

test('whoever offered it is told of a failure, and the next is looked at all the same', async () => {
  const { queue, runs, ended } = queueOf(10, 1);
  let failures = 0;
  const failed = (): void => void (failures += 1);
  queue.offer(repository, 1, failed);
  queue.offer(repository, 2, failed);
  queue.offer(repository, 2, failed);
  runs[0]?.end(new Error('down'));
  await eventually(() => runs.length === 2);
  expect([ended, failures]).toEqual([['1 down'], 1]);
  runs[1]?.end(new Error('down'));
  await eventually(() => failures === 3);
});

test('to close waits for what runs, takes nothing more, and ends it when the time is over', async () => {
  const { queue, runs, ended } = queueOf(10, 1);
  queue.offer(repository, 1, ignore);
  queue.offer(repository, 2, ignore);
  const over = new AbortController();
  const closed = queue.close(over.signal);
  expect([queue.offer(repository, 3, ignore), queue.waiting()]).toEqual([false, 0]);
  over.abort();
  await closed;
  expect([runs.length, ended]).toEqual([1, ['1 the generator ends']]);
});
