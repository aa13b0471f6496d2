import { makeRestorePoint, waitArchived } from '../restore-point.ts';
import type { Session } from '../session.ts';
import type { Wait } from '../wait.ts';

const ARCHIVE_PROBE = 'lifecycle-preflight';

/** Switches a WAL segment and waits until it is archived, so it is asked at preflight only. */
export async function archiveProblems(session: Session, wait: Wait): Promise<readonly string[]> {
  const [mode] = await session.query<{ archive_mode: string }>('SHOW archive_mode');
  if (mode?.archive_mode === 'off') return ['archive_mode is off: no clone could reach a restore point'];
  const { walFile } = await makeRestorePoint(session, ARCHIVE_PROBE);
  if (await waitArchived(session, walFile, wait)) return [];
  const [row] = await session.query<{ failed: string | null }>(
    'SELECT last_failed_wal AS failed FROM pg_stat_archiver WHERE last_failed_time >= coalesce(last_archived_time, last_failed_time)',
  );
  const failed = row?.failed ?? undefined;
  return [
    `archiving does not work: ${walFile} did not reach the archive within ${wait.seconds} s` +
      (failed === undefined ? '' : `, and ${failed} failed last`),
  ];
}
