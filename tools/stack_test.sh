#!/bin/bash
# What ./seawall promises about processes: it stops its own, whatever happened
# to their binary, and nobody else's; a killed service comes back as it was.
# Run by tools/with_stack.sh.
set -uo pipefail

SEAWALL_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tools/stack_parts.sh
source "$SEAWALL_ROOT/tools/stack_parts.sh"
FOLDER=$(mktemp -d "${TMPDIR:-/tmp}/seawall-stack-test.XXXXXX")
trap 'rm -rf "$FOLDER"' EXIT
failed=0

expect() {
  if "${@:2}"; then
    echo "ok      $1"
  else
    echo "FAILED  $1"
    failed=1
  fi
}

# shellcheck disable=SC2317 # called by "expect"
not() { ! "$@"; }

# A program of our own that waits.
start_waiter() {
  cp "$(command -v sleep)" "$FOLDER/waiter"
  "$FOLDER/waiter" 300 &
  echo $! >"$FOLDER/waiter.pid"
  wait_until 30 running "$FOLDER/waiter.pid" "$FOLDER/waiter" 300 >/dev/null
}

# As mold does when it links anew.
rebuild_waiter() {
  mv "$FOLDER/waiter" "$FOLDER/.old"
  cp "$FOLDER/.old" "$FOLDER/waiter"
  rm "$FOLDER/.old"
}

stops_only_its_own() {
  start_waiter
  local pid
  pid=$(<"$FOLDER/waiter.pid")
  cp "$FOLDER/waiter.pid" "$FOLDER/stale.pid"
  stop_process "$FOLDER/stale.pid" "$FOLDER/waiter" "another folder" 5
  expect "a process without our mark is left alone" not gone "$pid"
  cp "$FOLDER/waiter.pid" "$FOLDER/stale.pid"
  stop_process "$FOLDER/stale.pid" "$(command -v sleep)" 300 5
  expect "a process of another binary is left alone" not gone "$pid"
  rebuild_waiter
  stop_process "$FOLDER/waiter.pid" "$FOLDER/waiter" 300 5
  expect "a process whose binary was built anew is stopped" gone "$pid"
}

comes_back() {
  local before port=${SEAWALL_ADDRESS#*:}
  before=$(service_pid referrals)
  kill -KILL "$before"
  expect "a killed service is seen to be gone" wait_until 30 not service_pid referrals
  "$SEAWALL_STATE/run/start-referrals" &
  expect "its starter brings it back at the same address" wait_until 30 service_answers "$port"
  expect "under a new process id" not test "$(service_pid referrals)" = "$before"
}

keeps_secrets() {
  expect "keys are read by their owner alone" \
    test -z "$(find "$SEAWALL_PKI" "$SEAWALL_STATE/redis" \( -name '*.key' -o -name password -o -name users.acl \) -type f -perm /077)"
  expect "Redis answers nobody without the password" \
    not test "$(redis-cli -p "$(<"$SEAWALL_STATE/run/redis.port")" ping 2>/dev/null)" = PONG
}

stops_only_its_own
comes_back
keeps_secrets
exit "$failed"
