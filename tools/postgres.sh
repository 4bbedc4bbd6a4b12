# shellcheck shell=bash
# A private PostgreSQL for `up --store postgres`: durable settings as they come,
# reached over a socket in its own folder, no TCP port. PostgreSQL refuses to
# run as root, so the `postgres` user runs it then.
#
#   STATE/postgres/data, STATE/postgres/socket, STATE/logs/postgres.log

postgres_bin() {
  local newest
  newest=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -1)
  [[ -x $newest/postgres ]] || die "no PostgreSQL server is installed (package postgresql)"
  echo "$newest"
}

as_postgres() {
  if ((EUID == 0)); then
    runuser -u postgres -- "$@"
  else
    "$@"
  fi
}

postgres_folder() {
  local dir=$1
  mkdir -p "$dir/data" "$dir/socket"
  chmod 700 "$dir/data" "$dir/socket"
  ((EUID == 0)) || return 0
  chown -R postgres:postgres "$dir"
  as_postgres test -x "$dir/data" ||
    die "the user postgres cannot reach $dir; keep the clone where others may enter, or do not run as root"
}

postgres_create() {
  local dir=$1 bin=$2
  [[ -s $dir/data/PG_VERSION ]] && return
  as_postgres "$bin/initdb" -D "$dir/data" -U postgres --auth=trust --encoding=UTF8 --locale=C \
    >>"$SEAWALL_STATE/logs/postgres.log" 2>&1 || die "initdb failed; see $SEAWALL_STATE/logs/postgres.log"
}

postgres_answers() { "$(postgres_bin)/pg_isready" -q -h "$1/socket" -U postgres; }

postgres_pid() { running "$SEAWALL_STATE/postgres/data/postmaster.pid" "$(postgres_bin)/postgres" "$SEAWALL_STATE/postgres"; }

# PostgreSQL takes a killed predecessor that was not reaped for alive. Its lock
# is removed once no process works in the folder.
postgres_unused() { [[ -z $(find /proc/[0-9]*/cwd -maxdepth 0 -lname "$1" 2>/dev/null) ]]; }

postgres_unlock() {
  wait_until 10 postgres_unused "$1/data" || die "another PostgreSQL works in $1"
  rm -f "$1/data/postmaster.pid" "$1"/socket/.s.PGSQL.*
}

postgres_answers_or_gone() { postgres_answers "$1" || ! postgres_pid >/dev/null; }

# After a crash it may recover for minutes before it answers.
postgres_wait() {
  wait_until 5 postgres_answers_or_gone "$1" || say "  waiting for PostgreSQL, which is starting or recovering"
  wait_until 600 postgres_answers_or_gone "$1" || true
  postgres_answers "$1" || die "PostgreSQL did not start; see $SEAWALL_STATE/logs/postgres.log"
}

postgres_up() {
  local dir="$SEAWALL_STATE/postgres" bin
  bin=$(postgres_bin)
  if postgres_pid >/dev/null; then
    postgres_wait "$dir"
    return
  fi
  postgres_folder "$dir"
  postgres_create "$dir" "$bin"
  postgres_unlock "$dir"
  (cd "$dir" && as_postgres setsid -f "$bin/postgres" -D "$dir/data" -k "$dir/socket" -c listen_addresses= \
    >>"$SEAWALL_STATE/logs/postgres.log" 2>&1 </dev/null 9>&-)
  wait_until 30 postgres_pid >/dev/null || die "PostgreSQL did not start; see $SEAWALL_STATE/logs/postgres.log"
  postgres_wait "$dir"
  local name
  for name in "${SEAWALL_SERVICES[@]}"; do
    "$bin/createdb" -h "$dir/socket" -U postgres "seawall_$name" 2>/dev/null || true
  done
}

# PostgreSQL writes and removes its own pid file. INT is its fast shutdown.
postgres_down() {
  local pid
  [[ -d $SEAWALL_STATE/postgres ]] || return 0
  pid=$(postgres_pid) || return 0
  kill -INT "$pid"
  wait_until 30 gone "$pid" || say "PostgreSQL ($pid) is still stopping"
}

# postgres_address SERVICE
postgres_address() { echo "postgres:host=$SEAWALL_STATE/postgres/socket dbname=seawall_$1 user=postgres"; }
