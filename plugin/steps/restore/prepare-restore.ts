import type { RestoreRecord, Status } from '../../lifecycle/status.ts';
import { markMoment } from '../../postgres/repository/mark-moment.ts';
import { proveReachable } from '../../postgres/repository/prove-reachable.ts';
import { readRepositoryRecord } from '../../postgres/repository/read-record.ts';
import { waitArchived } from '../../postgres/restore-point.ts';
import { withSession } from '../../postgres/session.ts';
import type { Recovery, Target } from '../../restorable/choose.ts';
import { MAINTENANCE, openSuperuser } from '../database/sessions.ts';
import { refuse, type Evidence, type StepContext } from '../ports/step.ts';
import { lifeOf } from './life-of.ts';
import { restoreOf } from './restore-records.ts';

const ARCHIVE_SECONDS = 300;

/** What a file asks for. */
export interface WantedRestore {
  readonly id: string;
  readonly repository: string;
  readonly target: Target;
  /** The target in words, as the file has it. */
  readonly text: string;
}

/**
 * Proves that the target can be reached, while the database still serves, and writes down how: nothing is touched before. An id
 * that is on record is this request, or another one, which it cannot be used for.
 * @throws LifecycleError of the group restore-…
 */
export async function prepareRestore(context: StepContext, wanted: WantedRestore): Promise<Evidence> {
  const { clock, ledger, request } = context;
  const { status } = await ledger.read();
  const known = restoreOf(status, wanted.id);
  if (known && !isSame(known, context, wanted)) {
    refuse(
      'restore-id-used',
      `restore ${wanted.id} was to ${known.target} from ${known.repository}, on ${known.requestedAt}`,
    );
  }
  if (known) return { restore: known.state, backup: known.recovery.label };
  const recovery = await prove(context, status, wanted);
  const record: RestoreRecord = {
    id: wanted.id,
    digest: request.digest,
    repository: wanted.repository,
    target: wanted.text,
    state: 'Requested',
    requestedAt: clock.now().toISOString(),
    recovery: { label: recovery.label, options: [...recovery.options] },
  };
  const { written } = await ledger.update(({ status: now }) =>
    restoreOf(now, wanted.id) ? undefined : { ...now, restores: [...(now.restores ?? []), record] },
  );
  if (!written) refuse('other-plan-open', `restore ${wanted.id} was prepared by another step just now`);
  return { restore: 'Requested', backup: recovery.label };
}

const isSame = (known: RestoreRecord, { request }: StepContext, { repository, text }: WantedRestore): boolean =>
  known.digest === request.digest && known.repository === repository && known.target === text;

async function prove(context: StepContext, status: Status, wanted: WantedRestore): Promise<Recovery> {
  const { clock, progress } = context;
  const open = openSuperuser(context, context.request.blue, 'preflight');
  return withSession(open(MAINTENANCE), async (session) => {
    const now = await markMoment(session, 'lifecycle-preflight');
    if (!(await waitArchived(session, now.walFile, { clock, seconds: ARCHIVE_SECONDS, report: progress.report }))) {
      refuse('not-archived', `${now.walFile} did not reach the archive within ${ARCHIVE_SECONDS} s`);
    }
    const record = await readRepositoryRecord(session, wanted.repository);
    return proveReachable(session, wanted.target, lifeOf(status, now, record.segmentBytes), record);
  });
}
