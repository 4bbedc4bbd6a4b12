#!/bin/bash
# Runs a command against a real stack in a temporary folder, and stops what it
# started:  tools/with_stack.sh sqlite|postgres COMMAND…
#
# SEAWALL_BUILD names the build to take the service from. The command finds
# SEAWALL_ADDRESS, SEAWALL_METRICS, SEAWALL_PKI, SEAWALL_RUN (pid files and
# the script that starts the service again) and Node's modules in NODE_PATH.
set -euo pipefail

SEAWALL_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SEAWALL_BIN=${SEAWALL_BUILD:-$SEAWALL_ROOT/.seawall/build/dev}
SEAWALL_CLI="$SEAWALL_BIN/cli/seawall-cli"
SEAWALL_STATE=$(mktemp -d "${TMPDIR:-/tmp}/seawall-stack.XXXXXX")
SEAWALL_PKI="$SEAWALL_STATE/pki"
export SEAWALL_BIN SEAWALL_CLI SEAWALL_STATE SEAWALL_PKI
# shellcheck source=tools/stack_parts.sh
source "$SEAWALL_ROOT/tools/stack_parts.sh"

finish() {
  local code=$?
  ((code == 0)) || tail -n 20 "$SEAWALL_STATE"/logs/{referrals,waiting}.log >&2 || true
  stack_down
  rm -rf "$SEAWALL_STATE"
  exit "$code"
}

start() {
  for name in "${SEAWALL_SERVICES[@]}"; do
    [[ -x $(service_binary "$name") ]] || die "seawall-$name is not built in $SEAWALL_BIN"
  done
  [[ -x $SEAWALL_CLI ]] || die "seawall-cli is not built in $SEAWALL_BIN"
  chmod 711 "$SEAWALL_STATE" # PostgreSQL's user passes through
  node_tools interop "$SEAWALL_ROOT/tests/interop"
  make_pki "$SEAWALL_PKI"
  stack_up "$1"
}

(($# > 1)) || die "with_stack.sh needs a store and a command"
trap finish EXIT
trap 'exit 130' INT TERM
start "$1"
shift
set -a
# shellcheck disable=SC1091 # made by tools/stack.sh
source "$SEAWALL_STATE/run/stack.env"
set +a
export SEAWALL_RUN="$SEAWALL_STATE/run"
export NODE_PATH="$SEAWALL_STATE_ROOT/tools/interop/node_modules"
cd "$SEAWALL_ROOT"
"$@"
