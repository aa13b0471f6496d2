import { LABEL, instanceSelector } from '../../plan/labels.ts';
import type { StepContext } from '../ports/step.ts';

/** Clients off: the Service selects, besides the instance, a label that no pod has. @param restore the id for which. */
export async function trafficOff({ cluster, request }: StepContext, restore: string): Promise<void> {
  const { blue, lifecycle, traffic } = request;
  const selector = { ...instanceSelector(lifecycle, blue.name), [LABEL.paused]: restore };
  await cluster.setServiceSelector(traffic.service, selector);
}

/** Clients as before. A Service that is not off is left alone. */
export async function trafficOn({ cluster, request }: StepContext): Promise<void> {
  const { blue, lifecycle, traffic } = request;
  const selector = await cluster.serviceSelector(traffic.service);
  if (selector === undefined || !(LABEL.paused in selector)) return;
  await cluster.setServiceSelector(traffic.service, instanceSelector(lifecycle, blue.name));
}
