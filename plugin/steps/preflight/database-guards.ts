import { guardProblems } from '../../postgres/guards/guards.ts';
import { withSession } from '../../postgres/session.ts';
import type { DatabaseGuards } from './guards.ts';
import { MAINTENANCE, openSuperuser } from '../database/sessions.ts';

const ARCHIVE_SECONDS = 60;

/** The guards of the fence protocol, asked of blue as its superuser. */
export const databaseGuards: DatabaseGuards = async (context) => {
  const { request, clock, progress, signal } = context;
  const open = openSuperuser(context, request.blue, 'preflight');
  const wait = {
    clock,
    seconds: ARCHIVE_SECONDS,
    signal,
    report: progress.report,
  };
  try {
    return await withSession(open(MAINTENANCE), (session) => guardProblems({ session, request, open }, wait));
  } catch (error) {
    signal.throwIfAborted();
    return [`the database of ${request.blue.name} does not answer: ${error instanceof Error ? error.message : ''}`];
  }
};
