import type { RestoreRecord, Status } from '../../lifecycle/status.ts';
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

/** A restore of an instance's database that has begun and not ended well: the database is down, and nobody can be asked. */
export function downBy({ restores = [] }: Status, instance: string): RestoreRecord | undefined {
  const begun = restores
    .filter((each) => each.instance === instance && each.startedAt !== undefined)
    .sort((a, b) => (a.startedAt ?? '').localeCompare(b.startedAt ?? ''));
  const last = begun.at(-1);
  return last?.state === 'Restored' ? undefined : last;
}

/** A restore for which clients are off although it has not begun: its sync was ended, or another file took its place. */
export function leftPaused({ restores = [] }: Status, instance: string): RestoreRecord | undefined {
  return restores.find(
    (each) =>
      each.instance === instance &&
      each.clientsOffAt !== undefined &&
      (each.state === 'Requested' || each.state === 'Paused'),
  );
}

/** The restore that brought what an instance holds, as long as the file has not said which version goes on with it. */
export function unsettledRestore({ restores = [] }: Status, instance: string): RestoreRecord | undefined {
  return restores.findLast(
    (each) => each.instance === instance && each.state === 'Restored' && each.settledAt === undefined,
  );
}

/** The file names the version that fits what was restored, without the restore: from here on it may name another. */
export function withSettledRestores(status: Status, instance: string, now: Date): Status | undefined {
  if (unsettledRestore(status, instance) === undefined) return undefined;
  const settle = (each: RestoreRecord): RestoreRecord =>
    each.instance === instance && each.state === 'Restored' && each.settledAt === undefined
      ? { ...each, settledAt: now.toISOString() }
      : each;
  return { ...status, restores: status.restores?.map(settle) };
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
