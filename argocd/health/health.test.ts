import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { ANNOTATION, LABEL } from '../../plugin/plan/labels.ts';
import { readRecording, type RecordedEvent } from '../../test/lab/operator/contract/recording.ts';
import { evaluate } from './evaluate.ts';
import { recordedObject } from './recorded-object.ts';

type Verdict = readonly [seconds: number, status: string, fragment: string];

const verdicts = parse(readFileSync(new URL('verdicts.yaml', import.meta.url), 'utf8')) as Readonly<
  Record<string, readonly Verdict[]>
>;
const recording = readRecording();

function eventAt(scenario: string, seconds: number): RecordedEvent {
  const found = recording.find((each) => each.scenario === scenario)?.events.findLast((e) => e.seconds === seconds);
  if (!found) throw new Error(`no event at ${seconds} s of "${scenario}"`);
  return found;
}

const CLONE = 'clone bestie2-pgo from bestie-pgo';
const RESTORE = 'restore in place r1, time target';

/** The event with another part of its status. */
function withStatus(event: RecordedEvent, status: Partial<RecordedEvent['status']>): RecordedEvent {
  return { ...event, status: { ...event.status, ...status } };
}

describe('PostgresCluster: every event of the real operator (pgo.md §6, §8)', () => {
  it('has scenarios, and a verdict for each', () => {
    expect(Object.keys(verdicts)).toEqual(recording.map(({ scenario }) => scenario));
    expect(recording.flatMap(({ events }) => events)).toHaveLength(172);
  });

  it.each(recording.map(({ scenario, events }) => ({ scenario, events })))('$scenario', ({ scenario, events }) => {
    const expected = verdicts[scenario] ?? [];
    const seen = events.map((event, index) => {
      const { status, message } = evaluate('PostgresCluster', recordedObject(event));
      const fragment = expected[index]?.[2] ?? '';
      return [event.seconds, status, message.includes(fragment) ? fragment : message];
    });
    expect(seen).toEqual(expected);
  });
});

describe('PostgresCluster: what the recording does not show', () => {
  it.each(['green', 'rehearsal'])('a %s is healthy when its clone is done, before its first backup', (role) => {
    const labels = { [LABEL.role]: role };
    const events = recording.find(({ scenario }) => scenario === CLONE)?.events ?? [];
    const seen = events.map((event) => [
      event.seconds,
      evaluate('PostgresCluster', recordedObject(event, labels)).status,
    ]);
    expect(seen.filter(([, status]) => status === 'Healthy').map(([seconds]) => seconds)).toEqual([17.5, 29.2]);
    expect(seen.every(([, status]) => status === 'Healthy' || status === 'Progressing')).toBe(true);
  });

  it('a restore beside leaves its clone to the step in its wave, and is as healthy as its server after it', () => {
    const labels = { [LABEL.role]: 'restored' };
    const events = recording.find(({ scenario }) => scenario === CLONE)?.events ?? [];
    const seen = events.map((event) => {
      const { status, message } = evaluate('PostgresCluster', recordedObject(event, labels));
      return [event.seconds, status, message.startsWith('being cloned: ')];
    });
    expect(seen).toEqual([
      ...[0.1, 0.1].map((seconds) => [seconds, 'Progressing', false]),
      ...[0.2, 0.4].map((seconds) => [seconds, 'Healthy', true]),
      ...[11.2, 11.5, 16.2, 16.7].map((seconds) => [seconds, 'Progressing', false]),
      ...[17.5, 29.2].map((seconds) => [seconds, 'Healthy', false]),
    ]);
  });

  it('a clone waits for its primary only, what is no clone for every instance', () => {
    const done = eventAt(CLONE, 29.2);
    const two = withStatus(done, {
      instances: [{ name: done.status.instances?.[0]?.name ?? '', replicas: 2, readyReplicas: 1, updatedReplicas: 2 }],
    });
    const verdict = (event: RecordedEvent, role: string): string =>
      evaluate('PostgresCluster', recordedObject(event, { [LABEL.role]: role }, 2)).status;
    expect(['green', 'rehearsal', 'blue'].map((role) => verdict(two, role))).toEqual([
      'Healthy',
      'Healthy',
      'Progressing',
    ]);
    const none = withStatus(two, {
      instances: [{ name: two.status.instances?.[0]?.name ?? '', replicas: 1, updatedReplicas: 1 }],
    });
    expect(verdict(none, 'green')).toBe('Progressing');
  });

  it('a green that was never cloned is not healthy, however ready it looks', () => {
    const established = eventAt('restore block removed, then fresh cluster third-pgo without dataSource', 14);
    expect(evaluate('PostgresCluster', recordedObject(established, { [LABEL.role]: 'green' }))).toEqual({
      status: 'Progressing',
      message: 'restore ~pgo-bootstrap-third-pgo has not started',
    });
  });

  it('an aborted green is Degraded and says why, at any time of its clone', () => {
    for (const event of recording.find(({ scenario }) => scenario === CLONE)?.events ?? []) {
      const annotations = { ...event.annotations, [ANNOTATION.aborted]: 'window-over: 600 s' };
      expect(evaluate('PostgresCluster', recordedObject({ ...event, annotations }))).toEqual({
        status: 'Degraded',
        message: 'aborted: window-over: 600 s',
      });
    }
  });

  it('a restore that ended as failed is Degraded', () => {
    const done = eventAt(RESTORE, 16.3);
    const failed = withStatus(done, {
      conditions: (done.status.conditions ?? []).map((each) =>
        each.type === 'PostgresDataInitialized'
          ? { ...each, status: 'False', reason: 'PGBackRestRestoreFailed', message: 'pgBackRest restore failed' }
          : each,
      ),
    });
    expect(evaluate('PostgresCluster', recordedObject(failed))).toEqual({
      status: 'Degraded',
      message: 'pgBackRest restore failed; it takes a new restore id to try again',
    });
    const annotations = { ...failed.annotations, 'postgres-operator.crunchydata.com/pgbackrest-restore': 'r2' };
    expect(evaluate('PostgresCluster', recordedObject({ ...failed, annotations }))).toEqual({
      status: 'Progressing',
      message: 'restore r2 has not started',
    });
  });

  it('a set without a name is found under its position, and a set that lacks an instance is named', () => {
    const ready = recordedObject(eventAt(RESTORE, 16.3)) as { spec: object; status: object };
    const instances = [{ readyReplicas: 1, replicas: 1, updatedReplicas: 1, name: '00' }];
    const object = (replicas: number): unknown => ({
      ...ready,
      spec: { ...ready.spec, instances: [{ replicas }] },
      status: { ...ready.status, instances },
    });
    expect(evaluate('PostgresCluster', object(1)).status).toBe('Healthy');
    expect(evaluate('PostgresCluster', object(2))).toEqual({
      status: 'Progressing',
      message: 'instance set 00 has 1 of 2 instances ready',
    });
  });

  it.each(['paused', 'shutdown'])('%s is Suspended', (field) => {
    const ready = recordedObject(eventAt(RESTORE, 16.3)) as { spec: object };
    const object = { ...ready, spec: { ...ready.spec, [field]: true } };
    expect(evaluate('PostgresCluster', object).status).toBe('Suspended');
  });
});

