import { APPLICATION_CONTAINER } from '../lifecycle/rules/pod-templates.ts';
import type { KubernetesObject } from './kubernetes-object.ts';
import { list, record, type Fields } from './look.ts';

/** The container that runs the migration in the application's place. */
export const MIGRATE = 'migrate';

/**
 * What a migration must not have of the application's pod. Everything else it has: pull secrets, variables, volumes, node
 * selection, security contexts, resources, and fields that Kubernetes does not have yet.
 */
const NEVER_IN_POD: readonly string[] = [
  // Another container's process shows its files, and so the token of the steps.
  'shareProcessNamespace',
  'hostPID',
  // They tell when and where an application may take part, and a migration is alone.
  'readinessGates',
  'topologySpreadConstraints',
];
const NEVER_IN_CONTAINER: readonly string[] = [
  // The command is the migration's.
  'command',
  'args',
  // It ends; nobody asks it anything.
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
  'ports',
  // Not allowed in an init container.
  'resizePolicy',
  'restartPolicyRules',
];

/**
 * Lays a migration's Job over the application's pod: the same pod with another command. The application's init containers
 * come first, native sidecars among them, then the guard, then the migration, so that nothing of the application stands
 * between the record "started" and the migration. Its other containers are left out: they would keep the Job from ending.
 * @throws Error when the application's object holds no container of that name
 */
export function overApplicationPod(job: KubernetesObject, application: KubernetesObject): KubernetesObject {
  const spec = record(job['spec']);
  const own = record(spec['template']);
  const from = record(record(application['spec'])['template']);
  const metadata = { ...record(own['metadata']), ...annotations(from, own) };
  const template = { ...own, metadata, spec: pod(record(own['spec']), record(from['spec'])) };
  return { ...job, spec: { ...spec, template } };
}

function annotations(from: Fields, own: Fields): Fields {
  const both = [from, own].map((template) => record(record(template['metadata'])['annotations']));
  const merged = Object.assign({}, ...both) as Fields;
  return Object.keys(merged).length > 0 ? { annotations: merged } : {};
}

function pod(own: Fields, from: Fields): Fields {
  const { containers, initContainers, volumes, ...rest } = from;
  const application = list(containers).find(({ name }) => name === APPLICATION_CONTAINER);
  if (!application) throw new Error(`the application's pod has no container named ${APPLICATION_CONTAINER}`);
  const ours = list(own['initContainers']).map((each) =>
    each['name'] === MIGRATE ? overContainer(each, application) : each,
  );
  return {
    ...without(rest, NEVER_IN_POD),
    ...own,
    initContainers: [...list(initContainers), ...ours],
    volumes: [...list(volumes), ...list(own['volumes'])],
  };
}

function overContainer(own: Fields, application: Fields): Fields {
  return {
    ...without(application, NEVER_IN_CONTAINER),
    ...own,
    volumeMounts: [...list(application['volumeMounts']), ...list(own['volumeMounts'])],
  };
}

const without = (fields: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
