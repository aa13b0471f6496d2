import type { RestoreRecord, Status } from '../../lifecycle/status.ts';
import type { Recovery } from '../../restorable/choose.ts';
import { areClientsOff } from '../ledger/clients-off.ts';
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
 * Moves a restore on, where clients are off for it. One that begins takes the place of whichever the operator had before, and of those
 * that have not begun, and stands behind them; one that ends well ends all others with it. `more` are fields that are written with it.
 * @returns undefined where that is not allowed.
 */
export function moveRestore(
  status: Status,
  id: string,
  to: RestoreRecord['state'],
  more: Partial<Omit<RestoreRecord, 'id' | 'state'>> = {},
): Status | undefined {
  const record = restoreOf(status, id);
  if (to !== 'Requested' && !areClientsOff(record ?? {})) return undefined;
  const moved = noteRestore(status, id, FROM[to], { ...more, state: to });
  if (moved === undefined || (to !== 'Restoring' && to !== 'Restored')) return moved;
  const { restores = [] } = moved;
  const others = restores
    .filter((each) => each.id !== id)
    .map((each) => (each.instance === record?.instance ? behind(each, id, to) : each));
  return { ...moved, restores: [...others, ...restores.filter((each) => each.id === id)] };
}

/**
 * The operator lets go of a restore as soon as another id is asked for; until that has ended well, what the earlier one has left is
 * still there. One that has not begun is not to begin behind it: nothing was taken away for it.
 */
function behind(record: RestoreRecord, by: string, to: 'Restoring' | 'Restored'): RestoreRecord {
  const { startedAt, state } = record;
  if (!areClientsOff(record)) return record;
  const reason = `replaced by restore ${by}`;
  if (startedAt === undefined)
    return { ...record, state: 'Failed', reason, clientsOffAt: undefined, before: undefined };
  const failed: RestoreRecord = state === 'Restoring' ? { ...record, state: 'Failed', reason } : record;
  return to === 'Restored' ? { ...failed, clientsOffAt: undefined } : failed;
}
