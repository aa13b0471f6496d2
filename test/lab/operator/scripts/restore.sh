#!/bin/bash
# restore.sh OPTIONS: restores and replays until the server has promoted itself. As in the operator's own Job the options
# are joined into a command line, so bash interprets what is in them, and a recovery that ends early is tried for ever.
set -Eeuo pipefail
umask 077
exec 9>/pgdata/lock
flock --timeout 20 9
mkdir -p "$PGDATA"
rm -f "$PGDATA/postmaster.pid"
bash -xc "pgbackrest restore $1"

setting() { pg_controldata | sed -n "s/^$1 setting: *//p"; }
echo 'local all postgres peer' >/tmp/restore_hba.conf
# Archiving is left to the instance, which knows its own repository. A command that fails would hold up the shutdown.
cat >/tmp/restore.conf <<CONF
archive_mode = on
archive_command = ''
hba_file = '/tmp/restore_hba.conf'
listen_addresses = ''
unix_socket_directories = '/tmp'
wal_level = logical
max_connections = $(setting max_connections)
max_worker_processes = $(setting max_worker_processes)
max_wal_senders = $(setting max_wal_senders)
max_prepared_transactions = $(setting max_prepared_xacts)
max_locks_per_transaction = $(setting max_locks_per_xact)
CONF

psql() { command psql --no-psqlrc --no-align --tuples-only "$@"; }
recovering=
until [ "$recovering" = false ]; do
  if [ -z "$recovering" ]; then
    pg_ctl start --silent --wait --timeout=86400 --options='-c config_file=/tmp/restore.conf' || sleep 1
  fi
  recovering=$(psql <<'SQL'
SELECT CASE WHEN NOT pg_is_in_recovery() THEN 'false'
            WHEN NOT pg_is_wal_replay_paused() THEN 'true'
            ELSE coalesce(nullif(pg_wal_replay_resume()::text, ''), 'true') END
SQL
  ) || recovering=
  if [ "$recovering" = true ]; then sleep 0.2; fi
done
# They would stop a standby that is made from this directory.
for name in restore_command recovery_target recovery_target_action recovery_target_inclusive recovery_target_lsn \
  recovery_target_name recovery_target_time recovery_target_timeline recovery_target_xid; do
  psql --quiet --command="ALTER SYSTEM RESET $name"
done
pg_ctl stop --silent --mode=fast --wait
