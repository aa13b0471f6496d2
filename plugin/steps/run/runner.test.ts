import { expect, test } from '@jest/globals';
import { refuse } from '../ports/step.ts';
import { runStep, runUnrecorded } from './runner.ts';
import { recordOf } from '../ledger/step-records.ts';
import { DIGEST, requestFor, worldAtRest } from '../testing/world.ts';

const request = requestFor('Switch');

test('records started, then done with the evidence; a second run does nothing', async () => {
  const world = worldAtRest();
  const context = world.context(request);
  let runs = 0;
  const step = async (): Promise<{ rows: number }> => {
    runs += 1;
    expect(recordOf(world.ledger.status, DIGEST, 'verify')?.state).toBe('Started');
    await world.clock.sleep(3000);
    return { rows: 7 };
  };
  expect(await runStep(context, 'verify', step)).toMatchObject({ exit: 0, text: 'verify: done {"rows":7}' });
  expect(await runStep(context, 'verify', step)).toMatchObject({ exit: 0, text: 'verify: done before, nothing to do' });
  expect(runs).toBe(1);
  expect(recordOf(world.ledger.status, DIGEST, 'verify')).toMatchObject({
    state: 'Done',
    seconds: 3,
    evidence: { rows: 7 },
  });
});

test('a failure is recorded with code and text, and may be run again', async () => {
  const world = worldAtRest();
  const context = world.context(request);
  const outcome = await runStep(context, 'verify', () => refuse('clone-differs', 'table pets: 3 rows'));
  expect(outcome).toMatchObject({ exit: 1, error: { code: 'clone-differs' } });
  expect(recordOf(world.ledger.status, DIGEST, 'verify')).toMatchObject({
    state: 'Failed',
    reason: 'clone-differs: table pets: 3 rows',
  });
  expect(world.ledger.status.message).toBe('verify: clone-differs: table pets: 3 rows');
  expect(await runStep(context, 'verify', () => Promise.resolve({}))).toMatchObject({ exit: 0 });
});

test('a hook runs at every sync; what it proved before stays on record when it fails later', async () => {
  const world = worldAtRest();
  const context = world.context(request);
  await runStep(context, 'confirm', () => Promise.resolve({ serving: 'bestie2' }));
  const outcome = await runStep(context, 'confirm', () => refuse('not-in-time', 'endpoints'));
  expect(outcome.exit).toBe(1);
  expect(recordOf(world.ledger.status, DIGEST, 'confirm')).toMatchObject({ state: 'Done' });
  expect(world.ledger.status.message).toBe('confirm: not-in-time: endpoints');
});

test('what is no refusal is a defect, with an exit code of its own', async () => {
  const world = worldAtRest();
  const broken = (): never => {
    throw new RangeError('out of range');
  };
  expect(await runStep(world.context(request), 'verify', broken)).toMatchObject({
    exit: 70,
    error: { code: 'internal', message: 'internal: RangeError: out of range' },
  });
});

test('asked to end: whatever error that caused, the step was interrupted', async () => {
  const world = worldAtRest();
  const outcome = await runUnrecorded(world.context(request), () => {
    world.stop.abort();
    return Promise.reject(new Error('connection terminated'));
  });
  expect(outcome).toMatchObject({ exit: 1, error: { code: 'interrupted' } });
});

test('a record of another writer in between is not lost', async () => {
  const world = worldAtRest();
  world.ledger.meanwhile = () => {
    world.ledger.write({ ...world.ledger.status, message: 'from the keeper' });
  };
  await runStep(world.context(request), 'verify', () => {
    expect(world.ledger.status.message).toBe('from the keeper');
    return Promise.resolve({});
  });
  expect(world.ledger.status.serving?.instance).toBe('bestie');
});
