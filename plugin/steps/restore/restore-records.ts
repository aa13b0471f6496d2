import type { RestoreRecord, Status } from '../../lifecycle/status.ts';
import { ANNOTATION } from '../../plan/labels.ts';
import type { LedgerView } from '../ports/ports.ts';
import { refuse } from '../ports/step.ts';
import type { Recovery } from '../../restorable/choose.ts';
import { isoMoment, parseMoment } from '../../restorable/moment.ts';
import { isStillThere, type Turn } from '../../restorable/still-there.ts';

/** The records of restores in the ledger, as pure changes of its status. An id has one record for ever. */

export const restoreOf = ({ restores = [] }: Status, id: string): RestoreRecord | undefined =>
  restores.find((each) => each.id === id);

/** A recovery as the ledger has it. */
export const recoveryRecord = ({ reaches, options, ...recovery }: Recovery): RestoreRecord['recovery'] => ({
  ...recovery,
  reaches: isoMoment(reaches),
  options: [...options],
});

/** Whether what was done to an instance's database at a time is part of its data now, whatever was restored since. */
export function isInData(status: Status, instance: string, doneAt: string): boolean {
  return isStillThere(turnsOf(status, instance), parseMoment(doneAt));
}

function turnsOf({ restores = [] }: Status, instance: string): readonly Turn[] {
  const turns = restores.flatMap(({ instance: of, state, before, recovery: { reaches } }) =>
    of !== instance || state !== 'Restored' || before === undefined || reaches === undefined
      ? []
      : [{ at: parseMoment(before.at), to: parseMoment(reaches) }],
  );
  return turns.sort((a, b) => a.at - b.at);
}

type Seen = Pick<LedgerView, 'annotations' | 'status'>;

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

/** The restore that brought what an instance holds, as long as the file has not said which version goes on with it. */
export function unsettledRestore({ restores = [] }: Status, instance: string): RestoreRecord | undefined {
  return restores.findLast(
    (each) => each.instance === instance && each.state === 'Restored' && each.settledAt === undefined,
  );
}

/**
 * The file names the version that fits what was restored, without the restore: from here on it may name another. One that failed, and
 * after which somebody has brought the database back by hand, is over as well.
 */
export function withSettledRestores({ annotations, status }: Seen, instance: string, now: Date): Status | undefined {
  const at = now.toISOString();
  const settled = status.restores?.map((each): RestoreRecord => {
    if (each.instance !== instance) return each;
    if (each.state === 'Restored' && each.settledAt === undefined) return { ...each, settledAt: at };
    const byHand = annotations[ANNOTATION.acceptFailedRestore] === each.id && each.clientsBackAt === undefined;
    return byHand ? { ...each, clientsBackAt: at } : each;
  });
  const changed = settled?.some((each, index) => each !== status.restores?.[index]) ?? false;
  return changed && settled ? { ...status, restores: settled } : undefined;
}

const FROM: Readonly<Record<RestoreRecord['state'], readonly RestoreRecord['state'][]>> = {
  Requested: ['Requested', 'Paused'],
  Paused: ['Requested', 'Paused'],
  Restoring: ['Paused', 'Restoring'],
  // The operator goes on trying: what was given up may still end well.
  Restored: ['Restoring', 'Failed'],
  Failed: ['Restoring'],
};

/** Adds fields to a restore while it is in one of the states. @returns undefined where it is not. */
export function noteRestore(
  status: Status,
  id: string,
  states: readonly RestoreRecord['state'][],
  more: Partial<Omit<RestoreRecord, 'id'>>,
): Status | undefined {
  const { restores = [] } = status;
  const at = restores.findIndex((each) => each.id === id);
  const is = restores[at];
  if (!is || !states.includes(is.state)) return undefined;
  return { ...status, restores: restores.with(at, { ...is, ...more }) };
}

/**
 * Moves a restore on, where clients are off for it; one that begins takes the place of whichever the operator had before, and of those
 * that have not begun, and stands behind them. `more` are fields that are written with it.
 * @returns undefined where that is not allowed.
 */
export function moveRestore(
  status: Status,
  id: string,
  to: RestoreRecord['state'],
  more: Partial<Omit<RestoreRecord, 'id' | 'state'>> = {},
): Status | undefined {
  if (to !== 'Requested' && restoreOf(status, id)?.clientsOffAt === undefined) return undefined;
  const moved = noteRestore(status, id, FROM[to], { ...more, state: to });
  if (moved === undefined || to !== 'Restoring') return moved;
  const { restores = [] } = moved;
  const others = restores.filter((each) => each.id !== id);
  const own = restores.filter((each) => each.id === id);
  const [{ instance } = { instance: '' }] = own;
  return {
    ...moved,
    restores: [...others.map((each) => (each.instance === instance ? replaced(each, id) : each)), ...own],
  };
}

/** The operator lets go of a restore as soon as another id is asked for; one that has not begun is not to begin behind this one. */
function replaced(record: RestoreRecord, by: string): RestoreRecord {
  const { before, clientsBackAt, clientsOffAt, startedAt, state } = record;
  if (state === 'Restored' || clientsOffAt === undefined || clientsBackAt !== undefined) return record;
  return {
    ...record,
    state: 'Failed',
    reason: state === 'Failed' ? record.reason : `replaced by restore ${by}`,
    clientsOffAt: undefined,
    // Nothing was taken away for one that has not begun.
    before: startedAt === undefined ? undefined : before,
  };
}
