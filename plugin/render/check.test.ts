import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { atRest, switching } from '../plan/testing/lifecycles.ts';
import { InvariantError } from './check.ts';
import { TEMPLATE_NAMES, type TemplateName } from './templates.ts';
import { render } from '../../test/contracts/rendered.ts';

const source = (name: TemplateName): string =>
  readFileSync(new URL(`../../manifests/${name}.hbs`, import.meta.url), 'utf8');

/** What the checks say when one built-in template is edited. */
function violations(name: TemplateName, edit: (text: string) => string): readonly string[] {
  const edited = edit(source(name));
  expect(edited).not.toBe(source(name));
  try {
    render(switching({ application: { kind: 'Bestie', maxReplicas: 5 } }), {
      overrides: { [name]: edited },
      parameters: { apiVersions: ['monitoring.coreos.com/v1'] },
    });
  } catch (error) {
    if (error instanceof InvariantError)
      return error.violations.map(({ invariant, problem }) => `${invariant} ${problem}`);
    throw error;
  }
  return [];
}

const replace = (from: string, to: string) => (text: string) => text.replace(from, to);
const append = (more: string) => (text: string) => `${text}\n${more}`;

describe('an override cannot break an invariant', () => {
  test.each(TEMPLATE_NAMES)('%s of another kind', (name) => {
    expect(violations(name, (text) => text.replace(/^kind: .*$/m, 'kind: ConfigMap'))[0]).toMatch(
      /^I2 is a .* ConfigMap/,
    );
  });

  test.each(TEMPLATE_NAMES)('%s under another name', (name) => {
    expect(violations(name, replace('name: {{json name}}', 'name: other')).join()).toMatch(/I2 is named other/);
  });

  const CASES: readonly (readonly [string, TemplateName, (text: string) => string])[] = [
    ['I2 sets a namespace', 'service', replace('metadata:', 'metadata:\n  namespace: other')],
    ['I3 spec.replicas', 'keeper', replace('replicas: 1', 'replicas: 2')],
    ['I3 spec.strategy.type', 'keeper', replace('type: Recreate', 'type: RollingUpdate')],
    ['I3 the container application', 'application', replace('image: {{json image}}', 'image: other')],
    ['I3 the variable DB_ADDR', 'application', replace('env: {{json env}}', 'env: []')],
    ['I4 spec.selector', 'service', replace('{{json selector}}', '{ app: bestie }')],
    ['I4 spec.externalName', 'service', append('  externalName: elsewhere')],
    ['I4 spec.template.metadata.labels', 'application', replace('labels: {{json selector}}', 'labels: { a: b }')],
    ['I4 spec.replicas', 'application', replace('revisionHistoryLimit: 3', 'replicas: 3')],
    ['I5 spec.dataSource', 'postgrescluster', replace('postgresCluster: {{json dataSource}}', 'pgbackrest: {}')],
    ['I5 spec.standby', 'postgrescluster', append('  standby: { enabled: true }')],
    ['I5 spec.shutdown', 'postgrescluster', append('  shutdown: true')],
    [
      'I5 spec.backups.pgbackrest.restore',
      'postgrescluster',
      append('      restore: { enabled: true, repoName: repo1 }'),
    ],
    [
      'I6 renders a backup request',
      'postgrescluster',
      replace('metadata:', 'metadata:\n  annotations: { postgres-operator.crunchydata.com/pgbackrest-backup: x }'),
    ],
    ['I6 spec.ttlSecondsAfterFinished', 'job', append('  ttlSecondsAfterFinished: 60')],
    ['I6 spec.suspend', 'job', append('  suspend: true')],
    ['I6 spec.backoffLimit', 'migrate', replace('backoffLimit: 0', 'backoffLimit: 3')],
    ['I6 the container guard', 'migrate', replace('command: [lifecycle-step, migrate-guard]', 'command: [id]')],
    [
      'I6 the container migrate',
      'migrate',
      replace('command: {{json migrateCommand}}', 'command: [flask, db, upgrade]'),
    ],
    [
      'I6 a container beside record',
      'migrate',
      replace('{{json recordMounts}}', '{{json recordMounts}}\n        - { name: more, image: more }'),
    ],
    [
      'I10 ServiceAccount',
      'migrate',
      replace('serviceAccountName: {{json serviceAccount}}', 'shareProcessNamespace: true'),
    ],
    ['I10 the container migrate sees the plan', 'migrate', replace('{{json migrateMounts}}', '{{json recordMounts}}')],
    ['I8 spec.backups.pgbackrest.global', 'postgrescluster', replace('global: {{json global}}', 'global: {}')],
    ['I8 spec.backups.pgbackrest.manual', 'postgrescluster', replace('manual: {{json manual}}', 'repoHost: {}')],
    ['I10 spec.users', 'postgrescluster', replace('- name: postgres', '- name: root')],
    ['I10 rules', 'role', replace('{{json rules}}', '[{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }]')],
    ['I10 roleRef', 'rolebinding', replace('kind: Role\n', 'kind: ClusterRole\n')],
    ['I10 subjects', 'rolebinding', append('  - { kind: ServiceAccount, name: other }')],
    [
      'I12 carries the break-glass',
      'service',
      replace('metadata:', 'metadata:\n  annotations: { lifecycle.bestie.com/break-glass: x }'),
    ],
    ['I16 runs a shell', 'job', replace('command: {{json command}}', 'command: [/usr/bin/env, bash, -c, id]')],
  ];
  test.each(CASES)('%s (%s)', (expected, name, edit) => {
    expect(violations(name, edit).some((problem) => problem.startsWith(expected))).toBe(true);
  });

  test("Argo CD's annotations are the plan's", () => {
    const edit = replace('metadata:', 'metadata:\n  annotations: { argocd.argoproj.io/hook: Skip }');
    expect(() => violations('role', edit)).toThrow('sets the annotation argocd.argoproj.io/hook');
  });

  test('two objects of one kind and name', () => {
    const lifecycle = atRest({ blue: { names: { service: 'bestie' } } });
    expect(() => render(lifecycle)).toThrow('I2: Service bestie: is rendered twice');
  });
});