describe('Lifecycle', () => {
  it.each([
    [undefined, ''],
    [{ phase: 'Switching' }, 'Switching'],
    [{ message: 'backing up 12 %' }, 'backing up 12 %'],
    [{ phase: 'Aborted', message: 'migration failed' }, 'Aborted: migration failed'],
  ])('is Healthy with %j, or it would block every later wave', (status, message) => {
    expect(evaluate('Lifecycle', { metadata: { name: 'bestie' }, status })).toEqual({ status: 'Healthy', message });
  });
});

describe('Bestie', () => {
  const bestie = (...types: readonly string[]): unknown => ({
    status: { conditions: types.map((type) => ({ type, status: 'True', message: '' })) },
  });

  it.each([
    ['nothing reported', {}, 'Progressing'],
    ['database only', bestie('DatabaseReady'), 'Progressing'],
    ['seeded, application elsewhere', bestie('DatabaseReady', 'DatabaseSeeded'), 'Healthy'],
    ['all', bestie('DatabaseReady', 'DatabaseSeeded', 'DeploymentReady', 'ServiceCreated'), 'Healthy'],
  ])('%s', (_, object, status) => {
    expect(evaluate('Bestie', object).status).toBe(status);
  });

  it('says which condition it waits for', () => {
    const conditions = [{ type: 'DatabaseReady', status: 'False', message: 'no primary' }];
    expect(evaluate('Bestie', { status: { conditions } }).message).toBe('no primary');
    expect(evaluate('Bestie', {}).message).toBe('DatabaseReady is not reported yet');
  });
});

describe('Ingress', () => {
  const served = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };

  it.each([
    ['the placeholder of kind Bestie', { metadata: { labels: { [LABEL.service]: 'none' } } }, 'Healthy'],
    ['without an address', { metadata: {}, status: { loadBalancer: {} } }, 'Progressing'],
    ['without a status', { metadata: { labels: {} } }, 'Progressing'],
    ['with an address', { metadata: {}, status: served }, 'Healthy'],
  ])('%s', (_, object, status) => {
    expect(evaluate('Ingress', object).status).toBe(status);
  });
});

it('uses no library that Argo CD does not open', () => {
  for (const check of ['PostgresCluster', 'Lifecycle', 'Bestie', 'Ingress']) {
    const source = readFileSync(new URL(`${check}.lua`, import.meta.url), 'utf8');
    expect(source).not.toMatch(
      /\b(string|math|io|utf8|coroutine|debug)\.|:(format|sub|rep|gsub|find|match|lower|upper)\(/u,
    );
  }
});
