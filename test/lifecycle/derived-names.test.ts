import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import type { Lifecycle } from '../../plugin/lifecycle/model.ts';
import { parseLifecycle } from '../../plugin/lifecycle/parse.ts';
import { formatProblem } from '../../plugin/lifecycle/problem.ts';
import { lifecycles } from '../../plugin/lifecycle/testing/arbitrary.ts';
import { render } from '../contracts/rendered.ts';

/** Reads a generated file, so that every rule of the lifecycle file holds. */
function read(value: unknown): Lifecycle {
  const result = parseLifecycle(new TextEncoder().encode(stringify(value)), 'lifecycle.yaml');
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.lifecycle;
}

/** The longest name by kind: 46 with its set name for a cluster, whose CronJobs may have 52; a label's 63 otherwise. */
const limitOf = (kind: string): number => (kind === 'PostgresCluster' ? 52 - '-repo1-full'.length : 63);

test('what a valid file renders has names within the limits of Kubernetes and the operator, and no two of one kind', () => {
  fc.assert(
    fc.property(lifecycles, (value) => {
      const objects = render(read(value));
      const tooLong = objects.filter(({ kind, metadata }) => metadata.name.length > limitOf(kind));
      expect(tooLong.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([]);
      const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      expect(new Set(names).size).toBe(names.length);
    }),
    { numRuns: 60 },
  );
});

test.each(['bestie', 'b'.repeat(26)])('the longest names of a rehearsal fit: green %s', (name) => {
  const lifecycle = read({
    apiVersion: 'lifecycle.bestie.com/v1alpha1',
    kind: 'Lifecycle',
    metadata: { name: 'l'.repeat(49) },
    spec: {
      application: { kind: 'Deployment', image: 'a', migrations: { command: ['migrate'] } },
      database: { postgresVersion: 15, storage: '1Gi', user: 'u' },
      traffic: { service: 's'.repeat(63) },
      backup: { repositories: [{ name: 'repo1', volume: { storage: '1Gi' }, schedules: { full: '0 1 * * 0' } }] },
      blue: { name: 'a'.repeat(37), version: '1' },
      green: { name, version: '2', stage: 'Prepare' },
    },
  });
  const rehearsal = render(lifecycle).find(
    ({ kind, metadata }) => kind === 'PostgresCluster' && metadata.name.startsWith(name),
  );
  expect(rehearsal?.metadata.name.length).toBe(name.length + '-r01234567-pgo'.length);
});
