import type { RestoreRecord, Status } from '../../lifecycle/status.ts';
import type { Recovery } from '../../restorable/choose.ts';
import { isoMoment } from '../../restorable/moment.ts';

/** The records of restores in the ledger, as pure changes of its status. An id has one record for ever. */

export const restoreOf = ({ restores = [] }: Status, id: string): RestoreRecord | undefined =>
  restores.find((each) => each.id === id);

/** A recovery as the ledger has it. */
export const recoveryRecord = ({ reaches, options, ...recovery }: Recovery): RestoreRecord['recovery'] => ({
  ...recovery,
  reaches: isoMoment(reaches),
  options: [...options],
});

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
