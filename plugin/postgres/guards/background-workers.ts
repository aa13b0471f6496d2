import { problemsOf, type ServerGuard } from './guard.ts';

/** Everything that PostgreSQL 14 to 18 start by themselves, as `pg_stat_activity` calls it. */
const OWN =
  `(client backend|walsender|walreceiver|walwriter|walsummarizer|checkpointer|archiver|startup|logger|io worker|` +
  `background writer|parallel worker|autovacuum (launcher|worker)|slotsync worker|standalone backend|` +
  `logical replication (launcher|worker|apply worker|parallel worker|tablesync worker))`;

const WORKERS = `
  WITH libraries AS (
    SELECT substring(library FROM '([^/" ]+)"? *$') AS name
      FROM regexp_split_to_table(current_setting('shared_preload_libraries'), ',') AS library)
  SELECT format('background worker %L runs on blue, and would run on green before the commit and on blue after it: stop it, or '
                'set spec.green.acceptBackgroundWorkers', name) AS problem
    FROM (SELECT backend_type AS name FROM pg_stat_activity WHERE backend_type !~ $1
          UNION SELECT name FROM libraries WHERE name = ANY ($2)) AS found ORDER BY name`;

/** Whose worker starts only when there is something to do. */
const LIBRARIES = ['pg_cron', 'pg_partman_bgw', 'pg_squeeze'];

/** Workers of extensions (pg_cron, pg_partman) write with rights of their own. The fence's locks stop them on blue only. */
export const backgroundWorkers: ServerGuard = ({ session, request }) =>
  request.accepted?.backgroundWorkers === true
    ? Promise.resolve([])
    : problemsOf(session, WORKERS, [`^${OWN}$`, LIBRARIES]);
