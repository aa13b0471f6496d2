import { APPLICATION_CONTAINER } from '../lifecycle/rules/pod-templates.ts';
import { LABEL, instanceSelector } from '../plan/labels.ts';
import { autoscalerName, userSecret } from '../plan/names.ts';
import type { Plan } from '../plan/plan.ts';
import type { Step } from '../plan/steps.ts';
import type { StepInstance } from '../plan/step-request.ts';
import { bestieParts } from './bestie-parts.ts';
import { databaseEnv } from './database-env.ts';
import type { Part, Patch, RenderParameters, Role } from './part.ts';

interface ApplicationOptions {
  readonly instance: StepInstance;
  readonly role: Role;
  readonly name?: string;
  readonly version?: string;
  readonly selector?: Readonly<Record<string, string>>;
  /** The pod of its migrations: with their patch, too. */
  readonly migrations?: boolean;
}

/** The application's Deployment. `replicas` is not rendered: steps and autoscalers set it. */
export function application(plan: Plan, step: Step, options: ApplicationOptions): Part {
  const { instance, role, name = instance.application, version = instance.version } = options;
  const { application: spec, database } = plan.lifecycle.spec;
  const preview: Patch = {
    at: ['spec', 'template', 'spec'],
    with: { containers: [{ name: APPLICATION_CONTAINER, env: spec.preview.env }] },
  };
  return {
    template: 'application',
    step,
    data: {
      name,
      selector: options.selector ?? instanceSelector(plan.lifecycle.metadata.name, instance.name),
      image: `${spec.image}:${version}`,
      env: databaseEnv(userSecret(instance.cluster, database.user)),
      port: spec.port,
      readinessPath: spec.readinessPath,
    },
    patches: [
      { at: ['spec', 'template'], with: spec.podTemplate },
      ...(options.migrations === true ? [{ at: ['spec', 'template'], with: spec.migrations?.podTemplate ?? {} }] : []),
      // Last: what is switched off in a preview stays off.
      ...(isPreview(plan, role) && spec.preview.env.length > 0 ? [preview] : []),
    ],
    labels: { [LABEL.instance]: instance.name, [LABEL.role]: role },
  };
}

/** Workers off, no mails: where nobody is to be served. */
const isPreview = ({ kind }: Plan, role: Role): boolean =>
  role === 'rehearsal' || (role === 'restored' && kind === 'RestoreBeside');

/** An instance's internal Service: the preview of green, and how its own pods are reached. */
export function internalService(plan: Plan, step: Step, instance: StepInstance): Part {
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

/**
 * The autoscaler between replicas and maxReplicas. It leaves a Deployment at 0 alone, as blue's is after the commit. The
 * Bestie operator scales a Deployment to `size` where it finds no <cr>-hpa; so with kind Bestie there always is one, or
 * blue would be scaled up again. The metric is the container's: Argo CD calls an autoscaler Degraded that cannot read the
 * pods' (reason FailedGetResourceMetric), as on a cluster without a metrics server.
 */
export function autoscaler(plan: Plan, step: Step, instance: StepInstance): readonly Part[] {
  const { kind, replicas, maxReplicas = kind === 'Bestie' ? replicas : undefined } = plan.lifecycle.spec.application;
  if (maxReplicas === undefined) return [];
  const data = { name: autoscalerName(instance.name), application: instance.application, replicas, maxReplicas };
  return [{ template: 'autoscaler', step, data, labels: { [LABEL.instance]: instance.name } }];
}

interface ServingOptions {
  readonly plan: Plan;
  readonly step: Step;
  readonly instance: StepInstance;
  readonly role: Role;
  readonly parameters: RenderParameters;
}

/** An instance that serves or is to serve. */
export function servingApplication({ plan, step, instance, role, parameters }: ServingOptions): readonly Part[] {
  return [
    application(plan, step, { instance, role }),
    internalService(plan, step, instance),
    ...bestieParts(plan, step, instance, parameters),
  ];
}
