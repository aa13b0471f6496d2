#!/bin/bash
# start.sh primary|replica: orders the role and waits a moment for the server to have it; run again until it has.
# Prints the system identifier and the revision of the configuration that the server was started with.
set -Eeuo pipefail
psql() { command psql --no-psqlrc --no-align --tuples-only --quiet "$@"; }
[ -s /tmp/order ] || echo "$1" >/tmp/order
for _ in {1..30}; do
  recovering=$(psql --command='SELECT pg_is_in_recovery()' 2>/dev/null) || recovering=
  # A leader that was killed while it was being promoted.
  if [ "$1/$recovering" = primary/t ] && [ -e "$PGDATA/standby.signal" ]; then pg_ctl promote --silent; fi
  case "$1/$recovering" in
    primary/f)
      psql <<'SQL'
SELECT 'CREATE ROLE _crunchyrepl LOGIN REPLICATION' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '_crunchyrepl') \gexec
SQL
      ;&
    replica/t)
      psql --command='SELECT system_identifier FROM pg_control_system()'
      cat /tmp/revision
      exit 0
      ;;
  esac
  sleep 0.1
done
exit 75
