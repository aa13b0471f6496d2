import { describe, expect, test } from '@jest/globals';
import type { Lifecycle } from '../lifecycle/model.ts';
import { atRest, preparing, switching } from '../plan/testing/lifecycles.ts';
import { field, find, render } from '../../test/contracts/rendered.ts';

const MIGRATIONS = { command: ['flask', 'db', 'upgrade'] };

const job = (lifecycle: Lifecycle): unknown => find(render(lifecycle), 'Job', /-job-/);
const pod = (lifecycle: Lifecycle): unknown => field(job(lifecycle), 'spec.template.spec');

const names = (list: unknown): readonly unknown[] =>
  (list as readonly { readonly name: string }[]).map(({ name }) => name);

/** The variables of the file, by name. */
function variables(lifecycle: Lifecycle): Readonly<Record<string, unknown>> {
  const containers = field(pod(lifecycle), 'initContainers') as readonly Readonly<Record<string, unknown>>[];
  const env = containers.find(({ name }) => name === 'migrate')?.['env'] as readonly Variable[];
  return Object.fromEntries(
    env.filter(({ value }) => value !== undefined).map(({ name, value }): [string, unknown] => [name, value]),
  );
}

interface Variable {
  readonly name: string;
  readonly value?: string;
}

describe("a migration's pod", () => {
  test.each([
    ['other processes', { shareProcessNamespace: true, hostPID: true }],
    [
      'probes and hooks',
      { containers: [{ name: 'application', livenessProbe: { exec: {} }, lifecycle: { preStop: {} } }] },
    ],
    ['containers beside', { containers: [{ name: 'exporter', image: 'exporter' }] }],
    ['what places replicas', { topologySpreadConstraints: [{ maxSkew: 1 }], readinessGates: [{ conditionType: 'a' }] }],
  ])("has none of the application's: %s", (_name, spec) => {
    expect(job(switching({ application: { podTemplate: { spec } } }))).toEqual(job(switching()));
  });

  test('has the init containers of the application, sidecars too, before the guard', () => {
    const initContainers = [
      { name: 'wait', image: 'wait' },
      { name: 'proxy', image: 'proxy', restartPolicy: 'Always' },
    ];
    const spec = pod(switching({ application: { podTemplate: { spec: { initContainers } } } }));
    expect(names(field(spec, 'initContainers'))).toEqual(['wait', 'proxy', 'guard', 'migrate']);
    expect(names(field(spec, 'containers'))).toEqual(['record']);
  });

  test.each([
    ['at rest', atRest, { A: 'migrations', B: 'application' }],
    ['of a switch', switching, { A: 'migrations', B: 'application' }],
    ['of a rehearsal, where the preview has the last word', preparing, { A: 'preview', B: 'application' }],
  ])("is patched by its own template after the application's: %s", (_name, lifecycle, expected) => {
    const patch = (env: Readonly<Record<string, string>>): unknown => ({
      spec: {
        containers: [{ name: 'application', env: Object.entries(env).map(([name, value]) => ({ name, value })) }],
      },
    });
    const application = {
      podTemplate: patch({ A: 'application', B: 'application' }),
      migrations: { ...MIGRATIONS, podTemplate: patch({ A: 'migrations' }) },
      preview: { env: [{ name: 'A', value: 'preview' }] },
    };
    expect(variables(lifecycle({ application }))).toEqual(expected);
  });

  test("brings no group of its own, which would be given the application's volumes", () => {
    expect(field(pod(switching()), 'securityContext.fsGroup')).toBeUndefined();
  });

  test('ends at the latest when the window does', () => {
    expect(field(job(switching({ green: { windowBudget: '90s' } })), 'spec.activeDeadlineSeconds')).toBe(90);
  });
});
