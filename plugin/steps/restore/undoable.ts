import type { Status } from '../../lifecycle/status.ts';
import type { StepInstance } from '../../plan/step-request.ts';
import type { Undoable } from '../../restorable/life.ts';
import { parseMoment } from '../../restorable/moment.ts';
import { parseLsn } from '../../restorable/timeline.ts';

/**
 * The restores that an instance's database has behind it, oldest first. One that was paused for and never begun has left nothing; those
 * of another instance stand on timelines of its own.
 */
export function undoable({ restores = [] }: Status, { name }: StepInstance): readonly Undoable[] {
  const past = restores.flatMap(({ id, instance, before, startedAt }) =>
    instance !== name || before === undefined || startedAt === undefined
      ? []
      : [{ ...before, id, lsn: parseLsn(before.lsn), at: parseMoment(before.at) }],
  );
  return past.sort((a, b) => a.at - b.at);
}
