import { expect, test } from '@jest/globals';
import { isDone, recordName, recordOf, withDone, withFailed, withStarted } from './step-records.ts';
import type { Status } from '../../lifecycle/status.ts';
import { requestFor } from '../testing/world.ts';

const at = (second: number): Date => new Date(Date.UTC(2026, 10, 22, 10, 0, second));

test('a step that was killed keeps its first start, one that failed begins anew', () => {
  const started = withStarted({}, 'd', 'smoke', at(0));
  expect(recordOf(withStarted(started, 'd', 'smoke', at(5)), 'd', 'smoke')?.startedAt).toBe(at(0).toISOString());
  const failed = withFailed(started, 'd', 'smoke', at(6), 'smoke-failed: 503');
  expect(recordOf(failed, 'd', 'smoke')).toMatchObject({ state: 'Failed', seconds: 6, reason: 'smoke-failed: 503' });
  const again = recordOf(withStarted(failed, 'd', 'smoke', at(7)), 'd', 'smoke');
  expect(again).toEqual({ digest: 'd', step: 'smoke', state: 'Started', startedAt: at(7).toISOString() });
});

test('done carries seconds and evidence; done once more keeps the times of the run that did the work', () => {
  const done = withDone(withStarted({}, 'd', 'confirm', at(0)), 'd', 'confirm', at(4), { replicas: 3 });
  expect(recordOf(done, 'd', 'confirm')).toMatchObject({ state: 'Done', seconds: 4, evidence: { replicas: 3 } });
  const again = recordOf(withDone(done, 'd', 'confirm', at(50), { replicas: 4 }), 'd', 'confirm');
  expect(again).toMatchObject({ state: 'Done', seconds: 4, evidence: { replicas: 4 } });
});

test("the identity is digest and name: another plan's record says nothing", () => {
  const done = withDone({}, 'd', 'backup', at(0), {});
  expect(isDone(done, 'd', 'backup')).toBe(true);
  expect(isDone(done, 'other', 'backup')).toBe(false);
});

test('the records are bounded, and those of this plan stay', () => {
  let status = withDone({}, 'mine', 'preflight', at(0), {});
  for (let plan = 0; plan < 500; plan += 1) status = withDone(status, `d${plan}`, 'backup', at(1), {});
  status = withDone(status, 'mine', 'backup', at(2), {});
  expect(status.steps).toHaveLength(400);
  expect(isDone(status, 'd499', 'backup')).toBe(true);
  expect(isDone(status, 'd0', 'backup')).toBe(false);
});

test('names come from the table of steps; the keeper is the fence, a backup on demand goes by its id', () => {
  expect(recordName(requestFor('Switch'), 'keeper')).toBe('fence');
  expect(recordName(requestFor('Switch'), 'backup')).toBe('backup');
  const onDemand = requestFor('AtRest', { backup: { id: 'before-audit', repository: 'repo1', type: 'full' } });
  expect(recordName(onDemand, 'backup')).toBe('backup/before-audit');
});

test('records of the plan that brought what serves stay: they say that its migration has run', () => {
  const serving = { instance: 'bestie2', version: '1.4', since: '', digest: 'switch' };
  let status: Status = withDone({ serving }, 'switch', 'migrate', new Date(0), {});
  for (let index = 0; index < 450; index += 1) status = withDone(status, `d${index}`, 'smoke', new Date(0), {});
  expect(status.steps).toHaveLength(400);
  expect(isDone(status, 'switch', 'migrate')).toBe(true);
});
