import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { KubernetesObject } from '../../plugin/render/kubernetes-object.ts';
import { atRest, preparing, switching } from '../../plugin/plan/testing/lifecycles.ts';
import { field, find, render } from './rendered.ts';
import { toYaml } from '../../plugin/render/yaml.ts';

/** What Argo CD's contract asks of a renderer; each test quotes the line that it is for. */
const bestie = { kind: 'Bestie' };
const EVERY: readonly (readonly [string, readonly KubernetesObject[]])[] = [
  ['at rest', render(atRest())],
  ['at rest, Bestie', render(atRest({ application: bestie }))],
  ['Prepare', render(preparing())],
  ['Switch', render(switching())],
  ['Switch, Bestie', render(switching({ application: bestie }))],
];

const annotation = ({ metadata }: KubernetesObject, name: string): string | undefined =>
  metadata.annotations?.[`argocd.argoproj.io/${name}`];
const options = (object: KubernetesObject): readonly string[] => annotation(object, 'sync-options')?.split(',') ?? [];
const waveOf = (object: KubernetesObject): number => Number(annotation(object, 'sync-wave'));
const ofKind = (objects: readonly KubernetesObject[], kind: string): readonly KubernetesObject[] =>
  objects.filter((each) => each.kind === kind);
const isHook = (object: KubernetesObject): boolean => annotation(object, 'hook') !== undefined;

describe.each(EVERY)('%s', (_, objects) => {
  test('"Jobs as ordinary resources: content-hashed names, no TTL, Prune=false" (PruneLast here: they hold no data)', () => {
    const hashed = ofKind(objects, 'Job').filter((job) => !options(job).includes('Replace=true'));
    expect(hashed.length).toBeGreaterThan(1);
    for (const job of hashed) {
      expect(job.metadata.name).toMatch(/-[0-9a-f]{8}$/);
      expect(field(job, 'spec.ttlSecondsAfterFinished')).toBeUndefined();
      expect(isHook(job) || options(job).includes('PruneLast=true')).toBe(true);
    }
  });

  test('"No suspended Jobs as approval gates"', () => {
    for (const job of ofKind(objects, 'Job')) expect(field(job, 'spec.suspend')).toBeUndefined();
  });

  test('"A marker resource with the request id must be in the diff, or a hook-only change never syncs"', () => {
    const marker = find(objects, 'Lifecycle', 'bestie');
    expect(isHook(marker)).toBe(false);
    expect(marker.metadata.labels?.['lifecycle.bestie.com/digest']).toMatch(/^[0-9a-f]{12}$/);
  });

  test('"Everything that runs more than once (hooks, retries, self-heal) is keyed by an immutable id"', () => {
    const digest = find(objects, 'Lifecycle', 'bestie').metadata.labels?.['lifecycle.bestie.com/digest'];
    for (const job of ofKind(objects, 'Job')) {
      expect(JSON.stringify(field(job, 'spec.template.spec'))).toContain(`\\"digest\\":\\"${String(digest)}\\"`);
    }
  });

  test('"The last wave is not gated: end with a PostSync hook"', () => {
    const hooks = objects.filter((object) => annotation(object, 'hook') === 'PostSync');
    expect(hooks.map(({ kind }) => kind)).toEqual(['Job']);
  });

  test('"Every full sync and retry re-runs all hooks": one that passed does not stay, one that failed can be read', () => {
    for (const hook of objects.filter(isHook)) {
      const kept = annotation(hook, 'hook') === 'SyncFail';
      expect(annotation(hook, 'hook-delete-policy')).toBe(`BeforeHookCreation${kept ? '' : ',HookSucceeded'}`);
    }
  });

  test('"Order: phase → wave → kind → name": no object without a wave or a phase', () => {
    for (const object of objects) {
      const phase = annotation(object, 'hook') ?? 'Sync';
      expect([phase, Number.isInteger(waveOf(object))]).toEqual([phase, phase === 'Sync']);
    }
  });

  test('"Prune=false,Delete=false + IgnoreExtraneous on the live object beforehand"', () => {
    const kept = objects.filter(
      ({ kind, metadata }) =>
        kind === 'Lifecycle' ||
        (kind === 'PostgresCluster' && metadata.labels?.['lifecycle.bestie.com/role'] !== 'rehearsal'),
    );
    expect(kept.length).toBeGreaterThan(1);
    for (const object of kept) {
      expect(options(object)).toEqual(expect.arrayContaining(['Prune=false', 'Delete=false']));
      expect(annotation(object, 'compare-options')).toBe('IgnoreExtraneous');
    }
  });

  test('"Prune is not held back by a failing sync": what serves and what steps run on is pruned last', () => {
    const pruned = objects.filter((object) => !isHook(object) && !options(object).includes('Prune=false'));
    for (const object of pruned) expect(options(object)).toContain('PruneLast=true');
  });

  test('ServerSideApply for everything but the Job that is replaced: --force and --server-side exclude each other', () => {
    for (const object of objects.filter((each) => !isHook(each)))
      expect(options(object).includes('ServerSideApply=true')).toBe(!options(object).includes('Force=true'));
  });

  test('"stdout must be only YAML/JSON objects"', () => {
    expect(toYaml(objects).startsWith('---\napiVersion: ')).toBe(true);
  });

  test('"generate is a pure function of the tree": no commit, clock or random value gets in', () => {
    expect(toYaml(objects)).not.toMatch(/\b[0-9a-f]{40}\b|\d{4}-\d\d-\d\dT\d\d:/);
  });

  test('no object lies outside the namespace of the Application', () => {
    for (const { metadata } of objects) expect(metadata).not.toHaveProperty('namespace');
  });
});

