#!/bin/bash
# What a reviewer should not have to say. Runs every check, names each finding,
# and fails if there is one. SEAWALL_CHECK_ROOT checks another copy of the tree
# (tools/check_test.sh plants violations in one).
#
#   tools/check.sh [NAME…]     all checks, or those named (see `checks` below)
#   tools/check.sh --bless     make today's protos the contract that must not break
set -uo pipefail

SEAWALL_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tools/common.sh
source "$SEAWALL_ROOT/tools/common.sh"
# shellcheck source=tools/packages.sh
source "$SEAWALL_ROOT/tools/packages.sh"
# shellcheck source=tools/check_code.sh
source "$SEAWALL_ROOT/tools/check_code.sh"
# shellcheck source=tools/check_golden.sh
source "$SEAWALL_ROOT/tools/check_golden.sh"

ROOT=${SEAWALL_CHECK_ROOT:-$SEAWALL_ROOT}
cd "$ROOT" || die "no such folder: $ROOT"

checks=(format shell protos breaking arrows includes rules clock locale environment sql metrics reasons paths)

# files PATTERN…: what is tracked or about to be, without what was deleted.
files() {
  git ls-files --cached --others --exclude-standard -- "$@" | while read -r file; do
    [[ -f $file ]] && echo "$file"
  done
}

cpp_files() { files '*.cc' '*.h'; }

buf() {
  "$SEAWALL_STATE_ROOT/tools/buf/node_modules/.bin/buf" "$@"
}

check_format() {
  cpp_files | tr '\n' '\0' | xargs -0r clang-format-14 --dry-run -Werror 2>&1 | grep -oE '^[^: ]+:[0-9]+:' |
    awk -F: '!seen[$1]++ { print $1 ":" $2 ": run clang-format-14 -i " $1 }'
}

check_shell() {
  local scripts
  mapfile -t scripts < <(files '*.sh' seawall '.ci/run')
  shellcheck -x "${scripts[@]}"
}

check_protos() { buf lint protos; }

# Against the contract that was promised, tests/golden/protos.binpb.
check_breaking() { buf breaking protos --against tests/golden/protos.binpb; }

bless() {
  mkdir -p tests/golden
  buf build protos --exclude-source-info -o tests/golden/protos.binpb && say "tests/golden/protos.binpb is today's contract"
}

run_check() {
  local findings
  findings=$("check_$1" 2>&1)
  if [[ -z $findings ]]; then
    printf 'ok      %s\n' "$1"
  else
    printf 'FAILED  %s\n' "$1"
    printf '%s\n' "$findings" | sed 's/^/        /'
    return 1
  fi
}

main() {
  local failed=0 name
  # Checks of no files pass.
  [[ -n $(files) ]] || die "git lists no files in $ROOT"
  node_tools buf "$SEAWALL_ROOT/tools"
  [[ ${1:-} == --bless ]] && bless && return
  (($#)) && checks=("$@")
  for name in "${checks[@]}"; do
    declare -F "check_$name" >/dev/null || die "no check is called '$name'; there are: ${checks[*]}"
    run_check "$name" || failed=$((failed + 1))
  done
  ((failed == 0)) || die "$failed of ${#checks[@]} checks failed"
}

main "$@"
