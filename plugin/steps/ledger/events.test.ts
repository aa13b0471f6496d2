import { describe, expect, test } from '@jest/globals';
import type { Decision, RestoreRecord, Status } from '../../lifecycle/status.ts';
import { eventsOf } from './events.ts';

const AT = '2026-11-22T10:00:00.000Z';
const decision: Decision = {
  digest: '0a1b2c3d4e5f',
  state: 'Open',
  attempt: 1,
  blue: 'bestie',
  green: 'bestie2',
  openedAt: AT,
};
const restore: RestoreRecord = {
  id: 'r1',
  digest: '0a1b2c3d4e5f',
  instance: 'bestie',
  repository: 'repo1',
  target: 'time 2026-11-22T09:00:00Z',
  state: 'Requested',
  requestedAt: AT,
  recovery: { label: '20261122-010000F', timeline: 1, options: [] },
};

/** What is told from one status to the next. */
const told = (...statuses: readonly Status[]): readonly string[] =>
  statuses
    .slice(1)
    .flatMap((after, index) =>
      eventsOf(statuses[index] ?? {}, after).map(({ type, reason, message }) => `${type} ${reason}: ${message}`),
    );

describe('a switch', () => {
  const about = 'bestie → bestie2, plan 0a1b2c3d4e5f';

  test('is told from its beginning to what serves', () => {
    const committed: Decision = { ...decision, state: 'Committed' };
    const serving = { instance: 'bestie2', version: '1.4', since: AT, digest: decision.digest };
    expect(
      told(
        {},
        { decision },
        { decision: { ...decision, state: 'Fenced' } },
        { decision: committed },
        { decision: { ...committed, windowSeconds: 36.4 } },
        { decision: { ...committed, windowSeconds: 36.4, lostWrites: 0 } },
        { decision: { ...committed, windowSeconds: 36.4, lostWrites: 0 }, serving },
      ),
    ).toEqual([
      `Normal SwitchBegun: ${about}`,
      `Normal Fenced: ${about}: bestie takes no writes from here on`,
      `Normal Committed: ${about}: decided for bestie2`,
      `Normal WindowEnded: ${about}: clients could not write for 36.4 s`,
      'Normal Serving: bestie2 1.4 serves',
    ]);
  });

  test('that is undone says why', () => {
    const aborted: Decision = { ...decision, state: 'Aborted', reason: 'clone-differs: pets' };
    expect(told({ decision }, { decision: aborted })).toEqual([`Warning Aborted: ${about}: clone-differs: pets`]);
  });

  test('that takes the place of another begins anew', () => {
    const earlier: Decision = { ...decision, digest: 'ffffffffffff', state: 'Aborted', windowSeconds: 4 };
    expect(told({ decision: earlier }, { decision, history: [earlier] })).toEqual([`Normal SwitchBegun: ${about}`]);
  });

  test('that lost writes says how many', () => {
    const committed: Decision = { ...decision, state: 'Committed' };
    expect(told({ decision: committed }, { decision: { ...committed, lostWrites: 3 } })).toEqual([
      `Warning LostWrites: ${about}: 3 transactions on bestie after the restore point`,
    ]);
  });
});

describe('a restore', () => {
  const at = (state: RestoreRecord['state'], more: Partial<RestoreRecord> = {}): Status => ({
    restores: [{ ...restore, state, ...more }],
  });

  test('is told with who approved it, until clients are back', () => {
    const before = { point: 'before-r1', lsn: '0/5000000', timeline: 1, at: AT };
    expect(
      told(
        { awaitingApproval: 'restore r1, request abc' },
        at('Requested'),
        at('Requested', { clientsOffAt: AT }),
        at('Paused', { clientsOffAt: AT, before }),
        at('Restoring', { clientsOffAt: AT, before, approvedBy: ['alice', 'bob'], pullRequest: 'shop/deploy#12' }),
        at('Restored', { clientsOffAt: AT, before }),
        at('Restored', { clientsOffAt: AT, before, clientsBackAt: AT }),
      ),
    ).toEqual([
      'Normal RestoreRequested: restore r1 to time 2026-11-22T09:00:00Z: it can be reached, from backup 20261122-010000F',
      'Warning ClientsOff: restore r1: clients are off',
      `Normal WayBackKept: restore r1: before-r1 keeps what was written until ${AT}`,
      'Normal RestoreBegun: restore r1: approved by alice, bob in shop/deploy#12',
      'Normal Restored: restore r1: the database is back at time 2026-11-22T09:00:00Z',
      'Normal ClientsBack: restore r1: clients are back',
    ]);
  });

  test('that fails says why, and only the one that moved is told', () => {
    const failed = { ...restore, id: 'r2', state: 'Failed', reason: 'restore-failed: no space' } as const;
    const restored = { ...restore, state: 'Restored' } as const;
    const begun = { ...failed, state: 'Restoring', reason: undefined } as const;
    expect(told({ restores: [restored, begun] }, { restores: [restored, failed] })).toEqual([
      'Warning RestoreFailed: restore r2: restore-failed: no space',
    ]);
  });
});

test('a pause that is undone is told as what clients saw, and nothing else', () => {
  const at = (state: RestoreRecord['state'], clientsOffAt?: string): Status => ({
    restores: [{ ...restore, state, ...(clientsOffAt !== undefined && { clientsOffAt }) }],
  });
  expect(
    told(
      at('Requested'),
      at('Requested', AT),
      at('Paused', AT),
      at('Restoring', AT),
      at('Paused', AT),
      at('Requested'),
    ),
  ).toEqual([
    'Warning ClientsOff: restore r1: clients are off',
    'Normal RestoreBegun: restore r1: no approval is asked for',
    'Normal ClientsBack: restore r1: clients are back',
  ]);
});

test('one whose place another has taken leaves clients off: by the other', () => {
  const off = { ...restore, state: 'Restored', clientsOffAt: AT } as const;
  const other = { ...off, id: 'r2', state: 'Restoring' } as const;
  expect(
    told(
      { restores: [off, other] },
      {
        restores: [
          { ...off, clientsOffAt: undefined },
          { ...other, state: 'Restored' },
        ],
      },
    ),
  ).toEqual(['Normal Restored: restore r2: the database is back at time 2026-11-22T09:00:00Z']);
});

test('what nobody has approved is told once', () => {
  const status: Status = { awaitingApproval: 'restore r1, request abc (approval-missing: no approval came)' };
  expect(told({}, status, status)).toEqual([`Warning AwaitingApproval: ${status.awaitingApproval ?? ''}`]);
});

test('a rehearsal says what to expect', () => {
  const rehearsal = { digest: 'abc', parts: {}, finishedAt: AT, expectedWindowSeconds: 40 };
  expect(told({}, { rehearsal }, { rehearsal, message: 'x' })).toEqual([
    'Normal Rehearsed: plan abc: a window of 40 s is to be expected',
  ]);
});

test('progress, steps and phases are no news', () => {
  const step = { digest: 'a', step: 'verify', state: 'Done', startedAt: AT } as const;
  expect(told({ decision }, { decision, message: 'm', phase: 'Switching', steps: [step] })).toEqual([]);
});
