import { markMoment, type MarkedMoment } from '../../postgres/repository/mark-moment.ts';
import { proveReachable } from '../../postgres/repository/prove-reachable.ts';
import { readRepositoryRecord } from '../../postgres/repository/read-record.ts';
import { hostOf } from '../../postgres/repository/run-on-server.ts';
import { waitArchived } from '../../postgres/restore-point.ts';
import { withSession, type Session } from '../../postgres/session.ts';
import { chooseRecovery, type Recovery } from '../../restorable/choose.ts';
import { parseSegment } from '../../restorable/segments.ts';
import { MAINTENANCE, openSuperuser } from '../database/sessions.ts';
import { refuse, type StepContext } from '../ports/step.ts';
import { undoable } from './undoable.ts';
import type { WantedRestore } from './wanted-restore.ts';

const ARCHIVE_SECONDS = 300;

/**
 * A commit of ours and a restore point, in the archive.
 * @throws LifecycleError not-archived
 */
export async function markArchived(
  { clock, progress }: StepContext,
  session: Session,
  nameOf: Parameters<typeof markMoment>[1] = () => 'lifecycle-preflight',
): Promise<MarkedMoment> {
  const mark = await markMoment(session, nameOf);
  const wait = { clock, seconds: ARCHIVE_SECONDS, report: progress.report };
  if (await waitArchived(session, mark.walFile, wait)) return mark;
  return refuse('not-archived', `${mark.walFile} did not reach the archive within ${ARCHIVE_SECONDS} s`);
}

/** How a target of what serves is reached, as long as it does. @throws LifecycleError of the group restore-… */
export async function proven(context: StepContext, wanted: WantedRestore): Promise<Recovery> {
  const open = openSuperuser(context, context.request.blue, 'preflight');
  const { recovery } = await withSession(open(MAINTENANCE), async (session) =>
    proveTarget(context, session, wanted, await markArchived(context, session)),
  );
  return recovery;
}

/** How a target is reached, and the backup from which what is there now could be reached again. */
export interface Proof {
  readonly recovery: Recovery;
  readonly label?: string;
}

/**
 * How the target is reached as the repository is now. @param mark the database's end at the moment.
 * @throws LifecycleError of the group restore-…
 */
export async function proveTarget(
  { ledger, request }: StepContext,
  session: Session,
  { repository, target }: WantedRestore,
  mark: MarkedMoment,
): Promise<Proof> {
  const { status } = await ledger.read();
  const past = undoable(status, request.blue);
  const timelines = [...past, mark].map(({ timeline }) => timeline);
  const record = await readRepositoryRecord(hostOf(session), repository, timelines);
  const { timeline, at, walFile } = mark;
  const present = { timeline, at, segment: parseSegment(walFile, record.segmentBytes).number };
  const life = { past, present };
  const back = chooseRecovery({ latest: true }, life, record);
  return {
    recovery: await proveReachable(session, target, life, record),
    ...(back.state === 'reachable' && { label: back.recovery.label }),
  };
}
