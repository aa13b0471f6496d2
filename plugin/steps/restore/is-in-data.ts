import type { Status } from '../../lifecycle/status.ts';
import { parseMoment } from '../../restorable/moment.ts';
import { isStillThere, type Turn } from '../../restorable/still-there.ts';

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
