import { describe, expect, it } from '@jest/globals';
import type { V1EndpointSlice, V1PersistentVolumeClaim, V1Pod, V1StatefulSet } from '@kubernetes/client-node';
import type { InstanceFacts } from '../core/observed.ts';
import { ANNOTATIONS, LABELS } from '../objects/labels.ts';
import { observeInstances } from './observe-instances.ts';
import { newMemory } from './memory.ts';
import { observeLeadership } from './observe-leadership.ts';

interface Meta {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly deletionTimestamp?: string;
}

/** An object as it comes over the wire. */
const wire = (name: string, { labels, ...extra }: Meta, rest: object = {}): unknown =>
  JSON.parse(
    JSON.stringify({
      metadata: {
        name,
        labels: {
          [LABELS.instance]: 'i1',
          [LABELS.instanceSet]: 'set1',
          'controller-revision-hash': 'h',
          ...labels,
        },
        ...extra,
      },
      ...rest,
    }),
  );

/** A pod that the probe finds ready, whose database runs in this container. */
const pod = (containerID: string, extra: Meta): V1Pod =>
  wire('i1-0', extra, {
    status: {
      podIP: '10.0.0.1',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [{ name: 'database', containerID, state: { running: {} } }],
    },
  }) as V1Pod;

const claim = (extra: Meta = {}): V1PersistentVolumeClaim => wire('i1-pgdata', extra) as V1PersistentVolumeClaim;
const runners = [wire('i1', {}, { status: { updateRevision: 'h' } }) as V1StatefulSet];
const marks = { labels: { [LABELS.role]: 'master' }, annotations: { [ANNOTATIONS.started]: 'c1' } };

describe('instances as they are seen', () => {
  it('are ready in the container that was ordered a role, and only in that one', () => {
    const facts = (containerID: string): unknown =>
      observeInstances({ pods: [pod(containerID, marks)], runners, claims: [] })[0]?.pod;
    expect(facts('c1')).toMatchObject({ ready: true, running: true, role: 'master', updated: true });
    expect(facts('c2')).toMatchObject({ ready: false, running: true });
    expect(facts('c2')).not.toHaveProperty('role');
  });

  it('are there as long as their volume is, unless that is being deleted', () => {
    expect(observeInstances({ pods: [], runners: [], claims: [claim()] })).toEqual([
      { name: 'i1', set: 'set1', runner: false },
    ]);
    const going = claim({ deletionTimestamp: '2026-11-24T06:00:00Z' });
    expect(observeInstances({ pods: [], runners: [], claims: [going] })).toEqual([]);
  });
});

describe('the leader’s lease', () => {
  const slice = wire('blue-ha', { annotations: { [ANNOTATIONS.leader]: 'i1' } }) as V1EndpointSlice;
  const instance = (running: boolean, terminating: boolean): InstanceFacts => ({
    name: 'i1',
    set: 'set1',
    runner: true,
    pod: { name: 'i1-0', ready: false, running, terminating, updated: true },
  });

  it('is over once it has shut down, never while it still runs', () => {
    expect(observeLeadership(slice, [instance(true, true)], newMemory()).released).toBe(false);
    expect(observeLeadership(slice, [instance(false, true)], newMemory()).released).toBe(true);
  });

  it('lasts a while when it vanished, so that it can come back', () => {
    expect(observeLeadership(slice, [instance(false, false)], newMemory()).released).toBe(false);
    const memory = { ...newMemory(), leaderAwaySince: Date.now() - 60_000 };
    expect(observeLeadership(slice, [instance(false, false)], memory).released).toBe(true);
  });
});
