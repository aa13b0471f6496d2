#!/bin/bash
# The database container: waits until the operator orders a role, prepares the data directory, runs the server.
set -Eeuo pipefail
umask 077
trap 'exit 0' TERM
in_background() { "$@" & wait "$!"; }

rm -f /tmp/order /tmp/restart
# Held by every server process as well: two pods never run on one volume, whatever became of the older one's object.
exec 9>/pgdata/lock
in_background flock 9
until [ -s /tmp/order ]; do in_background sleep 0.1; done

case "$(</tmp/order)" in
  primary)
    rm -f "$PGDATA/postmaster.pid"
    if [ ! -s "$PGDATA/PG_VERSION" ]; then
      rm -rf "$PGDATA.new"
      initdb --pgdata="$PGDATA.new" --username=postgres --encoding=UTF8 --locale=C.UTF-8 --data-checksums --no-sync
      mv --no-target-directory "$PGDATA.new" "$PGDATA"
    fi
    ;;
  replica)
    # Built anew every time: a directory of another timeline, or of before a restore, cannot follow.
    rm -rf "$PGDATA"
    until
      rm -rf "$PGDATA.new"
      in_background pg_basebackup --pgdata="$PGDATA.new" --dbname="$(</config/primary_conninfo)" --checkpoint=fast --no-sync
    do
      in_background sleep 1
    done
    touch "$PGDATA.new/standby.signal"
    mv --no-target-directory "$PGDATA.new" "$PGDATA"
    ;;
esac

while :; do
  cp /config/revision /tmp/revision
  postgres -D "$PGDATA" -c config_file=/config/postgresql.conf -c hba_file=/config/pg_hba.conf &
  server=$!
  trap 'kill -INT "$server"' TERM
  # `wait` also returns when the trap has run.
  while kill -0 "$server" 2>/dev/null; do wait "$server" || true; done
  [ -e /tmp/restart ] || exit 1
  rm /tmp/restart
done
