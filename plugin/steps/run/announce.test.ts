import { expect, test } from '@jest/globals';
import type { Status } from '../../lifecycle/status.ts';
import { SERVING, worldAtRest } from '../testing/world.ts';
import { announcingLedger } from './announce.ts';

const moved: Status = { serving: { ...SERVING, version: '1.4' } };

test('what was written is told, after it was; what was refused or lost a race is not', async () => {
  const { ledger: real } = worldAtRest();
  const told: string[] = [];
  const { ledger, settled } = announcingLedger(
    real,
    (uid, { reason }) => {
      told.push(`${uid} ${reason} ${real.status.serving?.version ?? ''}`);
      return Promise.resolve();
    },
    () => undefined,
  );
  await ledger.update(() => undefined);
  await ledger.update(() => moved);
  await ledger.update(() => moved);
  await settled();
  const { uid } = await ledger.read();
  expect(told).toEqual([`${uid} Serving 1.4`]);
});

test('what has not been told when the step ends is not told afterwards', async () => {
  const { ledger: real } = worldAtRest();
  const tried: string[] = [];
  const { ledger, settled } = announcingLedger(
    real,
    (_uid, { reason }) => {
      tried.push(reason);
      return new Promise((done) => setTimeout(done, 5000).unref());
    },
    () => undefined,
  );
  await ledger.update(() => moved);
  await ledger.update(() => ({ ...moved, awaitingApproval: 'restore r1' }));
  await settled();
  expect(tried).toEqual(['Serving']);
});

test('an API server that hangs or refuses holds nothing up, and the next one is tried', async () => {
  const { ledger: real } = worldAtRest();
  const lost: string[] = [];
  let answer = (): void => undefined;
  const hanging = new Promise<void>((_, reject) => {
    answer = () => {
      reject(new Error('503'));
    };
  });
  const tried: string[] = [];
  const { ledger, settled } = announcingLedger(
    real,
    (_uid, { reason }) => {
      tried.push(reason);
      return tried.length === 1 ? hanging : Promise.resolve();
    },
    (reason) => lost.push(reason),
  );
  await ledger.update(() => moved);
  await ledger.update(() => ({ ...moved, awaitingApproval: 'restore r1' }));
  expect(tried).toEqual(['Serving']);
  answer();
  await settled();
  expect([tried, lost]).toEqual([['Serving', 'AwaitingApproval'], ['Serving']]);
});
