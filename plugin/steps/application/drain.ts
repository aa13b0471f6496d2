import { instanceSelector } from '../../plan/labels.ts';
import { waitFor } from '../../postgres/wait.ts';
import type { StepContext } from '../ports/step.ts';

/** A commit keeps green read-only for at most so long until blue's application has ended (ADR 10). */
export const HOLD_SECONDS = 10;

/**
 * Scales an application to 0, because a Service's selector does not cut connections that are kept alive; waits until the
 * instance's pods have ended, at most so long.
 */
export async function drain(
  { cluster, clock, progress, request }: StepContext,
  { instance, application }: { readonly instance: string; readonly application: string },
  seconds: number,
): Promise<void> {
  const deployment = await cluster.deployment(application);
  if (deployment && deployment.replicas > 0) await cluster.scaleDeployment(application, 0);
  await waitFor(
    `waiting for the pods of ${application} to end`,
    async () => ((await cluster.pods(instanceSelector(request.lifecycle, instance))).length === 0 ? true : undefined),
    {
      clock,
      seconds,
      report: progress.report,
    },
  );
}
