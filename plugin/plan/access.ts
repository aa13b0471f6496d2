import { rehearsedBlue } from './names.ts';
import { switchedTo, type Plan } from './plan.ts';
import { isBeside, type StepCommand } from './steps.ts';
import type { StepInstance } from './step-request.ts';

/** A rule of an RBAC Role. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

const PGO = 'postgres-operator.crunchydata.com';

const rule = (
  group: string,
  resource: string,
  verbs: readonly string[],
  resourceNames?: readonly (string | undefined)[],
): Rule => ({
  apiGroups: [group],
  resources: [resource],
  verbs,
  ...(resourceNames ? { resourceNames: resourceNames.filter((name) => name !== undefined) } : {}),
});

/**
 * What a step may do in its own namespace, and nothing more. Names are given wherever they can be known beforehand;
 * lists cannot be limited by name in RBAC.
 */
export function accessRules(plan: Plan, command: StepCommand): readonly Rule[] {
  const { blue, green, lifecycle } = plan;
  const name = lifecycle.metadata.name;
  const service = lifecycle.spec.traffic.service;
  const ledger = [
    rule('lifecycle.bestie.com', 'lifecycles', ['get'], [name]),
    rule('lifecycle.bestie.com', 'lifecycles/status', ['get', 'update'], [name]),
    // What changes there is told as Events of the Lifecycle.
    rule('', 'events', ['create']),
  ];
  const clusters = (verbs: readonly string[], ...names: (string | undefined)[]): Rule =>
    rule(PGO, 'postgresclusters', verbs, names);
  // Empties the revision of the users, so that the operator writes them again.
  const reapplyUsers = rule(PGO, 'postgresclusters/status', ['patch'], [blue.cluster]);
  const list = (group: string, resource: string): Rule => rule(group, resource, ['list']);
  const scale = (deployment: string | undefined): Rule[] => [
    rule('apps', 'deployments', ['get'], [deployment]),
    rule('apps', 'deployments/scale', ['get', 'patch'], [deployment]),
  ];
  const windowOf = (to: StepInstance | undefined): Rule[] => [
    clusters(['get', 'patch'], blue.cluster, to?.cluster),
    rule('', 'services', ['get', 'patch'], [service]),
    ...scale(blue.application),
    ...scale(to?.application),
    // An abort ends a migration whose database it cannot close. Its Job's name is a hash.
    rule('batch', 'jobs', ['list', 'delete']),
    list('', 'pods'),
    list('discovery.k8s.io', 'endpointslices'),
  ];
  const window = windowOf(green);
  // Why the operator's restore Job failed says only its log; its pods' names are not known beforehand.
  const jobLog = [list('', 'pods'), rule('', 'pods/log', ['get'])];
  const paused = [rule('', 'services', ['get', 'patch'], [service]), ...scale(blue.application), list('', 'pods')];
  const rehearsed = plan.kind === 'Prepare' && green ? scale(rehearsedBlue(green.name).application) : [];
  const rules: Readonly<Record<StepCommand, readonly Rule[]>> = {
    preflight: [
      // It finishes what a window left, another attempt's too; in a rehearsal the file's green is not the plan's.
      ...windowOf(switchedTo(plan)),
      ...(plan.kind === 'Switch'
        ? [clusters(['delete'], green?.cluster), rule('apps', 'deployments', ['delete'], [green?.application])]
        : []),
      list('', 'persistentvolumeclaims'),
    ],
    backup: [clusters(['get', 'patch'], blue.cluster), list('', 'pods'), list('batch', 'jobs')],
    'restore-point': [clusters(['get'], blue.cluster)],
    keeper: window,
    verify: [
      clusters(['get'], blue.cluster, green?.cluster),
      ...(plan.kind === 'Restore' ? [reapplyUsers] : []),
      // Takes the source of a finished clone off.
      ...(isBeside(plan.kind) ? [clusters(['patch'], green?.cluster)] : []),
    ],
    migrate: green ? [...rehearsed, list('', 'pods')] : [],
    migrated: [],
    smoke: [...scale((green ?? blue).application), list('', 'pods'), list('discovery.k8s.io', 'endpointslices')],
    commit: window,
    confirm: [
      clusters(['get', 'patch'], blue.cluster, green?.cluster),
      // To take expired break-glass annotations off; a switch's Service is led to green besides.
      rule('lifecycle.bestie.com', 'lifecycles', ['patch'], [name]),
      rule('', 'services', ['get', 'patch'], [service]),
      ...scale(plan.serves.application),
      ...rehearsed,
      list('', 'pods'),
      list('', 'persistentvolumeclaims'),
      list('batch', 'jobs'),
      list('discovery.k8s.io', 'endpointslices'),
    ],
    abort: window,
    pause: [...paused, clusters(['get'], blue.cluster), list('batch', 'jobs')],
    restore: [clusters(['get', 'patch'], blue.cluster), list('batch', 'jobs'), ...jobLog],
    resume: [...paused, clusters(['get'], blue.cluster)],
    guard: [],
    clone: [
      // The policy lets it make one, under the name of this plan's restore, once.
      rule(PGO, 'postgresclusters', ['create']),
      // What one that failed has left under its name is removed.
      clusters(['get', 'patch', 'delete'], green?.cluster),
      list('', 'persistentvolumeclaims'),
    ],
    cloned: [clusters(['get', 'patch'], green?.cluster), ...jobLog],
    promote: [
      ...paused,
      clusters(['get'], blue.cluster, green?.cluster),
      list('', 'persistentvolumeclaims'),
      list('discovery.k8s.io', 'endpointslices'),
    ],
    'open-window': [...window, list('', 'persistentvolumeclaims')],
  };
  // An empty list of names would mean every name.
  return [...ledger, ...rules[command]].filter(({ resourceNames }) => resourceNames?.length !== 0);
}
