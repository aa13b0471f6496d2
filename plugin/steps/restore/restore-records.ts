import type { RestoreRecord, Status } from '../../lifecycle/status.ts';

/** The records of restores in the ledger, as pure changes of its status. An id has one record for ever. */

export const restoreOf = ({ restores = [] }: Status, id: string): RestoreRecord | undefined =>
  restores.find((each) => each.id === id);

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
 * Moves a restore on; one that begins takes the place of whichever the operator had before. `more` are fields that are
 * written with it.
 * @returns undefined where that is not allowed.
 */
export function moveRestore(
  status: Status,
  id: string,
  to: RestoreRecord['state'],
  more: Partial<Omit<RestoreRecord, 'id' | 'state'>> = {},
): Status | undefined {
  const moved = noteRestore(status, id, FROM[to], { ...more, state: to });
  if (moved === undefined || to !== 'Restoring') return moved;
  return { ...moved, restores: moved.restores?.map((each) => (each.id === id ? each : replaced(each, id))) };
}

/** The operator lets go of a restore as soon as another id is asked for. */
const replaced = (record: RestoreRecord, by: string): RestoreRecord =>
  record.state === 'Restoring' ? { ...record, state: 'Failed', reason: `replaced by restore ${by}` } : record;
