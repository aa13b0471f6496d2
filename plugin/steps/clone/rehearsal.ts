import type { Rehearsal, Status, StepRecord } from '../../lifecycle/status.ts';
import type { StepRequest } from '../../plan/step-request.ts';
import { cloneFinishedAt } from '../operator/cluster-health.ts';
import type { PostgresClusterView } from '../ports/ports.ts';
import { recordOf } from '../ledger/step-records.ts';
import { refuse } from '../ports/step.ts';

/** A boundary between two waves of Argo CD with a Job in them, seen with 3.5.7. */
const WAVE_SECONDS = 3;
/** Boundaries inside a window that no part holds: after fence, verify and smoke. */
const BOUNDARIES = 3;
/** Fence and decision themselves, 1.8 s and 0.3 s at most where they were prototyped, and a second for the proxies. */
const FENCE_AND_COMMIT_SECONDS = 4;

/**
 * What the rehearsal measured, from the records of its steps and the clone's own status. The window of a switch holds the
 * same parts one after the other; what only the rehearsal does (blue's version on the clone) is left out.
 */
export function rehearsalOf(
  status: Status,
  request: StepRequest,
  clone: PostgresClusterView,
  finishedAt: Date,
): Rehearsal {
  const record = (name: string): StepRecord & { readonly finishedAt: string } => {
    const is = recordOf(status, request.digest, name);
    if (is?.state !== 'Done' || is.finishedAt === undefined) refuse('step-out-of-order', `step ${name} is not done`);
    return { ...is, finishedAt: is.finishedAt };
  };
  const verify = record('verify');
  const smoke = record('smoke');
  const drain = record('drain');
  const migrate = request.migrations === true ? record('migrate') : undefined;
  const cloned = cloneFinishedAt(clone) ?? refuse('step-out-of-order', `clone ${clone.name} is not finished`);
  const parts = {
    clone: between(clone.createdAt, cloned),
    start: between(cloned, verify.startedAt),
    verify: between(verify.startedAt, verify.finishedAt),
    ...(migrate && { migrate: between(migrate.startedAt, migrate.finishedAt) }),
    application: between((migrate ?? verify).finishedAt, smoke.startedAt),
    smoke: between(smoke.startedAt, smoke.finishedAt),
    drain: Number(drain.evidence?.['seconds']),
  };
  const sum = Object.values(parts).reduce((total, part) => total + part, 0);
  const rows = verify.evidence?.['rows'];
  return {
    digest: request.digest,
    finishedAt: finishedAt.toISOString(),
    parts,
    expectedWindowSeconds: Math.ceil(sum + BOUNDARIES * WAVE_SECONDS + FENCE_AND_COMMIT_SECONDS),
    ...(typeof rows === 'number' && { rows }),
  };
}

/** Seconds; never negative, because the operator's times are whole seconds. */
function between(from: Date | string, to: Date | string): number {
  return Math.max(0, (new Date(to).getTime() - new Date(from).getTime()) / 1000);
}
