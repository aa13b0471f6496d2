#!/bin/bash
# Makes this replica the primary. Prints the system identifier.
set -Eeuo pipefail
if [ "$(psql --no-psqlrc --no-align --tuples-only --command='SELECT pg_is_in_recovery()')" = t ]; then
  pg_ctl promote --silent --wait
fi
psql --no-psqlrc --no-align --tuples-only --command='SELECT system_identifier FROM pg_control_system()'
