# shellcheck shell=bash
# One running stack: Redis, a service, and PostgreSQL if asked for. Everything
# of it lies in the folder SEAWALL_STATE:
#
#   run/<part>.pid          process id of redis, referrals
#   run/stack.env           SEAWALL_ADDRESS, SEAWALL_METRICS, SEAWALL_STORE
#   run/start-referrals     starts the service again with the same settings and
#                           writes its pid file: whoever kills it may restart it
#   data/                   records (SQLite)      logs/   what the parts say
#   redis/ postgres/        see redis.sh, postgres.sh
#
# .seawall/current names the stack that ./seawall's other commands talk to.

# shellcheck disable=SC2034 # used by ./seawall
SEAWALL_CURRENT="$SEAWALL_STATE_ROOT/current"
STOP_SECONDS=20

service_binary() { echo "$SEAWALL_BIN/seawall-$1"; }

service_pid() { running "$SEAWALL_STATE/run/$1.pid" "$(service_binary "$1")" "$SEAWALL_STATE/"; }

store_address() {
  case $1 in
    sqlite) echo "sqlite:$SEAWALL_STATE/data/referrals.db" ;;
    postgres) postgres_address ;;
    *) die "unknown store: $1 (sqlite or postgres)" ;;
  esac
}

# service_flags STORE PORT METRICS_PORT: one flag a line.
service_flags() {
  printf -- '--%s\n' \
    "listen=127.0.0.1:$2" "metrics-listen=127.0.0.1:$3" \
    "certificate=$SEAWALL_PKI/service-referrals.crt" \
    "key=$SEAWALL_PKI/service-referrals.key" "ca=$SEAWALL_PKI/ca.crt" \
    "agencies=$SEAWALL_ROOT/data/agencies.json" "data=$SEAWALL_ROOT/data" \
    "database=$(store_address "$1")" \
    "redis=127.0.0.1:$(<"$SEAWALL_STATE/run/redis.port")" "redis-user=$REDIS_USER" \
    "redis-password-file=$SEAWALL_STATE/redis/password" \
    "seal-keys=$SEAWALL_PKI/seal.key" \
    "allow-test-numbers=true" # all children here are invented
}

# A script of its own, so that a demo or a test that killed the service can
# start it again exactly as it was.
write_starter() {
  local starter="$SEAWALL_STATE/run/start-referrals" flags
  mapfile -t flags < <(service_flags "$@")
  {
    echo '#!/bin/bash'
    echo '# Starts the referrals service as ./seawall did. Made by ./seawall.'
    # In a session of its own: what stops a terminal does not stop the service.
    # shellcheck disable=SC2016 # meant for the script that is written
    echo 'read -r _ _ _ _ group _ <"/proc/$$/stat"'
    # shellcheck disable=SC2016
    echo '[[ $group == "$$" ]] || exec setsid "$0"'
    printf 'echo $$ >%q\n' "$SEAWALL_STATE/run/referrals.pid"
    printf 'exec %q' "$(service_binary referrals)"
    printf ' %q' "${flags[@]}"
    printf ' >>%q 2>&1 </dev/null\n' "$SEAWALL_STATE/logs/referrals.log"
  } >"$starter"
  chmod 700 "$starter"
}

write_environment() {
  cat >"$SEAWALL_STATE/run/stack.env" <<EOF
SEAWALL_ADDRESS=127.0.0.1:$2
SEAWALL_METRICS=http://127.0.0.1:$3/metrics
SEAWALL_STORE=$1
EOF
}

# Ready = a call over mutual TLS is answered, which needs the store.
service_answers() {
  SEAWALL_CERTIFICATE='' SEAWALL_KEY='' SEAWALL_CA='' SEAWALL_ADDRESS=127.0.0.1:$1 as_client ops timeout 3 "$SEAWALL_CLI" whoami >/dev/null 2>&1
}

service_ready_or_gone() { service_answers "$1" || ! service_pid referrals >/dev/null; }

service_try() {
  write_starter "$@"
  "$SEAWALL_STATE/run/start-referrals" 9>&- &
  disown
  wait_until 5 service_pid referrals >/dev/null || return 1
  wait_until 30 service_ready_or_gone "$2"
  service_pid referrals >/dev/null && service_answers "$2"
}

service_up() {
  local store=$1 port metrics
  service_pid referrals >/dev/null && return
  for _ in 1 2 3; do
    port=$(free_port)
    metrics=$(free_port)
    rm -f "$SEAWALL_STATE/run/referrals.pid"
    if service_try "$store" "$port" "$metrics"; then
      write_environment "$store" "$port" "$metrics"
      return
    fi
    service_down
    # Only a port taken meanwhile is worth another try.
    tail -n 20 "$SEAWALL_STATE/logs/referrals.log" | grep -qiE 'in use|PORT|LISTEN' || break
  done
  tail -n 5 "$SEAWALL_STATE/logs/referrals.log" >&2
  die "seawall-referrals did not become ready; see $SEAWALL_STATE/logs/referrals.log"
}

service_down() {
  stop_process "$SEAWALL_STATE/run/referrals.pid" "$(service_binary referrals)" "$SEAWALL_STATE/" "$STOP_SECONDS"
}

# stack_up STORE: needs the binaries in SEAWALL_BIN and the certificates.
stack_up() {
  mkdir -p "$SEAWALL_STATE"/{run,logs,data}
  chmod 700 "$SEAWALL_STATE/data"
  redis_up
  [[ $1 != postgres ]] || postgres_up
  service_up "$1"
}

# The service first: it still writes while it stops.
stack_down() {
  service_down
  redis_down
  postgres_down
  rm -f "$SEAWALL_STATE/run/stack.env"
}

# as_client NAME COMMAND…: runs a client with the certificate of that name in
# SEAWALL_PKI. What the user set himself stands.
as_client() {
  local name=$1
  shift
  SEAWALL_CERTIFICATE="${SEAWALL_CERTIFICATE:-$SEAWALL_PKI/$name.crt}" \
    SEAWALL_KEY="${SEAWALL_KEY:-$SEAWALL_PKI/$name.key}" \
    SEAWALL_CA="${SEAWALL_CA:-$SEAWALL_PKI/ca.crt}" \
    SEAWALL_AREA="${SEAWALL_AREA:-blackpool}" \
    SEAWALL_PERSON="${SEAWALL_PERSON:-p-1/practitioner}" "$@"
}
