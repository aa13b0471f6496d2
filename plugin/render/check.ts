import { ANNOTATION, LABEL, instanceSelector } from '../plan/labels.ts';
import { canonicalJson } from '../plan/digest.ts';
import type { Plan } from '../plan/plan.ts';
import type { Part } from './objects.ts';
import type { KubernetesObject } from './templates.ts';

/** One broken invariant of the output; an overridden template is the usual cause. */
export interface Violation {
  readonly invariant: string;
  readonly object: string;
  readonly problem: string;
}

export class InvariantError extends Error {
  readonly violations: readonly Violation[];
  constructor(violations: readonly Violation[]) {
    super(violations.map(({ invariant, object, problem }) => `${invariant}: ${object}: ${problem}`).join('\n'));
    this.violations = violations;
  }
}

type Check = (object: KubernetesObject, part: Part, plan: Plan) => string | undefined;

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, field) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[field] : undefined,
    value,
  );

const KIND_OF: Readonly<Record<Part['template'], string>> = {
  application: 'apps/v1/Deployment',
  bestie: 'pets.bestie.com/v1/Bestie',
  job: 'batch/v1/Job',
  keeper: 'apps/v1/Deployment',
  lifecycle: 'lifecycle.bestie.com/v1alpha1/Lifecycle',
  migrate: 'batch/v1/Job',
  postgrescluster: 'postgres-operator.crunchydata.com/v1beta1/PostgresCluster',
  role: 'rbac.authorization.k8s.io/v1/Role',
  rolebinding: 'rbac.authorization.k8s.io/v1/RoleBinding',
  service: 'v1/Service',
  serviceaccount: 'v1/ServiceAccount',
};

/** Shells whose presence as a command would let a value be read as code. */
const SHELL = /^(.*\/)?(ba|da|a|z|k)?sh$/;

function commands(value: unknown): readonly (readonly unknown[])[] {
  if (Array.isArray(value)) return value.flatMap(commands);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    (key === 'command' || key === 'args') && Array.isArray(inner) ? [inner as unknown[]] : commands(inner),
  );
}

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
  {
    invariant: 'I4',
    check: (object, { template, data }) =>
      template === 'service' && canonicalJson(at(object, 'spec', 'selector')) !== canonicalJson(data['selector'])
        ? 'its selector is not exactly one instance'
        : undefined,
  },
  {
    invariant: 'I4',
    check: (object, { template, data }) =>
      template === 'application' &&
      canonicalJson(at(object, 'spec', 'template', 'metadata', 'labels')) !== canonicalJson(data['selector'])
        ? "its pods' labels are not exactly its instance"
        : undefined,
  },
  {
    invariant: 'I5',
    check: (object, { template, data }) =>
      template === 'postgrescluster' &&
      canonicalJson(at(object, 'spec', 'dataSource', 'postgresCluster') ?? null) !==
        canonicalJson(data['dataSource'] ?? null)
        ? 'dataSource is not what the plan says'
        : undefined,
  },
  {
    invariant: 'I5',
    check: (object, { template }) =>
      template === 'postgrescluster' && at(object, 'spec', 'backups', 'pgbackrest', 'restore') !== undefined
        ? 'carries a restore'
        : undefined,
  },
  {
    invariant: 'I6',
    check: ({ metadata: { annotations = {} } }) =>
      ANNOTATION.pgoBackup in annotations ? 'renders a backup request; backups are steps' : undefined,
  },
  {
    invariant: 'I7',
    check: ({ metadata: { annotations = {} } }, { template, labels = {} }) => {
      const kept = template === 'lifecycle' || (template === 'postgrescluster' && labels[LABEL.role] !== 'rehearsal');
      const options = (annotations['argocd.argoproj.io/sync-options'] ?? '').split(',');
      return kept && !(options.includes('Prune=false') && options.includes('Delete=false'))
        ? 'could be pruned or deleted by Argo CD'
        : undefined;
    },
  },
  {
    invariant: 'I8',
    check: (object, { template, data }) =>
      template === 'postgrescluster' &&
      (['global', 'repos', 'manual'] as const).some(
        (field) => canonicalJson(at(object, 'spec', 'backups', 'pgbackrest', field)) !== canonicalJson(data[field]),
      )
        ? 'backup repositories are not what the plan says'
        : undefined,
  },
  {
    invariant: 'I10',
    check: (object, { template, data }) =>
      template === 'role' && canonicalJson(object['rules']) !== canonicalJson(data['rules'])
        ? 'grants other rights than the step needs'
        : undefined,
  },
  {
    invariant: 'I12',
    check: ({ metadata: { annotations = {} } }) =>
      ANNOTATION.breakGlass in annotations ? 'carries the break-glass annotation' : undefined,
  },
  {
    invariant: 'I16',
    check: (object) =>
      commands(object).some(([first]) => typeof first === 'string' && SHELL.test(first)) ? 'runs a shell' : undefined,
  },
];

const nameOf = ({ kind, metadata }: KubernetesObject): string => `${kind} ${metadata.name}`;

/**
 * Every object against every invariant, and no two of one kind and name.
 * @throws InvariantError with all violations
 */
export function checkObjects(objects: readonly KubernetesObject[], parts: readonly Part[], plan: Plan): void {
  const violations = objects.flatMap((object, index) => {
    const part = parts[index];
    if (!part) return [{ invariant: 'I2', object: nameOf(object), problem: 'is not part of the plan' }];
    return CHECKS.flatMap(({ invariant, check }) => {
      const problem = check(object, part, plan);
      return problem === undefined ? [] : [{ invariant, object: nameOf(object), problem }];
    });
  });
  const traffic = objects.filter(({ metadata }) => metadata.labels?.[LABEL.service] === 'traffic');
  const selector = canonicalJson(instanceSelector(plan.lifecycle.metadata.name, plan.serves.name));
  if (traffic.length !== 1 || canonicalJson(at(traffic[0], 'spec', 'selector')) !== selector) {
    violations.push({
      invariant: 'I4',
      object: 'traffic Service',
      problem: 'must be there once and select what serves',
    });
  }
  const seen = new Set<string>();
  for (const object of objects) {
    const key = nameOf(object);
    if (seen.has(key)) violations.push({ invariant: 'I2', object: key, problem: 'is rendered twice' });
    seen.add(key);
  }
  if (violations.length > 0) throw new InvariantError(violations);
}
