import { LifecycleError } from '../../errors/errors.ts';
import type { StepRecord } from '../../lifecycle/status.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import type { Clock, Cluster, Ledger, Progress } from './ports.ts';

/** What a step proved: small, flat, no secrets. Durations are seconds. */
export type Evidence = NonNullable<StepRecord['evidence']>;

/** Everything a step may touch. */
export interface StepContext {
  readonly request: StepRequest;
  /** Of the step's pod. */
  readonly namespace: string;
  readonly ledger: Ledger;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly progress: Progress;
  /** Folder of the mounted Secrets: SECRETS_ROOT in a pod. */
  readonly secrets: string;
  /** Aborted when the pod is asked to end (SIGTERM). */
  readonly signal: AbortSignal;
}

/**
 * A step: checks its own preconditions, acts idempotently, checks the effect, returns the evidence. The runner has
 * looked into the ledger before (a step that is done is not run again) and writes the evidence afterwards.
 * @throws LifecycleError; its code and text become the ledger's reason.
 */
export type RunStep = (context: StepContext) => Promise<Evidence>;

export function refuse(...[code, detail]: ConstructorParameters<typeof LifecycleError>): never {
  throw new LifecycleError(code, detail);
}
