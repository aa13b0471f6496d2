import { instanceSelector } from '../../plan/labels.ts';
import type { StepInstance, StepRequest } from '../../plan/step-request.ts';
import { refuse, type StepContext } from '../ports/step.ts';
import { found, seen, waitFor } from '../ports/wait.ts';

/** How long to wait, and what has to hold meanwhile. */
export interface Patience {
  readonly seconds?: number;
  /** Looked at every second: throws when waiting on makes no sense any more. */
  readonly holds?: () => Promise<void>;
}

const READY_SECONDS = 300;
const ENDPOINTS_SECONDS = 60;

/**
 * Brings an instance's Deployment to the replicas that the file asks for, and waits until they are ready. `replicas` is
 * never rendered (ADR 3); between replicas and maxReplicas an autoscaler has its way.
 * @returns the number of replicas.
 */
export async function scaleApplication(
  context: StepContext,
  { application }: StepInstance,
  { seconds = READY_SECONDS, holds = () => Promise.resolve() }: Patience = {},
): Promise<number> {
  const { cluster, request } = context;
  const wait = { what: `application ${application}`, timeoutSeconds: seconds };
  return waitFor(context, wait, async () => {
    await holds();
    const is = await cluster.deployment(application);
    if (is === undefined) return refuse('step-out-of-order', `there is no Deployment ${application}`);
    const wanted = within(is.replicas, request.application);
    if (is.replicas !== wanted) {
      await cluster.scaleDeployment(application, wanted);
      return seen(`scaled from ${is.replicas} to ${wanted}`);
    }
    if (is.readyReplicas >= wanted && is.updatedReplicas >= wanted) return found(wanted);
    return seen(`${Math.min(is.readyReplicas, is.updatedReplicas)} of ${wanted} ready`);
  });
}

/** Asks for the replicas of the file, and waits for none of them. */
export async function startApplication(
  { cluster, request }: StepContext,
  { application }: StepInstance,
): Promise<void> {
  const is = await cluster.deployment(application);
  const wanted = within(is?.replicas ?? 0, request.application);
  if (is !== undefined && is.replicas !== wanted) await cluster.scaleDeployment(application, wanted);
}

function within(current: number, { replicas, maxReplicas = replicas }: StepRequest['application']): number {
  return Math.min(Math.max(current, replicas), Math.max(maxReplicas, replicas));
}

/** Waits until a Service leads to pods of this instance and to no other, and to at least `wanted` of them. */
export async function waitForEndpoints(
  context: StepContext,
  service: string,
  instance: StepInstance,
  wanted: number,
  seconds = ENDPOINTS_SECONDS,
): Promise<void> {
  const { cluster, request } = context;
  const wait = { what: `endpoints of Service ${service}`, timeoutSeconds: seconds };
  await waitFor(context, wait, async () => {
    const pods = await cluster.pods(instanceSelector(request.lifecycle, instance.name));
    const own = new Set(pods.map(({ name }) => name));
    const endpoints = await cluster.endpoints(service);
    const foreign = endpoints.filter((name) => !own.has(name));
    if (foreign.length > 0) return seen(`${foreign.join(', ')} not of ${instance.name}`);
    return endpoints.length < wanted ? seen(`${endpoints.length} of ${wanted} pods`) : found(undefined);
  });
}
