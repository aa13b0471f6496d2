import { join } from 'node:path';
import { connect } from '../postgres/connect.ts';
import { guardProblems } from '../postgres/guards.ts';
import { withSession, type Session } from '../postgres/session.ts';
import type { DatabaseGuards } from './preflight-guards.ts';

const ARCHIVE_SECONDS = 60;

/** The guards of the fence protocol, asked of blue as its superuser. */
export const databaseGuards: DatabaseGuards = async ({ request, secrets, clock, progress, signal }) => {
  const root = join(secrets, request.blue.name);
  const open = (database: string): Promise<Session> =>
    connect({
      folder: join(root, 'superuser'),
      ca: join(root, 'ca', 'ca.crt'),
      database,
      applicationName: 'lifecycle-preflight',
    });
  const wait = {
    clock,
    seconds: ARCHIVE_SECONDS,
    signal,
    report: (message: string) => {
      progress.report(message);
    },
  };
  try {
    return await withSession(open('postgres'), (session) => guardProblems(session, request, open, wait));
  } catch (error) {
    signal.throwIfAborted();
    return [`the database of ${request.blue.name} does not answer: ${error instanceof Error ? error.message : ''}`];
  }
};
