#!/bin/bash
# Proves that each check of ./seawall check can fail: plants one violation in a
# copy of the tree and sees that check name it, and that it was not named before.
set -uo pipefail

SEAWALL_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
COPY=$(mktemp -d "${TMPDIR:-/tmp}/seawall-check.XXXXXX")
trap 'rm -rf "$COPY"' EXIT
failed=0

fresh_copy() {
  find "$COPY" -mindepth 1 -delete
  (cd "$SEAWALL_ROOT" && git ls-files -z --cached --others --exclude-standard |
    xargs -0 ls -d 2>/dev/null | tr '\n' '\0' | xargs -0 cp --parents -t "$COPY")
  git -C "$COPY" init -q
}

findings() { SEAWALL_CHECK_ROOT=$COPY "$SEAWALL_ROOT/tools/check.sh" "$1" 2>&1; }

# catches CHECK TEXT COMMAND…: after COMMAND (run in the copy) the check fails
# and its findings hold TEXT.
catches() {
  local check=$1 text=$2 said
  shift 2
  if findings "$check" | grep -qF -- "$text"; then
    echo "FAILED  $check: finds '$text' before it was planted"
    failed=1
    return
  fi
  (cd "$COPY" && "$@")
  if said=$(findings "$check"); then
    echo "FAILED  $check: passes with '$text' planted"
    failed=1
  elif ! grep -qF -- "$text" <<<"$said"; then
    printf "FAILED  %s: did not name '%s' but said\n%s\n" "$check" "$text" "$said"
    failed=1
  else
    echo "ok      $check catches $text"
  fi
  fresh_copy
}

# shellcheck disable=SC2317 # called by `catches`
# put FILE TEXT: appends a line, making the file if need be.
put() {
  mkdir -p "$(dirname "$1")"
  printf '%s\n' "$2" >>"$1"
}

# shellcheck disable=SC2317
remove_line() { sed -i "0,/$2/{/$2/d}" "$1"; }

planted() {
  # shellcheck disable=SC2016 # the text is planted as it stands
  catches shell planted.sh put tools/planted.sh 'echo $1'
  catches format libs/base/planted.h put libs/base/planted.h 'int  a ;'
  catches protos "planted" put protos/seawall/referrals/v1/planted.proto 'syntax = "proto3"; package planted;'
  catches breaking "request_id" remove_line protos/seawall/referrals/v1/referrals.proto '  string request_id = 2;'
  catches arrows libs/base/planted.h put libs/base/planted.h '#include "libs/rpc/server.h"'
  catches arrows services/referrals/planted.cc put services/referrals/planted.cc '#include "services/waiting/store.h"'
  catches includes services/referrals/planted.cc put services/referrals/planted.cc '#include <grpcpp/grpcpp.h>'
  catches includes services/referrals/handler_planted.cc put services/referrals/handler_planted.cc '#include <soci/soci.h>'
  catches rules services/referrals/rules_planted.cc put services/referrals/rules_planted.cc '#include "libs/store/database.h"'
  catches clock cli/planted.cc put cli/planted.cc 'auto now = std::chrono::system_clock::now();'
  catches locale docs/planted.js put docs/planted.js "const day = new Intl.DateTimeFormat('en-CA').format(now);"
  catches locale docs/planted.js put docs/planted.js 'const day = now.toLocaleDateString();'
  catches locale cli/planted.cc put cli/planted.cc 'std::tm* local = std::localtime(&now);'
  catches environment libs/rpc/planted.cc put libs/rpc/planted.cc 'auto home = std::getenv("HOME");'
  catches sql libs/rpc/planted.cc put libs/rpc/planted.cc 'auto q = "select a from contacts where b";'
  catches sql services/referrals/planted.cc put services/referrals/planted.cc 'where += " and c.agency = ?";'
  catches sql services/referrals/planted.cc put services/referrals/planted.cc 'text = "outcome = '"'"'" + asked + "'"'"'";'
  catches sql services/referrals/planted.cc put services/referrals/planted.cc 'text = "tries > " + asked;'
  catches sql services/referrals/planted.cc put services/referrals/planted.cc 'text += " or name in (";'
  catches sql services/referrals/planted.cc put services/referrals/planted.cc 'records.All(kCalls, Where<CallRow>{"tries = 99"});'
  catches sql services/referrals/planted.cc put services/referrals/planted.cc 'records.Read({"from calls"}, each);'
  catches sql services/waiting/planted_store.cc put services/waiting/planted_store.cc 'records.Insert(kCalls, {referral, call});'
  catches sql services/waiting/planted_store.cc put services/waiting/planted_store.cc 'void F(soci::session& sql);'
  catches reasons PLANTED_REASON put services/referrals/planted.cc 'Error e{Code::kInternal, "PLANTED_REASON", "x"};'
  catches reasons PLANTED_UNUSED put tests/golden/reasons.txt 'PLANTED_UNUSED'
  catches metrics seawall_planted_total put libs/rpc/planted.cc 'm.MakeCounter("seawall_planted_total", "x");'
  catches metrics seawall_unmade_total put tests/golden/metrics.txt 'seawall_unmade_total'
  catches paths docs/planted.md put docs/planted.md "see /hom""e/somebody/clone"
}

# As where git refuses a tree of another owner.
refuses_no_files() {
  find "$COPY" -mindepth 1 -delete
  git -C "$COPY" init -q
  if grep -qF 'git lists no files' <<<"$(findings format)"; then
    echo "ok      no files are not checked"
  else
    echo "FAILED  passes where git lists no files"
    failed=1
  fi
}

fresh_copy
planted
refuses_no_files
exit "$failed"
