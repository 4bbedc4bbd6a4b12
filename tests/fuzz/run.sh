#!/bin/bash
# libFuzzer on the way of a submitted form up to the store, with clang and the
# address and undefined behaviour sanitizers:  tests/fuzz/run.sh [SECONDS]
#
# SEAWALL_BUILD names the build whose seeds are taken; clang's own build lies
# beside it. What is found is left in .seawall/fuzz.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
seconds=${1:-60}
ordinary=${SEAWALL_BUILD:-.seawall/build/dev}
build=.seawall/build/fuzz
corpus=.seawall/fuzz/corpus
mkdir -p "$corpus"
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_COMPILER=clang++-14 \
  -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g1" -DSEAWALL_SANITIZE=fuzzer-no-link,address,undefined >/dev/null
ninja -C "$build" submit_fuzz
SEAWALL_ROOT=$PWD SEAWALL_CORPUS=$corpus "$ordinary/tests/fuzz_replay_test" --gtest_filter='*Seeds*' >/dev/null
SEAWALL_ROOT=$PWD "$build/tests/submit_fuzz" -max_total_time="$seconds" -max_len=4096 -timeout=10 \
  -artifact_prefix=.seawall/fuzz/ -print_final_stats=1 "$corpus" 2>&1 | tail -n 30