describe("what ends a window outlives its plan: pruned in the keeper's wave, blue would stay closed", () => {
  const account = (step: string): string => `bestie-${step}`;
  const bindings = (objects: readonly KubernetesObject[], step: string): readonly KubernetesObject[] =>
    ofKind(objects, 'RoleBinding').filter((each) => field(each, 'subjects.0.name') === account(step));

  test.each(['keeper', 'commit', 'abort'])('%s: its account, Role and RoleBinding are kept', (step) => {
    const objects = render(switching());
    const [binding, ...more] = bindings(objects, step);
    expect(more).toEqual([]);
    const role = find(objects, 'Role', String(binding && field(binding, 'roleRef.name')));
    for (const object of [find(objects, 'ServiceAccount', account(step)), role, binding]) {
      expect(object && options(object)).toEqual(expect.arrayContaining(['Prune=false', 'Delete=false']));
      expect(object && annotation(object, 'compare-options')).toBe('IgnoreExtraneous');
    }
  });

  test.each(['keeper', 'commit', 'abort'])('%s: a plan for another green takes no right from it', (step) => {
    const [before, after] = ['bestie2', 'bestie3'].map((name) => render(switching({ green: { name } })));
    const names = (objects: readonly KubernetesObject[] = []): readonly unknown[] =>
      bindings(objects, step).map((each) => [each.metadata.name, field(each, 'roleRef.name')]);
    expect(names(before)).toHaveLength(1);
    for (const name of names(before).flat()) expect(names(after).flat()).not.toContain(name);
  });
});

test('"generate must be deterministic": the same file gives the same bytes', () => {
  const kinds = fc.constantFrom('Bestie', 'Deployment');
  const lifecycles = fc.constantFrom(atRest, preparing, switching);
  fc.assert(
    fc.property(lifecycles, kinds, fc.integer({ min: 1, max: 9 }), (lifecycle, kind, replicas) => {
      const once = (): string => toYaml(render(lifecycle({ application: { kind, replicas } })));
      expect(once()).toBe(once());
    }),
    { numRuns: 10 },
  );
});

test('"immutable template, so name it by content hash": another image is another Job, the same plan', () => {
  const jobs = (stepImage: string): readonly KubernetesObject[] =>
    ofKind(render(switching(), { parameters: { stepImage } }), 'Job');
  const names = (image: string): readonly string[] => jobs(image).map(({ metadata }) => metadata.name);
  expect(names('steps:2').filter((name) => names('steps:1').includes(name))).toEqual([]);
  const digests = (image: string): ReadonlySet<string | undefined> =>
    new Set(jobs(image).map(({ metadata }) => metadata.labels?.['lifecycle.bestie.com/digest']));
  expect(digests('steps:2')).toEqual(digests('steps:1'));
});

test('"Blue and green are separately named workloads; only the Service selector changes"', () => {
  const before = render(preparing());
  const after = render(switching());
  const selector = (objects: readonly KubernetesObject[]): unknown =>
    field(find(objects, 'Service', 'bestie'), 'spec.selector');
  expect(selector(before)).toEqual({
    'lifecycle.bestie.com/lifecycle': 'bestie',
    'lifecycle.bestie.com/instance': 'bestie',
  });
  expect(selector(after)).toEqual({
    'lifecycle.bestie.com/lifecycle': 'bestie',
    'lifecycle.bestie.com/instance': 'bestie2',
  });
  const blue = (objects: readonly KubernetesObject[]): unknown =>
    field(find(objects, 'Deployment', 'bestie-app'), 'spec');
  expect(blue(after)).toEqual(blue(before));
});

test('"blue\'s pods never match green\'s selector", nor do those of the steps', () => {
  const objects = render(switching());
  const selector = Object.entries(field(find(objects, 'Service', 'bestie'), 'spec.selector') as Record<string, string>);
  const matching = objects.filter((object) => {
    const labels = field(object, 'spec.template.metadata.labels') as Record<string, string> | undefined;
    return labels !== undefined && selector.every(([key, value]) => labels[key] === value);
  });
  expect(matching.map(({ metadata }) => metadata.name)).toEqual(['bestie2-app']);
});

test('"Never drop the old database from the output at the flip"', () => {
  expect(ofKind(render(switching()), 'PostgresCluster').map(({ metadata }) => metadata.name)).toEqual([
    'bestie-pgo',
    'bestie2-pgo',
  ]);
});

test('"Prefer a clone into a new, uniquely named PostgresCluster over in-place restore"', () => {
  const clusters = ofKind(render(switching()), 'PostgresCluster');
  expect(clusters.map((each) => field(each, 'spec.backups.pgbackrest.restore'))).toEqual([undefined, undefined]);
});

test('"Lifecycle files are hostile input: no shell interpolation": a command keeps its words', () => {
  const words = ['flask', '$(id)', '`id`', '; rm -rf /', "'", '"', '\n- evil', '{{json x}}', '${HOME}'];
  const job = find(render(atRest({ application: { migrations: { command: words } } })), 'Job', /^bestie-job-/);
  expect(field(job, 'spec.template.spec.initContainers.1.command')).toEqual([
    '/lifecycle/run-unless',
    '/lifecycle/done',
    ...words,
  ]);
});
