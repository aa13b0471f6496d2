import { accessRules } from '../plan/access.ts';
import { LABEL, instanceSelector } from '../plan/labels.ts';
import { userSecret } from '../plan/names.ts';
import { stepRequest, type Plan } from '../plan/plan.ts';
import type { Step, StepName } from '../plan/steps.ts';
import type { StepInstance } from '../plan/step-request.ts';
import { databaseEnv } from './database-env.ts';
import { clusterData } from './postgres-cluster.ts';
import { jobData, keeperData, migrateData, type StepParameters } from './step-data.ts';
import type { TemplateName } from './templates.ts';

/** One object to be rendered: which template with which data, where in the plan. */
export interface Part {
  readonly template: TemplateName;
  readonly step: Step;
  readonly data: Readonly<Record<string, unknown>>;
  /** Merge patch of the lifecycle file, and the field that it goes to. */
  readonly patch?: { readonly at: readonly string[]; readonly with: unknown };
  readonly labels?: Readonly<Record<string, string>>;
  /** The name ends with a hash of the object's own spec. */
  readonly hashedName?: boolean;
}

/** The objects of a plan, in the order of its steps. */
export function partsOf(plan: Plan, parameters: StepParameters): readonly Part[] {
  return plan.steps.flatMap((step) => BUILDERS[step.name](plan, step, parameters));
}

type Builder = (plan: Plan, step: Step, parameters: StepParameters) => readonly Part[];

const job: Builder = (plan, step, parameters) => [
  {
    template: 'job',
    step,
    data: jobData(plan, step, parameters),
    labels: { [LABEL.step]: step.name, [LABEL.digest]: plan.digest },
    hashedName: true,
  },
];

function cluster(plan: Plan, step: Step, instance: StepInstance, role: 'blue' | 'green' | 'rehearsal'): Part {
  const { spec } = plan.lifecycle;
  const source =
    role === 'blue' ? undefined : { cluster: plan.blue.cluster, restorePoint: stepRequest(plan).restorePoint };
  return {
    template: 'postgrescluster',
    step,
    data: clusterData(spec, { instance, attempt: spec.green?.attempt ?? 1, ...(source ? { source } : {}) }),
    patch: { at: ['spec'], with: spec.database.spec },
    labels: {
      [LABEL.instance]: instance.name,
      [LABEL.role]: role,
      ...(role === 'blue' ? {} : { [LABEL.digest]: plan.digest }),
    },
  };
}

interface ApplicationOptions {
  readonly instance: StepInstance;
  readonly role: 'blue' | 'green' | 'rehearsal';
  readonly name?: string;
  readonly version?: string;
  readonly selector?: Readonly<Record<string, string>>;
}

function application(plan: Plan, step: Step, options: ApplicationOptions): Part {
  const { instance, role, name = instance.application, version = instance.version } = options;
  const { application: spec, database } = plan.lifecycle.spec;
  const selector = options.selector ?? instanceSelector(plan.lifecycle.metadata.name, instance.name);
  return {
    template: 'application',
    step,
    data: {
      name,
      selector,
      image: `${spec.image}:${version}`,
      env: [
        ...databaseEnv(userSecret(instance.cluster, database.user)),
        ...(role === 'rehearsal' ? spec.preview.env : []),
      ],
      port: spec.port,
      readinessPath: spec.readinessPath,
    },
    patch: { at: ['spec', 'template'], with: spec.podTemplate },
    labels: { [LABEL.instance]: instance.name, [LABEL.role]: role },
  };
}

/** An instance's internal Service: the preview of green, and how its own pods are reached. */
function internalService(plan: Plan, step: Step, instance: StepInstance): Part {
  return {
    template: 'service',
    step,
    data: {
      name: instance.service,
      selector: instanceSelector(plan.lifecycle.metadata.name, instance.name),
      port: plan.lifecycle.spec.traffic.port,
    },
    labels: { [LABEL.instance]: instance.name, [LABEL.service]: 'internal' },
  };
}

