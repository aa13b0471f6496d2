import { LABEL, instanceSelector } from '../../plan/labels.ts';
import type { StepContext } from '../ports/step.ts';

/** Clients off: the Service selects, besides the instance, a label that no pod has. @param restore the id for which. */
export async function trafficOff({ cluster, request }: StepContext, restore: string): Promise<void> {
  const { blue, lifecycle, traffic } = request;
  const selector = { ...instanceSelector(lifecycle, blue.name), [LABEL.paused]: restore };
  await cluster.setServiceSelector(traffic.service, selector);
}

export async function isTrafficOff({ cluster, request }: StepContext): Promise<boolean> {
  const selector = await cluster.serviceSelector(request.traffic.service);
  return selector !== undefined && LABEL.paused in selector;
}

/** Clients as before. A Service that is not off is left alone. */
export async function trafficOn(context: StepContext): Promise<void> {
  if (!(await isTrafficOff(context))) return;
  const { cluster, request } = context;
  const { blue, lifecycle, traffic } = request;
  await cluster.setServiceSelector(traffic.service, instanceSelector(lifecycle, blue.name));
}
