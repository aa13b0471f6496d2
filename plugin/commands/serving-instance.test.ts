import { expect, test } from '@jest/globals';
import { parseLifecycle } from '../lifecycle/parse.ts';
import { bytes, EXAMPLE, exampleAtRest } from '../lifecycle/testing/example.ts';
import { servingInstance } from './restorable-view.ts';

const BESIDE = `${exampleAtRest()}  restore:
    { id: r1, mode: Clone, repository: repo1, target: { latest: true }, name: bestie-r1, stage: Switch, applicationVersion: "1.2" }
`;

test.each([
  ['blue, where nothing is on record', EXAMPLE, undefined, 'bestie-pgo'],
  ['green, after a switch', EXAMPLE, 'bestie2', 'bestie2-pgo'],
  ['what was restored beside, after a switch to it', BESIDE, 'bestie-r1', 'bestie-r1-pgo'],
  ['blue, beside which it stands', BESIDE, 'bestie', 'bestie-pgo'],
])('whose repositories are read: %s', (_what, text, instance, cluster) => {
  const parsed = parseLifecycle(bytes(text), 'lifecycle.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const { spec } = parsed.lifecycle as unknown as Parameters<typeof servingInstance>[0];
  const serving = instance === undefined ? {} : { serving: { instance, version: '1', since: '', digest: '' } };
  expect(servingInstance({ spec, status: serving })).toMatchObject({ cluster });
});
