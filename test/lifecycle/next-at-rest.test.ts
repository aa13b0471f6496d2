import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import type { Lifecycle } from '../../plugin/lifecycle/model.ts';
import { nextStage } from '../../plugin/lifecycle/next.ts';
import { parseLifecycle } from '../../plugin/lifecycle/parse.ts';
import type { Status } from '../../plugin/lifecycle/status.ts';
import { lifecycles } from '../../plugin/lifecycle/testing/arbitrary.ts';
import type { KubernetesObject } from '../../plugin/render/kubernetes-object.ts';
import { render } from '../contracts/rendered.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function read(text: string): Lifecycle {
  const result = parseLifecycle(bytes(text), 'lifecycle.yaml');
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.lifecycle;
}

/** The ledger of the file's own switch, confirmed. */
function confirmed({ spec: { blue, green } }: Lifecycle): Status {
  if (!green) throw new Error('there is no green');
  const at = '2026-11-22T10:00:00Z';
  return {
    serving: { instance: green.name, version: green.version, since: at, digest: 'd' },
    decision: {
      digest: 'd',
      state: 'Committed',
      attempt: green.attempt,
      blue: blue.name,
      green: green.name,
      openedAt: at,
      blueClosed: at,
    },
    steps: [{ digest: 'd', step: 'confirm', state: 'Done', startedAt: at }],
  };
}

/** Of the instance that serves: what runs. Steps' Jobs are the plan's, `<cr>-job` only tells the Bestie operator of them. */
const runs = (objects: readonly KubernetesObject[], instance: string): readonly KubernetesObject[] =>
  objects.filter(
    ({ kind, metadata: { labels } }) => kind !== 'Job' && labels?.['lifecycle.bestie.com/instance'] === instance,
  );

/** What the operators and Kubernetes act upon; `dataSource` means nothing when the clone is done (PGO v6.0.3). */
function acted(objects: readonly KubernetesObject[]): unknown {
  const acting = objects.map(({ kind, metadata, spec }) => {
    const text = JSON.stringify(spec, (key, inner: unknown) => (key === 'dataSource' ? undefined : inner));
    return [`${kind} ${metadata.name}`, text] as const;
  });
  return Object.fromEntries(acting.sort(([a], [b]) => (a < b ? -1 : 1)));
}

test('at rest after a switch, what serves is rendered byte for byte as it was: nothing restarts, no archive moves', () => {
  fc.assert(
    fc.property(lifecycles, (value) => {
      const text = stringify(value, { lineWidth: 0 });
      fc.pre(text.includes('stage: Switch'));
      const before = read(text);
      const green = before.spec.green?.name ?? '';
      const next = nextStage(bytes(text), 'lifecycle.yaml', { life: '0a1b2c3d4e', status: confirmed(before) });
      if (!next.ok) throw new Error(JSON.stringify(next.problems));
      const switched = render(before);
      const atRest = render(read(next.text));
      expect(acted(runs(atRest, green))).toEqual(acted(runs(switched, green)));
      const traffic = (objects: readonly KubernetesObject[]): unknown =>
        objects.find(({ kind, metadata }) => kind === 'Service' && metadata.name === before.spec.traffic.service)?.spec;
      expect(traffic(atRest)).toEqual(traffic(switched));
      expect(runs(atRest, before.spec.blue.name)).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
