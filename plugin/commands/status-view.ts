import { z } from 'zod';
import { LifecycleError } from '../errors/errors.ts';
import { lifecycleSchema } from '../lifecycle/schema.ts';
import { statusSchema, type CloneRecord, type Decision, type RestoreRecord, type Status } from '../lifecycle/status.ts';
import { ANNOTATION } from '../plan/labels.ts';
import { buildPlan, stepRequest, type Plan } from '../plan/plan.ts';
import type { StepRequest } from '../plan/step-request.ts';
import type { StepName, Wave } from '../plan/steps.ts';
import type { Evidence } from '../steps/ports/step.ts';
import { areClientsOff } from '../steps/ledger/clients-off.ts';
import { recordName, recordOf } from '../steps/ledger/step-records.ts';

/** What the cluster says of a lifecycle, for people and for programs. Durations are seconds. */
export interface StatusView {
  readonly lifecycle: string;
  readonly namespace: string;
  readonly plan: Plan['kind'];
  readonly digest: string;
  readonly phase?: string;
  readonly message?: string;
  readonly serving?: { readonly instance: string; readonly version: string; readonly since: string };
  readonly awaitingApproval?: string;
  /** Only of a plan with a window that has opened one. */
  readonly window?: WindowStatus;
  /** Only of a restore in place. */
  readonly restore?: RestoreStatus;
  /** Only of a restore beside. */
  readonly beside?: CloneStatus;
  readonly steps: readonly StepStatus[];
  readonly brokenGlass: NonNullable<Status['brokenGlass']>;
}
export interface StepStatus {
  readonly wave: Wave;
  readonly step: StepName;
  /** Absent where only manifests are applied, which leave no record. */
  readonly state?: 'Waiting' | 'Started' | 'Done' | 'Failed';
  readonly startedAt?: string;
  /** Of one that has started: until now. */
  readonly seconds?: number;
  readonly reason?: string;
  readonly evidence?: Evidence;
}
type WindowStatus = Pick<Decision, 'state' | 'attempt' | 'blue' | 'green' | 'reason' | 'lostWrites'> & {
  readonly budgetSeconds: number;
  /** From the fence until now, or until clients could write again. */
  readonly seconds: number | undefined;
  readonly parts: Decision['window'];
};
type RestoreStatus = Pick<
  RestoreRecord,
  'id' | 'state' | 'target' | 'approvedBy' | 'pullRequest' | 'reason' | 'clientsOffAt' | 'clientsBackAt'
>;

type CloneStatus = Pick<CloneRecord, (typeof CLONE_FIELDS)[number]>;
const CLONE_FIELDS = [
  'id',
  'state',
  'instance',
  'source',
  'target',
  'approvedBy',
  'pullRequest',
  'reason',
  'givenUpUntil',
  'givenUpTransactions',
  'givenUpRows',
  'givenUpRowsUnknown',
] as const;

/** The Lifecycle as a sync has applied it: the file, what Kubernetes adds to it, and the ledger. */
const objectSchema = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: lifecycleSchema.shape.spec,
  status: statusSchema.default({}),
});

export type LifecycleObject = z.output<typeof objectSchema>;

/** @throws LifecycleError ledger-unreadable where the object is of another version of the plugin. */
export function lifecycleObject(object: unknown): LifecycleObject {
  const { data, error } = objectSchema.safeParse(object);
  if (data) return data;
  throw new LifecycleError('ledger-unreadable', z.prettifyError(error).replaceAll('\n', ' '));
}

/**
 * @param now without it nothing is told that changes by the clock alone
 * @throws LifecycleError ledger-unreadable where the object is of another version of the plugin.
 */
export function statusView(object: unknown, now?: Date): StatusView {
  const { metadata, spec, status } = lifecycleObject(object);
  const { apiVersion, kind } = lifecycleSchema.shape;
  const plan = buildPlan({ apiVersion: apiVersion.value, kind: kind.value, metadata: { name: metadata.name }, spec });
  const request = stepRequest(plan);
  const { phase, message, serving, brokenGlass = [], decision, restores = [], clones = [] } = status;
  const awaitingApproval = metadata.annotations[ANNOTATION.awaitingApproval];
  // One for which clients are off counts also where the file says nothing of it any more.
  const restore = restores.find(({ id }) => id === spec.restore?.id) ?? restores.findLast(areClientsOff);
  const beside = clones.find(({ id }) => id === spec.restore?.id);
  return {
    lifecycle: metadata.name,
    namespace: metadata.namespace,
    plan: plan.kind,
    digest: plan.digest,
    ...(phase !== undefined && { phase }),
    ...(message !== undefined && { message }),
    ...(serving && { serving: { instance: serving.instance, version: serving.version, since: serving.since } }),
    ...(awaitingApproval !== undefined && { awaitingApproval }),
    ...(decision && decision.digest === plan.digest && { window: windowStatus(decision, request, now) }),
    ...(restore && { restore: restoreStatus(restore) }),
    ...(beside && { beside: cloneStatus(beside) }),
    steps: plan.steps.flatMap((step) => stepStatus(status, request, step, now)),
    brokenGlass,
  };
}

/** What a failure would run stands there only when it ran. */
function stepStatus(
  status: Status,
  request: StepRequest,
  step: Plan['steps'][number],
  now?: Date,
): readonly StepStatus[] {
  const { wave, name, command } = step;
  if (command === undefined) return [{ wave, step: name }];
  const record = recordOf(status, request.digest, recordName(request, command));
  if (!record) return wave === 'SyncFail' ? [] : [{ wave, step: name, state: 'Waiting' }];
  const { state, startedAt, reason, evidence } = record;
  const seconds = state === 'Started' ? since(startedAt, now) : record.seconds;
  return [
    {
      wave,
      step: name,
      state,
      startedAt,
      ...(seconds !== undefined && { seconds }),
      ...(state === 'Failed' && reason !== undefined && { reason }),
      ...(evidence && { evidence }),
    },
  ];
}

function windowStatus(decision: Decision, { windowBudgetSeconds }: StepRequest, now?: Date): WindowStatus {
  const { state, attempt, blue, green, reason, lostWrites, fencedAt, windowSeconds, window: parts } = decision;
  const seconds = windowSeconds ?? since(fencedAt, now);
  return { state, attempt, blue, green, budgetSeconds: windowBudgetSeconds, seconds, parts, reason, lostWrites };
}

function restoreStatus(record: RestoreRecord): RestoreStatus {
  const { id, state, target, approvedBy, pullRequest, reason, clientsOffAt, clientsBackAt } = record;
  return { id, state, target, approvedBy, pullRequest, reason, clientsOffAt, clientsBackAt };
}

const cloneStatus = (record: CloneRecord): CloneStatus =>
  Object.fromEntries(CLONE_FIELDS.map((field) => [field, record[field]])) as CloneStatus;

/** Two clocks: never less than nothing. */
const since = (from: string | undefined, now: Date | undefined): number | undefined =>
  from === undefined || now === undefined
    ? undefined
    : Math.max(0, Math.round((now.getTime() - Date.parse(from)) / 100) / 10);
