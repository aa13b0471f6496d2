import type { Status } from '../../lifecycle/status.ts';
import type { MarkedMoment } from '../../postgres/repository/mark-moment.ts';
import type { Life } from '../../restorable/life.ts';
import { parseMoment } from '../../restorable/moment.ts';
import { parseSegment } from '../../restorable/segments.ts';
import { parseLsn } from '../../restorable/timeline.ts';

/** What the ledger says of a database's life until now. A restore that was paused for and never begun has left nothing. */
export function lifeOf({ restores = [] }: Status, now: MarkedMoment, segmentBytes: number): Life {
  const past = restores.flatMap(({ id, before, startedAt }) =>
    before === undefined || startedAt === undefined
      ? []
      : [{ ...before, id, lsn: parseLsn(before.lsn), at: parseMoment(before.at) }],
  );
  const { timeline, at, walFile } = now;
  return {
    past: past.sort((a, b) => a.at - b.at),
    present: { timeline, at, segment: parseSegment(walFile, segmentBytes).number },
  };
}
