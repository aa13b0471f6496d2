import { makeRestorePoint, waitArchived } from '../../postgres/restore-point.ts';
import { withSession } from '../../postgres/session.ts';
import { MAINTENANCE, openSuperuser } from '../database/sessions.ts';
import { refuse, type Evidence, type StepContext } from '../ports/step.ts';

const ARCHIVE_SECONDS = 300;

/** Prepare: a named point in blue's WAL for the rehearsal's clone. Nothing is closed, nothing waits for it. */
export async function restorePoint(context: StepContext): Promise<Evidence> {
  const { clock, progress, request } = context;
  return withSession(openSuperuser(context, request.blue, 'restore-point')(MAINTENANCE), async (session) => {
    const { lsn, timeline, walFile } = await makeRestorePoint(session, request.restorePoint);
    const { report } = progress;
    if (!(await waitArchived(session, walFile, { clock, seconds: ARCHIVE_SECONDS, report }))) {
      refuse('not-archived', `${walFile} did not reach the archive within ${ARCHIVE_SECONDS} s`);
    }
    return { restorePoint: request.restorePoint, lsn, timeline, walFile };
  });
}
