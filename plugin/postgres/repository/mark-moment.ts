import type { Moment } from '../../restorable/moment.ts';
import { makeRestorePoint, type RestorePoint } from '../restore-point.ts';
import type { Session } from '../session.ts';

export interface MarkedMoment extends RestorePoint {
  readonly name: string;
  /** A transaction of ours was committed then, or a moment later. */
  readonly at: Moment;
}

/**
 * A commit of ours, a restore point behind it, and the end of their WAL segment. Recovery to a time ends only where it meets a
 * commit of a later time, so that a quiet database could not be restored to any moment after its last one.
 * @param session superuser, on the primary. @param nameOf the restore point, at most 63 bytes. Recovery ends at the first of a name:
 * one that is gone back to has to be the only one, so that the moment is part of its name.
 */
export async function markMoment(session: Session, nameOf: (at: Moment) => string): Promise<MarkedMoment> {
  // With an id it writes a commit record, although it changes nothing; that is flushed by the switch of the segment.
  const [row] = await session.query<{ at: string }>(
    `SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text AS at, pg_current_xact_id()`,
  );
  const at = Number(row?.at);
  const name = nameOf(at);
  return { name, at, ...(await makeRestorePoint(session, name)) };
}
