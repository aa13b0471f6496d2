import type { Lifecycle } from '../lifecycle/model.ts';
import type { CloneRecord, Rehearsal, Status } from '../lifecycle/status.ts';
import { buildPlan, type Plan } from '../plan/plan.ts';
import { decides, isBeside, type StepName, type Wave } from '../plan/steps.ts';
import type { RenderedObject } from '../render/render.ts';
import { stepRequest } from '../plan/plan.ts';
import { approvalDigest } from '../plan/approval-digest.ts';
import { requestOf } from '../plan/approved.ts';
import { cloneOf } from '../steps/beside/clone-records.ts';
import { recordName, recordOf } from '../steps/ledger/step-records.ts';
import { restoreOf } from '../steps/restore/restore-records.ts';
import { wantedRestore } from '../steps/restore/wanted-restore.ts';
import type { Verdict } from './verdict.ts';

/** A plan as people and pull requests read it. Durations are seconds. */
export interface PlanView {
  readonly lifecycle: string;
  readonly plan: Plan['kind'];
  readonly digest: string;
  readonly blue: InstanceView;
  readonly green?: InstanceView;
  readonly serves: string;
  readonly steps: readonly StepView[];
  /** Only for plans with a window. */
  readonly window?: WindowView;
  /** Only of a restore. */
  readonly restore?: RestoreView;
  readonly serving?: string;
  readonly message?: string;
}
interface RestoreView {
  readonly id: string;
  readonly repository: string;
  /** In words: `time 2026-11-22T10:00:00Z`. */
  readonly target: string;
  readonly applicationVersion: string;
  /** The instance that a restore beside brings; absent of one in place. */
  readonly beside?: string;
  /** How long the repository keeps the way back, as its policy in the file says. */
  readonly keeps: string;
  readonly approval: ApprovalView;
  /** From the saved status: how far it is, and from when to when data was given up, in how many transactions. */
  readonly state?: string;
  readonly givenUpTransactions?: number;
  readonly givenUpRows?: CloneRecord['givenUpRows'];
  readonly givenUpFrom?: string;
  readonly givenUpUntil?: string;
}
interface ApprovalView {
  readonly state: 'needed' | 'given' | 'not needed';
  /** What an approver signs: SHA-256 over the request. */
  readonly request: string;
  readonly approvers?: readonly string[];
  /** Where they approved. */
  readonly pullRequest?: string;
  /** It has to begin before. */
  readonly until?: string;
  /** Why it is still needed: `code: text`. */
  readonly problem?: string;
}
interface InstanceView {
  readonly name: string;
  readonly version: string;
}
interface StepView {
  readonly wave: Wave;
  readonly step: StepName;
  readonly does: string;
  readonly proves: string;
  /** `Kind name`, in the order in which Argo CD gets them. */
  readonly objects: readonly string[];
  /** From the saved status: Started, Done or Failed. */
  readonly state?: string;
  readonly seconds?: number;
}
type WindowView = {
  readonly budgetSeconds: number;
  /** How green is compared with blue in it; absent where nothing is compared. */
  readonly verify?: 'Physical' | 'Full';
} & (
  | { readonly expected: 'unknown: run Prepare' | 'seconds: fence and flip' }
  | { readonly expectedSeconds: number; readonly parts: Rehearsal['parts'] }
);

interface Circumstances {
  /** `'asked'`: nobody is asked here whether it is approved. */
  readonly verdict: Verdict | 'asked' | undefined;
  readonly status?: Status;
}

export function viewOf(plan: Plan, rendered: readonly RenderedObject[], { verdict, status }: Circumstances): PlanView {
  const instance = ({ name, version }: InstanceView): InstanceView => ({ name, version });
  return {
    lifecycle: plan.lifecycle.metadata.name,
    plan: plan.kind,
    digest: plan.digest,
    blue: instance(plan.blue),
    ...(plan.green && { green: instance(plan.green) }),
    serves: plan.serves.name,
    steps: plan.steps.map(({ name, wave, does, proves, command }) => ({
      wave,
      step: name,
      does,
      proves,
      objects: rendered
        .filter(({ step }) => step.name === name)
        .map(({ object }) => `${object.kind} ${object.metadata.name}`),
      ...(status && command && recorded(status, plan, recordName(stepRequest(plan), command))),
    })),
    ...(plan.green && (plan.kind === 'Prepare' || decides(plan.kind)) && { window: windowOf(plan, status?.rehearsal) }),
    ...(requestOf(plan) && { restore: restoreView(plan, verdict, status) }),
    ...(status?.serving && { serving: `${status.serving.instance} ${status.serving.version}` }),
    ...(status?.message !== undefined && { message: status.message }),
  };
}

