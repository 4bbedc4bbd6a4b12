# shellcheck shell=bash
# One running stack: Redis, the services, and PostgreSQL if asked for.
# Everything of it lies in the folder SEAWALL_STATE:
#
#   run/<part>.pid          process id of redis, referrals, waiting
#   run/stack.env           SEAWALL_ADDRESS and SEAWALL_METRICS of referrals,
#                           SEAWALL_WAITING_ADDRESS and …_METRICS, SEAWALL_STORE
#   run/start-<service>     starts it again with the same settings and writes
#                           its pid file: whoever kills it may restart it
#   agencies.json           the register: data/agencies.json with the public keys of this stack's services
#   data/                   records (SQLite)      logs/   what the parts say
#   redis/ postgres/        see redis.sh, postgres.sh
#
# .seawall/current names the stack that ./seawall's other commands talk to.

# shellcheck disable=SC2034 # used by ./seawall
SEAWALL_CURRENT="$SEAWALL_STATE_ROOT/current"
STOP_SECONDS=20
SEAWALL_SERVICES=(referrals waiting)

service_binary() { echo "$SEAWALL_BIN/seawall-$1"; }

service_pid() { running "$SEAWALL_STATE/run/$1.pid" "$(service_binary "$1")" "$SEAWALL_STATE/"; }

# store_address STORE SERVICE: each has records of its own.
store_address() {
  case $1 in
    sqlite) echo "sqlite:$SEAWALL_STATE/data/$2.db" ;;
    postgres) postgres_address "$2" ;;
    *) die "unknown store: $1 (sqlite or postgres)" ;;
  esac
}

# service_flags STORE SERVICE PORT METRICS_PORT: one flag a line.
service_flags() {
  printf -- '--%s\n' \
    "listen=127.0.0.1:$3" "metrics-listen=127.0.0.1:$4" \
    "certificate=$SEAWALL_PKI/service-$2.crt" \
    "key=$SEAWALL_PKI/service-$2.key" "ca=$SEAWALL_PKI/ca.crt" \
    "agencies=$SEAWALL_STATE/agencies.json" "data=$SEAWALL_ROOT/data" \
    "database=$(store_address "$1" "$2")" \
    "redis=127.0.0.1:$(<"$SEAWALL_STATE/run/redis.port")" "redis-user=$REDIS_USER" \
    "redis-password-file=$SEAWALL_STATE/redis/password" \
    "seal-keys=$SEAWALL_PKI/seal.key" "signing-key=$SEAWALL_PKI/sign-$2.key" \
    "allow-test-numbers=true" # all children here are invented
}

# The register with the public keys of our services. One that was edited later
# than data/agencies.json stays: it may keep somebody out. Written in one step, as
# services that run read it again.
write_register() {
  local name key edits=()
  [[ ! $SEAWALL_STATE/agencies.json -nt $SEAWALL_ROOT/data/agencies.json ]] || return 0
  for name in "${SEAWALL_SERVICES[@]}"; do
    key=$(<"$SEAWALL_PKI/sign-$name.pub")
    edits+=(-e "/{\"id\": \"$name\", \"roles\": \[\"service\"\]}/s/\"signing_keys\": \[\]/\"signing_keys\": [\"$key\"]/")
  done
  sed "${edits[@]}" "$SEAWALL_ROOT/data/agencies.json" >"$SEAWALL_STATE/agencies.json.new"
  mv "$SEAWALL_STATE/agencies.json.new" "$SEAWALL_STATE/agencies.json"
}

