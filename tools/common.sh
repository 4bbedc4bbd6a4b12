# shellcheck shell=bash
# What every part of ./seawall uses: where things lie, saying and refusing,
# waiting with a bound, and stopping a process that is surely ours.
# Sourced; needs SEAWALL_ROOT (the repository) and makes nothing by itself.

# Everybody's tools sort, compare and speak alike.
export LC_ALL=C.UTF-8

SEAWALL_STATE_ROOT="$SEAWALL_ROOT/.seawall"
export SEAWALL_PKI="${SEAWALL_PKI:-$SEAWALL_STATE_ROOT/pki}"

say() { printf '%s\n' "$*" >&2; }
step() { printf '\n== %s\n' "$*" >&2; }

die() {
  printf 'seawall: %s\n' "$*" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# wait_until SECONDS COMMAND…: true as soon as the command is.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A port nobody listens on now, below the ephemeral range. Whoever uses it must
# still be ready to find it taken.
free_port() {
  local port
  for _ in {1..50}; do
    port=$((20000 + RANDOM % 12000))
    port_is_free "$port" && echo "$port" && return
  done
  die "found no free port on 127.0.0.1"
}

# ---- processes ---------------------------------------------------------------

# process_is PID BINARY MARK: the process runs that binary, and the mark (a path
# of ours) stands in its command line. A number that was given to another
# process since then is not ours.
process_is() {
  local exe binary words
  exe=$(readlink "/proc/$1/exe" 2>/dev/null) || exe=" (deleted)"
  binary=$(readlink -f "$2")
  mapfile -d '' -t words <"/proc/$1/cmdline" 2>/dev/null || return 1
  # A binary that was built anew under a running process has another name or
  # none there (mold renames it first), and a service shows its own to root
  # alone; then the process's own word is taken.
  [[ $exe == "$binary" || ($exe == *" (deleted)" && ${words[0]:-} == "$2") ]] || return 1
  [[ "${words[*]}" == *"$3"* ]]
}

# running PIDFILE BINARY MARK: prints the process id if it is ours and alive.
running() {
  local pid
  [[ -s $1 ]] || return 1
  read -r pid <"$1" || [[ -n $pid ]]
  process_is "$pid" "$2" "$3" && echo "$pid"
}

# A zombie that nobody reaps is gone too; it has no command line any more.
gone() { ! read -r -d '' _ 2>/dev/null <"/proc/$1/cmdline"; }

# stop_process PIDFILE BINARY MARK SECONDS: TERM, then KILL after the bound.
stop_process() {
  local pid
  if pid=$(running "$1" "$2" "$3"); then
    kill -TERM "$pid"
    if ! wait_until "$4" gone "$pid"; then
      say "process $pid did not stop within $4 s; killing it"
      kill -KILL "$pid"
      wait_until 5 gone "$pid" || say "process $pid is still there"
    fi
  fi
  rm -f "$1"
}

# One ./seawall changes the running parts at a time. Children must not inherit
# descriptor 9, or the lock would live as long as they do.
lock_state() {
  mkdir -p "$SEAWALL_STATE_ROOT"
  exec 9>"$SEAWALL_STATE_ROOT/lock"
  flock -n 9 || die "another ./seawall is starting or stopping things; wait for it"
}