function bestie(plan: Plan, step: Step, instance: StepInstance): readonly Part[] {
  const { application: spec } = plan.lifecycle.spec;
  if (spec.kind !== 'Bestie') return [];
  const data = {
    name: instance.name,
    size: spec.replicas,
    image: spec.image,
    version: instance.version,
    maxReplicas: spec.maxReplicas ?? spec.replicas,
  };
  return [{ template: 'bestie', step, data, labels: { [LABEL.instance]: instance.name } }];
}

function servingApplication(plan: Plan, step: Step, instance: StepInstance, role: 'blue' | 'green'): readonly Part[] {
  return [
    application(plan, step, { instance, role }),
    internalService(plan, step, instance),
    ...bestie(plan, step, instance),
  ];
}

const access: Builder = (plan, step) => {
  const { metadata, spec } = plan.lifecycle;
  const commands = plan.steps.map(({ command }) => command).filter((command) => command !== undefined);
  const accounts = commands.flatMap((command): Part[] => {
    const name = `${metadata.name}-${command}`;
    return [
      { template: 'serviceaccount', step, data: { name } },
      { template: 'role', step, data: { name, rules: accessRules(plan, command) } },
      { template: 'rolebinding', step, data: { name } },
    ];
  });
  const own = { name: metadata.name, labels: metadata.labels ?? {}, annotations: metadata.annotations ?? {}, spec };
  return [
    ...accounts,
    // The digest makes a commit that changes nothing but hooks visible in Argo CD's diff: hooks alone never start a sync.
    { template: 'lifecycle', step, data: own, labels: { [LABEL.digest]: plan.digest } },
  ];
};

const greenOf = ({ green }: Plan): StepInstance => {
  if (!green) throw new Error('a plan at rest has no green');
  return green;
};

const BUILDERS: Readonly<Record<StepName, Builder>> = {
  access,
  database: (plan, step) => [cluster(plan, step, plan.blue, 'blue')],
  blue: (plan, step) => [cluster(plan, step, plan.blue, 'blue'), ...servingApplication(plan, step, plan.blue, 'blue')],
  preflight: job,
  backup: job,
  'restore-point': job,
  fence: (plan, step, parameters) => [
    { template: 'keeper', step, data: keeperData(plan, step, parameters), labels: { [LABEL.step]: step.name } },
  ],
  'green-database': (plan, step) => [
    cluster(plan, step, greenOf(plan), plan.kind === 'Prepare' ? 'rehearsal' : 'green'),
  ],
  verify: job,
  'rehearse-blue': (plan, step) => {
    const instance = greenOf(plan);
    const selector = { ...instanceSelector(plan.lifecycle.metadata.name, `${instance.name}-blue`) };
    const name = `${instance.name}-blue-app`;
    return [application(plan, step, { instance, role: 'rehearsal', name, version: plan.blue.version, selector })];
  },
  migrate: (plan, step, parameters) => [
    {
      template: 'migrate',
      step,
      data: migrateData(plan, step, parameters),
      labels: { [LABEL.step]: step.name, [LABEL.digest]: plan.digest },
      hashedName: true,
    },
  ],
  application: (plan, step) => {
    if (plan.kind === 'AtRest') return servingApplication(plan, step, plan.blue, 'blue');
    const instance = greenOf(plan);
    if (plan.kind === 'Switch') return servingApplication(plan, step, instance, 'green');
    return [application(plan, step, { instance, role: 'rehearsal' }), internalService(plan, step, instance)];
  },
  smoke: job,
  commit: job,
  traffic: (plan, step) => [
    {
      template: 'service',
      step,
      data: {
        name: plan.lifecycle.spec.traffic.service,
        selector: instanceSelector(plan.lifecycle.metadata.name, plan.serves.name),
        port: plan.lifecycle.spec.traffic.port,
      },
      labels: { [LABEL.service]: 'traffic' },
    },
  ],
  confirm: job,
  abort: job,
};
