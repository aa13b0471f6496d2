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

/** A session of bestie's that starts. */
interface Starting {
  readonly client: Promise<Awaited<ReturnType<Instance['client']>>>;
}

/** Connects as bestie, and is in that state for so many seconds when this resolves. */
export async function startingSession(server: Instance, seconds: number): Promise<Starting> {
  const client = server.client('bestie', 'bestie', `-c post_auth_delay=${seconds}`);
  client.catch(() => undefined);
  await waitFor(async () => (await untoldSessions(server)).length > 0, {
    what: 'a backend starts',
    timeoutSeconds: 20,
  });
  return { client };
}

/**
 * Connects as bestie and is past the login check, but in no list, when this resolves, and until `goOn`: it waits to read
 * its settings. Until then no other session can be opened, and nobody can read `pg_roles`.
 */
export async function heldSession(server: Instance): Promise<Starting & { goOn(): Promise<void> }> {
  const holder = await server.client('postgres', 'postgres');
  await holder.query('BEGIN');
  await holder.query('LOCK TABLE pg_db_role_setting IN ACCESS EXCLUSIVE MODE');
  const client = server.client('bestie');
  client.catch(() => undefined);
  const waiting = `SELECT FROM pg_locks WHERE relation = 'pg_db_role_setting'::regclass AND NOT granted`;
  await waitFor(async () => (await holder.query(waiting)).rowCount === 1, {
    what: 'a backend waits to read its settings',
    timeoutSeconds: 20,
  });
  return { client, goOn: () => holder.end() };
}
