#!/bin/bash
# configure.sh REVISION: waits until the mounted configuration is this one, loads it, restarts the server if it must.
set -Eeuo pipefail
psql() { command psql --no-psqlrc --no-align --tuples-only "$@"; }
for _ in {1..50}; do
  if [ "$(</config/revision)" = "$1" ]; then break; fi
  sleep 0.1
done
[ "$(</config/revision)" = "$1" ] || exit 75
before=$(psql --command='SELECT pg_conf_load_time()')
pg_ctl reload --silent
until [ "$(psql --command='SELECT pg_conf_load_time()')" != "$before" ]; do sleep 0.1; done
if [ "$(psql --command='SELECT count(*) FROM pg_settings WHERE pending_restart')" != 0 ]; then
  touch /tmp/restart
  pg_ctl stop --silent --mode=fast --wait
  until psql --command='SELECT 1' >/dev/null 2>&1; do sleep 0.1; done
fi
