import { textOf } from '../../errors/text-of.ts';
import type { CloneRecord, Decision } from '../../lifecycle/status.ts';
import { NO_ROWS, plus } from '../../postgres/repository/heap-records.ts';
import { writtenRows } from '../../postgres/repository/written-rows.ts';
import { withSession } from '../../postgres/session.ts';
import { MAINTENANCE, openSuperuser } from '../database/sessions.ts';
import type { StepContext } from '../ports/step.ts';

type Rows = Pick<CloneRecord, 'givenUpRows' | 'givenUpRowsUnknown'>;

/** Tables that are named, those with most rows. */
const MOST_TABLES = 20;

/**
 * The rows that clients wrote to blue between the target and the fence, as its archive tells: at leisure, because clients are on what was
 * restored. Whatever keeps it from being told is on record instead, and nobody tries again: nothing rests on it.
 */
export async function rowsGivenUp(
  context: StepContext,
  { ended, givenUpRows, givenUpRowsUnknown, repository }: CloneRecord,
  fence: Decision['fence'],
): Promise<Rows> {
  if (givenUpRows) return { givenUpRows };
  if (givenUpRowsUnknown !== undefined) return { givenUpRowsUnknown };
  if (!ended || !fence) return { givenUpRowsUnknown: 'the ledger does not say where recovery ended' };
  const { timeline, lsn: to, restorePoint } = fence;
  if (timeline !== ended.timeline)
    return { givenUpRowsUnknown: `timeline ${ended.timeline} was left for ${timeline} since` };
  const { blue, database } = context.request;
  const open = openSuperuser(context, blue, 'confirm');
  try {
    const stretch = { repository, timeline, from: ended.lsn, to, restorePoint };
    const tables = await withSession(open(MAINTENANCE), (session) =>
      writtenRows(session, open, database.databases, stretch),
    );
    const { inserted, updated, deleted } = tables.reduce(plus, NO_ROWS);
    return { givenUpRows: { inserted, updated, deleted, tables: tables.slice(0, MOST_TABLES) } };
  } catch (error) {
    return { givenUpRowsUnknown: textOf(error) };
  }
}
