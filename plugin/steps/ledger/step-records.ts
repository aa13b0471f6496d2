import type { Status, StepRecord } from '../../lifecycle/status.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import { STEPS, type StepCommand } from '../../plan/steps.ts';
import type { Evidence } from '../ports/step.ts';

/**
 * The records of steps in the ledger, as pure changes of its status. A record's identity is plan digest + name, so that
 * a renamed Job (a plugin upgrade, an unrelated commit) meets the record of the one before.
 */

/** A record takes about 300 bytes; an object of the API server at most 1.5 MiB. */
const RECORDS_KEPT = 400;

/**
 * The name under which a command's work is recorded: the name of its step (the keeper's is `fence`). The backup on
 * demand is recorded by its id as well: the id is no part of the digest, and an id that ran never runs again.
 */
export function recordName(request: StepRequest, command: StepCommand): string {
  const step = STEPS[request.plan].find((each) => each.command === command);
  const name = step?.name ?? command;
  return name === 'backup' && request.plan === 'AtRest' ? `backup/${request.backup?.id ?? ''}` : name;
}

export function recordOf({ steps = [] }: Status, digest: string, name: string): StepRecord | undefined {
  return steps.find((record) => record.digest === digest && record.step === name);
}

export function isDone(status: Status, digest: string, name: string): boolean {
  return recordOf(status, digest, name)?.state === 'Done';
}

/** Only while it does is green open to the role of the migration (ADR 14). */
export function isMigrating(status: Status, digest: string): boolean {
  return recordOf(status, digest, 'migrate')?.state === 'Started';
}

/** From here on the servers are their administrators' again: nobody makes them what the decision says any more (ADR 19). */
export function isConfirmed(status: Status, digest: string): boolean {
  return isDone(status, digest, 'confirm');
}

/** The step begins. One that was killed keeps its first start, one that failed begins anew. */
export function withStarted(status: Status, digest: string, name: string, now: Date, evidence?: Evidence): Status {
  const before = recordOf(status, digest, name);
  const startedAt = before?.state === 'Started' ? before.startedAt : now.toISOString();
  return withRecord(status, { digest, step: name, state: 'Started', startedAt, ...(evidence && { evidence }) });
}

export function withDone(status: Status, digest: string, name: string, now: Date, evidence: Evidence): Status {
  const ended = endedRecord(status, digest, name, now);
  return withRecord(status, { ...ended, state: 'Done', evidence });
}

/** @param reason `code: text`, without secrets. */
export function withFailed(status: Status, digest: string, name: string, now: Date, reason: string): Status {
  const ended = endedRecord(status, digest, name, now);
  return withRecord(status, { ...ended, state: 'Failed', reason });
}

/** A step that is done and ran once more, as hooks do, keeps the times of the run that did the work. */
function endedRecord(status: Status, digest: string, step: string, now: Date): Omit<StepRecord, 'state'> {
  const before = recordOf(status, digest, step);
  if (before?.state === 'Done') return before;
  const startedAt = before?.startedAt ?? now.toISOString();
  const seconds = (now.getTime() - Date.parse(startedAt)) / 1000;
  return { digest, step, startedAt, finishedAt: now.toISOString(), seconds };
}

/** As if the step had not run: it runs again. */
export function withoutRecord(status: Status, digest: string, name: string): Status {
  return { ...status, steps: status.steps?.filter((each) => each.digest !== digest || each.step !== name) };
}

/**
 * In the place of the record before, or at the end; the oldest records of other plans go first, but not those of the plan
 * that brought what serves: they say that its migration has run.
 */
function withRecord(status: Status, record: StepRecord): Status {
  const steps = status.steps ?? [];
  const at = steps.findIndex(({ digest, step }) => digest === record.digest && step === record.step);
  const next = at < 0 ? [...steps, record] : steps.with(at, record);
  const surplus = next.length - RECORDS_KEPT;
  if (surplus <= 0) return { ...status, steps: next };
  const kept = [record.digest, status.serving?.digest];
  const oldest = new Set(next.filter(({ digest }) => !kept.includes(digest)).slice(0, surplus));
  return { ...status, steps: next.filter((each) => !oldest.has(each)) };
}
