import { LABEL, instanceSelector } from '../plan/labels.ts';
import { bestieOperands } from '../plan/names.ts';
import type { Plan } from '../plan/plan.ts';
import type { Step } from '../plan/steps.ts';
import type { StepInstance } from '../plan/step-request.ts';
import type { Part, RenderParameters } from './part.ts';
import { migratedData } from './step-data.ts';

const MONITORING = 'monitoring.coreos.com/v1';

/** KUBE_API_VERSIONS lists both groups with versions and those with kinds. */
const serves = ({ apiVersions }: RenderParameters, version: string): boolean =>
  apiVersions.some((each) => each === version || each.startsWith(`${version}/`));

/**
 * The Bestie object and those of its operands that no other kind needs. Its operator creates missing operands under
 * fixed names, so that a second Bestie never converges, but adopts those that it finds under <cr>-… (facts of the operator:
 * it goes on to the Ingress only where the ServiceMonitor API is served).
 */
export function bestieParts(
  plan: Plan,
  step: Step,
  instance: StepInstance,
  parameters: RenderParameters,
): readonly Part[] {
  const { application: spec } = plan.lifecycle.spec;
  if (spec.kind !== 'Bestie') return [];
  const names = bestieOperands(instance.name);
  const labels = { [LABEL.instance]: instance.name };
  const data = {
    name: instance.name,
    size: spec.replicas,
    image: spec.image,
    version: instance.version,
    maxReplicas: spec.maxReplicas ?? spec.replicas,
  };
  const monitored: readonly Part[] = [
    {
      template: 'servicemonitor',
      step,
      data: {
        name: names.serviceMonitor,
        selector: { ...instanceSelector(plan.lifecycle.metadata.name, instance.name), [LABEL.service]: 'internal' },
      },
      labels,
    },
    // Traffic past the Service would be traffic past the flip: a class that no controller has, a host that no one reaches.
    {
      template: 'ingress',
      step,
      data: { name: names.ingress, host: `${instance.name}.invalid` },
      labels: { ...labels, [LABEL.service]: 'none' },
    },
  ];
  return [
    { template: 'job', step, data: migratedData(plan, step, instance, parameters), labels, replaced: true },
    { template: 'bestie', step, data, labels },
    ...(serves(parameters, MONITORING) ? monitored : []),
  ];
}
