import { APPLICATION_CONTAINER } from '../lifecycle/rules/pod-templates.ts';
import { ANNOTATION } from '../plan/labels.ts';
import { isRecord } from './kubernetes-object.ts';
import { at, list, podSpec, same, type Fields } from './look.ts';
import { keepsToken, runsOnce } from './migration-checks.ts';
import { MIGRATE } from './migration-pod.ts';
import type { Check, Part } from './part.ts';
import { isPassing } from './stamp.ts';
import type { TemplateName } from './templates.ts';

const KIND_OF: Readonly<Record<TemplateName, string>> = {
  application: 'apps/v1/Deployment',
  autoscaler: 'autoscaling/v2/HorizontalPodAutoscaler',
  bestie: 'pets.bestie.com/v1/Bestie',
  ingress: 'networking.k8s.io/v1/Ingress',
  job: 'batch/v1/Job',
  keeper: 'apps/v1/Deployment',
  lifecycle: 'lifecycle.bestie.com/v1alpha1/Lifecycle',
  migrate: 'batch/v1/Job',
  postgrescluster: 'postgres-operator.crunchydata.com/v1beta1/PostgresCluster',
  role: 'rbac.authorization.k8s.io/v1/Role',
  rolebinding: 'rbac.authorization.k8s.io/v1/RoleBinding',
  service: 'v1/Service',
  serviceaccount: 'v1/ServiceAccount',
  servicemonitor: 'monitoring.coreos.com/v1/ServiceMonitor',
};

/** A field that has to be exactly what the plan says. */
interface Fixed {
  readonly invariant: string;
  readonly template: TemplateName;
  readonly path: readonly string[];
  readonly expected: (data: Part['data']) => unknown;
}

const field = (name: string) => (data: Part['data']) => data[name];
const always = (value: unknown) => () => value;
const pgbackrest = ['spec', 'backups', 'pgbackrest'] as const;
const podLabels = ['spec', 'template', 'metadata', 'labels'] as const;

const FIXED: readonly Fixed[] = [
  { invariant: 'I3', template: 'keeper', path: ['spec', 'replicas'], expected: always(1) },
  { invariant: 'I3', template: 'keeper', path: ['spec', 'strategy', 'type'], expected: always('Recreate') },
  { invariant: 'I4', template: 'service', path: ['spec', 'selector'], expected: field('selector') },
  { invariant: 'I4', template: 'service', path: ['spec', 'externalName'], expected: always(undefined) },
  { invariant: 'I4', template: 'application', path: podLabels, expected: field('selector') },
  { invariant: 'I4', template: 'application', path: ['spec', 'selector', 'matchLabels'], expected: field('selector') },
  // Steps scale; a rendered number would scale a closed blue up again (ADR 3).
  { invariant: 'I4', template: 'application', path: ['spec', 'replicas'], expected: always(undefined) },
  { invariant: 'I4', template: 'job', path: podLabels, expected: field('labels') },
  { invariant: 'I4', template: 'migrate', path: podLabels, expected: field('labels') },
  { invariant: 'I4', template: 'keeper', path: podLabels, expected: field('labels') },
  {
    invariant: 'I5',
    template: 'postgrescluster',
    path: ['spec', 'dataSource'],
    expected: ({ dataSource }) => dataSource && { postgresCluster: dataSource },
  },
  ...(['restore', 'standby', 'shutdown', 'paused'] as const).map((name): Fixed => ({
    invariant: 'I5',
    template: 'postgrescluster',
    path: name === 'restore' ? [...pgbackrest, name] : ['spec', name],
    expected: always(undefined),
  })),
  ...(['global', 'repos', 'manual'] as const).map((name): Fixed => ({
    invariant: 'I8',
    template: 'postgrescluster',
    path: [...pgbackrest, name],
    expected: field(name),
  })),
  {
    invariant: 'I10',
    template: 'postgrescluster',
    path: ['spec', 'users'],
    expected: ({ user, databases }) => [{ name: user, databases }, { name: 'postgres' }],
  },
  { invariant: 'I10', template: 'role', path: ['rules'], expected: field('rules') },
  {
    invariant: 'I10',
    template: 'rolebinding',
    path: ['roleRef'],
    expected: ({ name }) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name }),
  },
  {
    invariant: 'I10',
    template: 'rolebinding',
    path: ['subjects'],
    expected: ({ account }) => [{ kind: 'ServiceAccount', name: account }],
  },
  ...(['job', 'migrate'] as const).flatMap((template): Fixed[] => [
    { invariant: 'I6', template, path: ['spec', 'ttlSecondsAfterFinished'], expected: always(undefined) },
    { invariant: 'I6', template, path: ['spec', 'suspend'], expected: always(undefined) },
    { invariant: 'I6', template, path: ['spec', 'backoffLimit'], expected: always(0) },
  ]),
];

