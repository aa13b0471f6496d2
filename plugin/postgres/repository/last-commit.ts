import { parseMoment, type Moment } from '../../restorable/moment.ts';
import type { Session } from '../session.ts';
import { readArchived } from './pgbackrest.ts';
import { hostOf } from './run-on-server.ts';

/** What pg_waldump calls a commit (`xact_desc` in xactdesc.c), with its time. */
const COMMIT = /COMMIT(?:_PREPARED \d+:)? (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) UTC/g;

/** @returns the latest commit in an archived segment; undefined where it holds none. */
export async function lastCommit(session: Session, repository: string, segment: string): Promise<Moment | undefined> {
  const [row] = await session.query<{ folder: string }>(
    `SELECT setting AS folder FROM pg_config WHERE name = 'BINDIR'`,
  );
  // It fails in the end, where the last record goes on in the next segment, which is no reason to doubt what it printed.
  const reader = ['env', 'TZ=UTC', `${row?.folder ?? ''}/pg_waldump`, '--rmgr=Transaction'];
  const text = await readArchived(hostOf(session), repository, segment, reader);
  const times = [...text.matchAll(COMMIT)].map(([, day = '', time = '']) => parseMoment(`${day}T${time}Z`));
  return times.length === 0 ? undefined : Math.max(...times);
}
