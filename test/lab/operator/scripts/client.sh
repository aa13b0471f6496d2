#!/bin/bash
# client.sh SQL: runs it every half second as the role of the mounted password, in one session as long as that lasts, as
# the operator's exporter and PgBouncer do. What fails is tried again: a clone has another cluster's password at first.
set -Euo pipefail
trap 'kill 0; exit 0' TERM
every() { while echo "$1;"; do sleep 0.5; done; }
while true; do
  every "$1" | PGPASSWORD=$(</operator-role/password) psql --no-psqlrc --quiet --output=/dev/null &
  wait
  sleep 1 &
  wait
done
