import { expect, test } from '@jest/globals';
import { LifecycleError } from '../../errors/errors.ts';
import { worldAtRest, requestFor } from '../testing/world.ts';
import { found, seen, waitFor } from './wait.ts';

const wait = { what: 'the thing', timeoutSeconds: 10 };

test('returns what was found, and reports once a second until then', async () => {
  const world = worldAtRest();
  let looks = 0;
  const value = await waitFor(world.context(requestFor('AtRest')), wait, () =>
    Promise.resolve((looks += 1) === 4 ? found('here') : seen('not yet')),
  );
  expect(value).toBe('here');
  expect(world.lines).toEqual([0, 1, 2].map((second) => `the thing: not yet (${second} s)`));
});

test('reports every second even where it looks more seldom', async () => {
  const world = worldAtRest();
  let looks = 0;
  await waitFor(world.context(requestFor('AtRest')), { ...wait, everySeconds: 5 }, () =>
    Promise.resolve((looks += 1) === 2 ? found(true) : seen('not yet')),
  );
  expect(looks).toBe(2);
  expect(world.lines).toHaveLength(5);
});

test('gives up at its bound with what was seen last', async () => {
  const world = worldAtRest();
  const waiting = waitFor(world.context(requestFor('AtRest')), wait, () => Promise.resolve(seen('2 of 3 ready')));
  await expect(waiting).rejects.toMatchObject({
    code: 'not-in-time',
    message: 'not-in-time: the thing: 2 of 3 ready, after 10 s',
  });
});

test('ends at once when the step is asked to end', async () => {
  const world = worldAtRest();
  const asked = new LifecycleError('interrupted', 'SIGTERM');
  world.clock.everySecond(() => {
    world.stop.abort(asked);
  });
  const waiting = waitFor(world.context(requestFor('AtRest')), wait, () => Promise.resolve(seen('not yet')));
  await expect(waiting).rejects.toBe(asked);
});
