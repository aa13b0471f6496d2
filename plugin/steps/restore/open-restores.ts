import type { RestoreRecord } from '../../lifecycle/status.ts';
import { ANNOTATION } from '../../plan/labels.ts';
import { areClientsOff } from '../ledger/clients-off.ts';
import type { LedgerView } from '../ports/ports.ts';
import { refuse } from '../ports/step.ts';

export type Seen = Pick<LedgerView, 'annotations' | 'status'>;

/**
 * Restores for which clients of an instance are off. One that has begun and after which somebody has brought the database back by
 * hand is not one any more, as soon as the file says so.
 */
function open({ annotations, status: { restores = [] } }: Seen, instance: string): readonly RestoreRecord[] {
  return restores.filter((each) => each.instance === instance && areClientsOff(each) && !isAccepted(annotations, each));
}

export const isAccepted = (annotations: Seen['annotations'], { id, startedAt }: RestoreRecord): boolean =>
  startedAt !== undefined && annotations[ANNOTATION.acceptFailedRestore] === id;

/** The last one for which clients are off, whatever became of it. */
export const lastOpen = (seen: Seen, instance: string): RestoreRecord | undefined => open(seen, instance).at(-1);

/** One that has begun: there is nothing to go back to without another restore. */
export const begunRestore = (seen: Seen, instance: string): RestoreRecord | undefined =>
  open(seen, instance).findLast(({ startedAt }) => startedAt !== undefined);

/** One that has begun and not ended well: the database is down, and nobody can be asked. */
export const downBy = (seen: Seen, instance: string): RestoreRecord | undefined => {
  const begun = begunRestore(seen, instance);
  return begun?.state === 'Restored' ? undefined : begun;
};

/** One that has not begun: its sync was ended, or another file took its place. */
export const leftPaused = (seen: Seen, instance: string): RestoreRecord | undefined =>
  open(seen, instance).findLast(({ startedAt }) => startedAt === undefined);

/** @throws LifecycleError other-plan-open: another plan would find clients off, and what it does might be on half of the data. */
export function requireNoRestore(seen: Seen, instance: string): void {
  const left = lastOpen(seen, instance);
  if (left === undefined) return;
  const { id, state, startedAt } = left;
  const byHand =
    startedAt === undefined
      ? ''
      : `; where somebody has brought the database back by hand, annotate the Lifecycle in its file with ${ANNOTATION.acceptFailedRestore}: ${id}`;
  refuse(
    'other-plan-open',
    `clients are off for restore ${id}, which is ${startedAt === undefined ? 'not begun' : state}: ` +
      `put it back into the file with a higher attempt, or ask for another${byHand}`,
  );
}
