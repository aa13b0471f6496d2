import type { RestoreRecord } from '../../lifecycle/status.ts';
import { ANNOTATION } from '../../plan/labels.ts';
import type { LedgerView } from '../ports/ports.ts';
import { refuse } from '../ports/step.ts';

export type Seen = Pick<LedgerView, 'annotations' | 'status'>;

/**
 * A restore for which clients of an instance are off. One that has begun and after which somebody has brought the database back by
 * hand is not one any more, as soon as the file says so.
 */
function open({ annotations, status: { restores = [] } }: Seen, instance: string): readonly RestoreRecord[] {
  return restores.filter(
    (each) =>
      each.instance === instance &&
      each.clientsOffAt !== undefined &&
      each.clientsBackAt === undefined &&
      annotations[ANNOTATION.acceptFailedRestore] !== each.id,
  );
}

/** A restore that has begun and not ended well: the database is down, and nobody can be asked. */
export const downBy = (seen: Seen, instance: string): RestoreRecord | undefined =>
  open(seen, instance).findLast(({ startedAt, state }) => startedAt !== undefined && state !== 'Restored');

/** A restore that has not begun: its sync was ended, or another file took its place. */
export const leftPaused = (seen: Seen, instance: string): RestoreRecord | undefined =>
  open(seen, instance).findLast(({ startedAt }) => startedAt === undefined);

/** @throws LifecycleError other-plan-open: another plan would find clients off, and what it does might be on half of the data. */
export function requireNoRestore(seen: Seen, instance: string): void {
  const [left] = open(seen, instance);
  if (left === undefined) return;
  const { id, state, startedAt } = left;
  const over = startedAt === undefined ? 'not begun' : state;
  refuse(
    'other-plan-open',
    `clients are off for restore ${id}, which is ${over}: put it back into the file with a higher attempt, or ask for another; ` +
      `where somebody has brought the database back by hand, annotate the Lifecycle in its file with ` +
      `${ANNOTATION.acceptFailedRestore}: ${id}`,
  );
}
