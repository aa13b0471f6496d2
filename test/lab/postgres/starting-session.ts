import { waitFor } from '../wait-for.ts';
import type { Instance } from './instance.ts';

/**
 * Backends of which no list tells whose they are: past the login check, settings read. Before PostgreSQL 18 they are in no
 * list; on 18 they are in `pg_stat_activity` without a user.
 */
const UNTOLD = `
  SELECT l.pid FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
   WHERE l.locktype = 'virtualxid' AND (a.pid IS NULL OR a.backend_type = 'client backend' AND a.usename IS NULL)`;

export const untoldSessions = (server: Instance): Promise<unknown[]> => server.sql(UNTOLD);

/** Connects as bestie with these statements to run, and is in that state for so many seconds when this resolves. */
export async function startingSession<Outcome>(
  server: Instance,
  seconds: number,
  use: (client: Awaited<ReturnType<Instance['client']>>) => Promise<Outcome>,
): Promise<{ readonly outcome: Promise<Outcome> }> {
  const outcome = server.client('bestie', 'bestie', `-c post_auth_delay=${seconds}`).then(use);
  outcome.catch(() => undefined);
  await waitFor(async () => (await untoldSessions(server)).length > 0, {
    what: 'a backend starts',
    timeoutSeconds: 20,
  });
  return { outcome };
}