const fixedChecks = FIXED.map(({ invariant, template, path, expected }) => ({
  invariant,
  check: ((object, part) =>
    part.template === template && !same(at(object, ...path), expected(part.data))
      ? `${path.join('.')} is not what the plan says`
      : undefined) satisfies Check,
}));

/** Shells, by whose name anywhere in a command a value could be read as code. */
const SHELL = /^(.*\/)?(ba|da|a|z|k|c|tc|fi|mk)?sh$/;

function commands(value: unknown): readonly (readonly unknown[])[] {
  if (Array.isArray(value)) return value.flatMap(commands);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    (key === 'command' || key === 'args') && Array.isArray(inner) ? [inner as unknown[]] : commands(inner),
  );
}

/** The container of the application talks to its own instance's database, with the image of its own version. */
const ownDatabase: Check = (object, part) => {
  if (part.template === 'application')
    return leadsToDatabase(list(at(podSpec(object), 'containers')), APPLICATION_CONTAINER, part.data);
  const application = part.application?.data;
  return application && leadsToDatabase(list(at(podSpec(object), 'initContainers')), MIGRATE, application);
};

function leadsToDatabase(containers: readonly Fields[], name: string, data: Part['data']): string | undefined {
  const container = containers.find((each) => each['name'] === name);
  if (!container || container['image'] !== data['image'])
    return `the container ${name} does not run the version's image`;
  const env = list(container['env']);
  const missing = list(data['env']).find((wanted) => {
    const found = env.filter((each) => each['name'] === wanted['name']);
    return found.length !== 1 || !same(found[0], wanted);
  });
  return missing ? `the variable ${String(missing['name'])} does not lead to the instance's own database` : undefined;
}

const keptByArgo: Check = ({ metadata: { annotations = {} } }, { template, labels = {}, kept: outlives }) => {
  const kept = outlives === true || template === 'lifecycle' || (template === 'postgrescluster' && !isPassing(labels));
  const options = (annotations['argocd.argoproj.io/sync-options'] ?? '').split(',');
  return kept && !(options.includes('Prune=false') && options.includes('Delete=false'))
    ? 'could be pruned or deleted by Argo CD'
    : undefined;
};

/** The invariants that rendered output alone can break, by name. */
export const CHECKS: readonly { readonly invariant: string; readonly check: Check }[] = [
  {
    invariant: 'I2',
    check: ({ apiVersion, kind }, { template }) =>
      `${apiVersion}/${kind}` === KIND_OF[template]
        ? undefined
        : `is a ${apiVersion} ${kind}, not a ${KIND_OF[template]}`,
  },
  {
    invariant: 'I2',
    check: ({ metadata }, { data, hashedName }) => {
      const name = String(data['name']);
      const fits = hashedName === true ? metadata.name.startsWith(`${name}-`) : metadata.name === name;
      return fits ? undefined : `is named ${metadata.name}, the plan says ${name}`;
    },
  },
  { invariant: 'I2', check: ({ metadata }) => ('namespace' in metadata ? 'sets a namespace' : undefined) },
  { invariant: 'I3', check: ownDatabase },
  { invariant: 'I6', check: runsOnce },
  { invariant: 'I10', check: keepsToken },
  ...fixedChecks,
  {
    invariant: 'I6',
    check: ({ metadata: { annotations = {} } }) =>
      ANNOTATION.pgoBackup in annotations ? 'renders a backup request; backups are steps' : undefined,
  },
  { invariant: 'I7', check: keptByArgo },
  {
    invariant: 'I12',
    check: ({ metadata: { annotations = {} } }) =>
      ANNOTATION.breakGlass in annotations ? 'carries the break-glass annotation' : undefined,
  },
  {
    invariant: 'I16',
    check: (object) =>
      commands(object).some((words) => words.some((word) => typeof word === 'string' && SHELL.test(word)))
        ? 'runs a shell'
        : undefined,
  },
];
