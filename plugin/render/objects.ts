import { LABEL, instanceSelector } from '../plan/labels.ts';
import { rehearsedBlue } from '../plan/names.ts';
import type { Plan } from '../plan/plan.ts';
import { isBeside, movesTraffic, type Step, type StepName } from '../plan/steps.ts';
import type { StepInstance } from '../plan/step-request.ts';
import { access } from './access-parts.ts';
import { application, autoscaler, internalService, servingApplication } from './application-parts.ts';
import { clonePart, clusterPart } from './cluster-part.ts';
import type { Builder, Part, RenderParameters } from './part.ts';
import { jobData, keeperData, migrateData } from './step-data.ts';

/** The objects of a plan, in the order of its steps. */
export function partsOf(plan: Plan, parameters: RenderParameters): readonly Part[] {
  return plan.steps.flatMap((step) => BUILDERS[step.name](plan, step, parameters));
}

const job: Builder = (plan, step, parameters) => [
  {
    template: 'job',
    step,
    data: jobData(plan, step, parameters),
    labels: { [LABEL.step]: step.name, [LABEL.digest]: plan.digest },
    hashedName: true,
  },
];

/** The application whose pod runs the migrations: green's as it will be, or in a rehearsal is; at rest blue's. */
function migrating(plan: Plan, step: Step): Part {
  const [instance, role] = plan.green ? ([plan.green, roleOfGreen(plan)] as const) : ([plan.blue, 'blue'] as const);
  return application(plan, step, { instance, role, migrations: true });
}

function roleOfGreen({ kind }: Plan): 'green' | 'rehearsal' | 'restored' {
  if (isBeside(kind)) return 'restored';
  return kind === 'Prepare' ? 'rehearsal' : 'green';
}

const greenCluster: Builder = (plan, step) => [clusterPart(plan, step, greenOf(plan), roleOfGreen(plan))];

const greenOf = ({ green }: Plan): StepInstance => {
  if (!green) throw new Error('this plan has no green');
  return green;
};

const blueApplication: Builder = (plan, step, parameters) => [
  ...servingApplication({ plan, step, instance: plan.blue, role: 'blue', parameters }),
  ...autoscaler(plan, step, plan.blue),
];

const BUILDERS: Readonly<Record<StepName, Builder>> = {
  access,
  database: (plan, step) => [clusterPart(plan, step, plan.blue, 'blue')],
  blue: (plan, step, parameters) => [
    clusterPart(plan, step, plan.blue, 'blue'),
    ...blueApplication(plan, step, parameters),
  ],
  'blue-application': blueApplication,
  preflight: job,
  backup: job,
  'restore-point': job,
  fence: (plan, step, parameters) => [
    {
      template: 'keeper',
      step,
      data: keeperData(plan, step, parameters),
      labels: { [LABEL.step]: step.name, [LABEL.digest]: plan.digest },
    },
  ],
  'green-database': greenCluster,
  verify: job,
  'rehearse-blue': (plan, step) => {
    const instance = greenOf(plan);
    const blue = rehearsedBlue(instance.name);
    const selector = instanceSelector(plan.lifecycle.metadata.name, blue.instance);
    const { version } = plan.blue;
    return [application(plan, step, { instance, role: 'rehearsal', name: blue.application, version, selector })];
  },
  migrate: (plan, step, parameters) => [
    {
      template: 'migrate',
      step,
      data: migrateData(plan, step, parameters),
      labels: { [LABEL.step]: step.name, [LABEL.digest]: plan.digest },
      application: migrating(plan, step),
      hashedName: true,
    },
  ],
  application: (plan, step, parameters) => {
    if (!plan.green || movesTraffic(plan.kind)) {
      const role = plan.green ? roleOfGreen(plan) : 'blue';
      return servingApplication({ plan, step, instance: plan.serves, role, parameters });
    }
    const instance = plan.green;
    return [application(plan, step, { instance, role: roleOfGreen(plan) }), internalService(plan, step, instance)];
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
    // In Prepare and in blue's own wave it is there already; for green it would cost its first 15 s inside the window.
    ...(plan.green && !movesTraffic(plan.kind) ? [] : autoscaler(plan, step, plan.serves)),
  ],
  confirm: job,
  abort: job,
  pause: job,
  restore: job,
  resume: job,
  guard: job,
  clone: (plan, step, parameters) =>
    job(plan, step, parameters).map((part) => ({
      ...part,
      creates: clonePart(plan, step, greenOf(plan)),
    })),
  'restored-database': (plan, step, parameters) => [
    ...job(plan, step, parameters),
    ...greenCluster(plan, step, parameters),
  ],
  preview: job,
  previewed: job,
  'open-window': job,
  promote: job,
};
