import type { StepRequest } from '../plan/step-request.ts';
import { makeRestorePoint, waitArchived } from './restore-point.ts';
import { OPERATOR_ROLE } from './roles.ts';
import { withSession, type OpenSession, type Session } from './session.ts';
import { LOCKABLE, LOCKED_CATALOGS, applicationDatabases } from './relations.ts';
import type { Wait } from './wait.ts';

/**
 * What a fence or a clone would miss ("Preflight refuses before all this" of the fence protocol), and whether archiving
 * works. Every problem at once, each a sentence that says what to do.
 * @param session superuser, in the maintenance database.
 * @param open further superuser sessions, one a database.
 * @param wait how long a switched WAL segment may take to reach the archive.
 */
export async function guardProblems(
  session: Session,
  request: Pick<StepRequest, 'database'>,
  open: OpenSession,
  wait: Wait,
): Promise<readonly string[]> {
  const problems = [...(await clusterProblems(session, request.database.user))];
  for (const database of await applicationDatabases(session)) {
    problems.push(...(await withSession(open(database), databaseProblems)));
  }
  problems.push(...(await lockProblems(session, open)), ...(await archiveProblems(session, wait)));
  return problems;
}

const texts = async (session: Session, query: string, values: readonly unknown[] = []): Promise<readonly string[]> =>
  (await session.query<{ problem: string }>(query, values)).map(({ problem }) => problem);

const SUPERUSERS = `
  SELECT format('role %I is a superuser, so no fence holds it: ALTER ROLE %I NOSUPERUSER', rolname, rolname) AS problem
    FROM pg_roles WHERE rolcanlogin AND rolsuper AND oid <> 10 AND rolname <> current_user AND NOT ${OPERATOR_ROLE}
  UNION ALL
  SELECT format('role %I may become superuser %I: REVOKE %I FROM %I', m.rolname, s.rolname, s.rolname, m.rolname)
    FROM pg_roles m, pg_roles s
   WHERE m.rolcanlogin AND NOT m.rolsuper AND s.rolsuper AND pg_has_role(m.oid, s.oid, 'MEMBER')
  UNION ALL
  SELECT format('role %I is a replication role, so the fence leaves it alone: ALTER ROLE %I NOREPLICATION', rolname, rolname)
    FROM pg_roles WHERE rolname = $1 AND rolreplication
  UNION ALL
  SELECT format('there is no role %I, which spec.database.user names', $1::text)
   WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)`;

const PREPARED = `
  SELECT format('prepared transaction %L in database %I keeps its locks and changes over a fence: commit it or roll it back',
                gid, database) AS problem FROM pg_prepared_xacts`;

const WRAPAROUND = `
  SELECT format('an anti-wraparound vacuum runs in database %I (pid %s) and gives its lock to nobody: wait until it has ended',
                datname, pid) AS problem
    FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND query LIKE '%(to prevent wraparound)%'`;

async function clusterProblems(session: Session, user: string): Promise<readonly string[]> {
  return [
    ...(await texts(session, SUPERUSERS, [user])),
    ...(await texts(session, PREPARED)),
    ...(await texts(session, WRAPAROUND)),
  ];
}

const SUBSCRIPTIONS = `
  SELECT format('subscription %I in database %I is enabled and would write on both instances: ALTER SUBSCRIPTION %I DISABLE',
                subname, current_database(), subname) AS problem
    FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
   WHERE s.subenabled AND d.datname = current_database()`;

const UNLOGGED = `
  SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind = 'r' AND c.relpersistence = 'u'`;

async function databaseProblems(session: Session): Promise<readonly string[]> {
  const problems = [...(await texts(session, SUBSCRIPTIONS))];
  for (const { name } of await session.query<{ name: string }>(UNLOGGED)) {
    const [row] = await session.query<{ filled: boolean }>(`SELECT EXISTS (SELECT FROM ${name}) AS filled`);
    if (row?.filled === true) {
      problems.push(
        `table ${name} in database ${session.database} is unlogged and has rows, which no clone carries: ` +
          `ALTER TABLE ${name} SET LOGGED`,
      );
    }
  }
  return problems;
}

/** Keeper and commit lock every relation once each; PostgreSQL's shared lock table has no room beyond this product. */
async function lockProblems(session: Session, open: OpenSession): Promise<readonly string[]> {
  let relations = 0;
  for (const database of await applicationDatabases(session)) {
    const [row] = await withSession(open(database), (each) =>
      each.query<{ count: number }>(`SELECT count(*)::int AS count FROM (${LOCKABLE}) AS lockable`),
    );
    relations += (row?.count ?? 0) + LOCKED_CATALOGS.length;
  }
  const [limit] = await session.query<{ room: number }>(`
    SELECT current_setting('max_locks_per_transaction')::int
           * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int) AS room`);
  const room = limit?.room ?? 0;
  return relations * 2 <= room
    ? []
    : [
        `${relations} relations have to be locked twice over, and the lock table has room for ${room}: ` +
          'raise max_locks_per_transaction',
      ];
}

const ARCHIVE_PROBE = 'lifecycle-preflight';

async function archiveProblems(session: Session, wait: Wait): Promise<readonly string[]> {
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