function restoreView(plan: Plan, verdict: Circumstances['verdict'], status: Status = {}): RestoreView {
  const { id, repository, text } = wantedRestore(stepRequest(plan));
  const beside = isBeside(plan.kind);
  return {
    id,
    repository,
    target: text,
    applicationVersion: (plan.green ?? plan.blue).version,
    ...(beside && plan.green && { beside: plan.green.name }),
    keeps: keptFor(plan.lifecycle, repository),
    approval: approvalView(plan, verdict),
    ...(beside ? besideSoFar(status, id) : inPlaceSoFar(status, id)),
  };
}

type SoFar = Pick<RestoreView, 'state' | 'givenUpFrom' | 'givenUpUntil' | 'givenUpTransactions' | 'givenUpRows'>;

function inPlaceSoFar(status: Status, id: string): SoFar {
  const { state, recovery, before } = restoreOf(status, id) ?? {};
  return {
    ...(state && { state }),
    ...(recovery?.reaches !== undefined && { givenUpFrom: recovery.reaches }),
    ...(before && { givenUpUntil: before.at }),
  };
}

function besideSoFar(status: Status, id: string): SoFar {
  const { state, recovery, givenUpUntil, givenUpTransactions, givenUpRows } = cloneOf(status, id) ?? {};
  return {
    ...(state && { state }),
    ...(recovery?.reaches !== undefined && { givenUpFrom: recovery.reaches }),
    ...(givenUpUntil !== undefined && { givenUpUntil }),
    ...(givenUpTransactions !== undefined && { givenUpTransactions }),
    ...(givenUpRows && { givenUpRows }),
  };
}

function approvalView(plan: Plan, verdict: Circumstances['verdict']): ApprovalView {
  const request = approvalDigest(stepRequest(plan));
  if (verdict === undefined) return { state: 'not needed', request };
  if (verdict === 'asked') return { state: 'needed', request };
  if ('refusal' in verdict) return { state: 'needed', request, problem: verdict.refusal.message };
  const { claims } = verdict;
  if (!claims) return { state: 'not needed', request };
  const { approvers, pullRequest, exp } = claims;
  const until = new Date(exp * 1000).toISOString();
  return { state: 'given', request, approvers, ...(pullRequest !== undefined && { pullRequest }), until };
}

/** pgBackRest keeps every backup where nothing is said. */
function keptFor({ spec }: Lifecycle, repository: string): string {
  const retention = spec.backup.repositories.find(({ name }) => name === repository)?.retention;
  if (!retention) return 'for ever';
  const { full, fullType } = retention;
  return fullType === 'time' ? `${full} days` : `until ${full} newer full backups are there`;
}

function recorded(status: Status, { digest }: Plan, name: string): Pick<StepView, 'state' | 'seconds'> {
  const record = recordOf(status, digest, name);
  if (!record) return {};
  return { state: record.state, ...(record.seconds !== undefined && { seconds: record.seconds }) };
}

function windowOf(plan: Plan, rehearsal: Rehearsal | undefined): WindowView {
  const { windowBudgetSeconds: budgetSeconds, verify = 'Physical' } = stepRequest(plan);
  // What is to serve stands already.
  if (isBeside(plan.kind)) return { budgetSeconds, expected: 'seconds: fence and flip' };
  const seconds = rehearsal?.expectedWindowSeconds;
  if (rehearsal === undefined || seconds === undefined || !rehearsedBy(plan).has(rehearsal.digest))
    return { budgetSeconds, verify, expected: 'unknown: run Prepare' };
  return { budgetSeconds, verify, expectedSeconds: seconds, parts: rehearsal.parts };
}

/** The digests of the rehearsals that stand for this plan: of this attempt or of one before it. */
function rehearsedBy({ lifecycle }: Plan): ReadonlySet<string> {
  const { green } = lifecycle.spec;
  if (!green) return new Set();
  const attempts = Array.from({ length: green.attempt }, (_, index) => index + 1);
  return new Set(
    attempts.map((attempt) => {
      const prepare = { ...green, stage: 'Prepare', attempt } as const;
      return buildPlan({ ...lifecycle, spec: { ...lifecycle.spec, green: prepare } }).digest;
    }),
  );
}