# A script of its own, so that a demo or a test that killed the service can
# start it again exactly as it was.
write_starter() {
  local name=$2 flags
  local starter="$SEAWALL_STATE/run/start-$name"
  mapfile -t flags < <(service_flags "$@")
  {
    echo '#!/bin/bash'
    echo "# Starts the $name service as ./seawall did. Made by ./seawall."
    # In a session of its own: what stops a terminal does not stop the service.
    # shellcheck disable=SC2016 # meant for the script that is written
    echo 'read -r _ _ _ _ group _ <"/proc/$$/stat"'
    # shellcheck disable=SC2016
    echo '[[ $group == "$$" ]] || exec setsid "$0"'
    printf 'echo $$ >%q\n' "$SEAWALL_STATE/run/$name.pid"
    printf 'exec %q' "$(service_binary "$name")"
    printf ' %q' "${flags[@]}"
    printf ' >>%q 2>&1 </dev/null\n' "$SEAWALL_STATE/logs/$name.log"
  } >"$starter"
  chmod 700 "$starter"
}

# service_variables SERVICE PORT METRICS_PORT: those of referrals have no prefix.
service_variables() {
  local prefix=SEAWALL
  [[ $1 == referrals ]] || prefix=SEAWALL_${1^^}
  echo "${prefix}_ADDRESS=127.0.0.1:$2"
  echo "${prefix}_METRICS=http://127.0.0.1:$3/metrics"
}

# Ready = a call over mutual TLS is answered, which needs the store.
service_answers() {
  SEAWALL_CERTIFICATE='' SEAWALL_KEY='' SEAWALL_CA='' SEAWALL_ADDRESS=127.0.0.1:$1 as_client ops timeout 3 "$SEAWALL_CLI" whoami >/dev/null 2>&1
}

service_ready_or_gone() { service_answers "$2" || ! service_pid "$1" >/dev/null; }

service_try() {
  local name=$2 port=$3
  write_starter "$@"
  "$SEAWALL_STATE/run/start-$name" 9>&- &
  disown
  wait_until 15 service_pid "$name" >/dev/null || return 1
  wait_until 30 service_ready_or_gone "$name" "$port"
  service_pid "$name" >/dev/null && service_answers "$port"
}

# service_up STORE SERVICE
service_up() {
  local store=$1 name=$2 port metrics
  if service_pid "$name" >/dev/null; then
    [[ ! -s $SEAWALL_STATE/run/$name.env ]] || return 0
    service_down "$name" # a start that was broken off
  fi
  for _ in 1 2 3; do
    port=$(free_port)
    metrics=$(free_port)
    rm -f "$SEAWALL_STATE/run/$name.pid" "$SEAWALL_STATE/run/$name.env"
    if service_try "$store" "$name" "$port" "$metrics"; then
      service_variables "$name" "$port" "$metrics" >"$SEAWALL_STATE/run/$name.env"
      return
    fi
    service_down "$name"
    # Only a port taken meanwhile is worth another try.
    tail -n 20 "$SEAWALL_STATE/logs/$name.log" | grep -qiE 'in use|PORT|LISTEN' || break
  done
  tail -n 5 "$SEAWALL_STATE/logs/$name.log" >&2
  die "seawall-$name did not become ready; see $SEAWALL_STATE/logs/$name.log"
}

service_down() {
  stop_process "$SEAWALL_STATE/run/$1.pid" "$(service_binary "$1")" "$SEAWALL_STATE/" "$STOP_SECONDS"
}

# stack_up STORE: needs the binaries in SEAWALL_BIN and the certificates.
stack_up() {
  local name
  mkdir -p "$SEAWALL_STATE"/{run,logs,data}
  chmod 700 "$SEAWALL_STATE/data"
  write_register
  redis_up
  [[ $1 != postgres ]] || postgres_up
  for name in "${SEAWALL_SERVICES[@]}"; do service_up "$1" "$name"; done
  {
    for name in "${SEAWALL_SERVICES[@]}"; do cat "$SEAWALL_STATE/run/$name.env"; done
    echo "SEAWALL_STORE=$1"
  } >"$SEAWALL_STATE/run/stack.env"
}

# The services first: they still write while they stop.
stack_down() {
  local name
  for name in "${SEAWALL_SERVICES[@]}"; do service_down "$name"; done
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