describe('a patch of the lifecycle file cannot break an invariant', () => {
  test.each([
    ['I3', { spec: { containers: [{ name: 'application', image: 'other' }] } }],
    ['I3', { spec: { containers: [{ name: 'application', env: [{ name: 'DB_ADDR', value: 'blue' }] }] } }],
    ['I4', { metadata: { labels: { 'lifecycle.bestie.com/instance': 'other' } } }],
    ['I16', { spec: { initContainers: [{ name: 'x', image: 'x', command: ['/bin/sh', '-c', 'id'] }] } }],
  ])('%s: podTemplate %j', (invariant, podTemplate) => {
    expect(() => render(atRest({ application: { podTemplate } }))).toThrow(`${invariant}: Deployment bestie-app`);
  });

  test.each([
    ['I5', { dataSource: { postgresCluster: { clusterName: 'other', repoName: 'repo1' } } }],
    ['I5', { backups: { pgbackrest: { restore: { enabled: true, repoName: 'repo1' } } } }],
    ['I8', { backups: { pgbackrest: { global: { 'repo1-path': '/elsewhere' } } } }],
    ['I10', { users: [{ name: 'root', options: 'SUPERUSER' }] }],
  ])('%s: database.spec %j', (invariant, spec) => {
    expect(() => render(atRest({ database: { spec } }))).toThrow(`${invariant}: PostgresCluster bestie-pgo`);
  });

  test('I10: a migration whose container sees the token', () => {
    const volume = { name: 'a', projected: { sources: [{ serviceAccountToken: { path: 'a' } }] } };
    const container = { name: 'application', volumeMounts: [{ name: 'a', mountPath: '/a' }] };
    const podTemplate = { spec: { volumes: [volume], containers: [container] } };
    expect(() => render(atRest({ application: { podTemplate } }))).toThrow(
      /I10: Job bestie-job-.*: .* sees the plan's own token/,
    );
  });

  test('I16: migrations through a shell', () => {
    expect(() =>
      render(atRest({ application: { migrations: { command: ['sh', '-c', 'flask db upgrade'] } } })),
    ).toThrow(/I16: Job bestie-job-.*: runs a shell/);
  });
});
