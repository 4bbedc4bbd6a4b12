#!/bin/bash
# Breaks the code on purpose, one thing at a time, in a copy of the tree, and
# expects a test to fail:  tests/mutants/run.sh [NAME…]
#   --list: breaks and builds nothing; only sees that the list still fits the
#   tree and the tests in SEAWALL_BUILD
#
# The mutants stand in mutants.txt. The copy and its build lie in
# .seawall/mutants and are kept for the next time.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
copy="$root/.seawall/mutants/tree"
build="$root/.seawall/mutants/build"
list="$root/tests/mutants/mutants.txt"
# A test that is cut off counts as one that failed, so a busy machine gets time.
TEST_SECONDS=1800

# The tree as it is, without what is built; files that are the same keep their
# times, so that only what changed is compiled again.
copy_tree() {
  local file
  mkdir -p "$copy"
  cd "$root"
  while IFS= read -r file; do
    [[ -e $file ]] || continue
    cmp -s "$file" "$copy/$file" && continue
    mkdir -p "$copy/$(dirname "$file")"
    cp "$file" "$copy/$file"
  done < <(git ls-files --cached --others --exclude-standard)
  [[ -f $build/build.ninja ]] || cmake --preset dev -S "$copy" -B "$build" >/dev/null
}

names() { grep -oE '^[a-z-]+:' "$list" | tr -d ':'; }

# lines NAME: its block.
lines() { awk -v name="$1:" '$1 == name { on = 1; next } /^$/ { on = 0 } on' "$list"; }

targets() { lines "$1" | awk '$1 == "test" { print $2 }'; }

# Undoes what the mutants changed.
restore() {
  local kept
  [[ -d $copy ]] || return 0
  while IFS= read -r kept; do mv "$kept" "${kept%.kept}" && touch "${kept%.kept}"; done < <(find "$copy" -name '*.kept')
}

# applies NAME: every edit changes its file.
applies() {
  local word rest file=
  while read -r word rest; do
    [[ $word != file ]] || file=$rest
    [[ $word == edit ]] || continue
    if sed -E "$rest" "$copy/$file" | cmp -s - "$copy/$file"; then
      echo "$1: does not apply any more to $file: $rest" >&2
      return 1
    fi
  done < <(lines "$1")
}

apply() {
  local word rest file=
  while read -r word rest; do
    case $word in
      file)
        file=$rest
        cp "$copy/$file" "$copy/$file.kept"
        ;;
      edit) sed -E -i "$rest" "$copy/$file" ;;
    esac
  done < <(lines "$1")
}

# Where cmake put the executable of a test.
executable() { find "$build" -type f -name "$1" -perm -u+x -print -quit; }

# names_tests NAME: each pattern of its filters names a test. One that names none
# would pass whatever is broken, as gtest runs nothing then.
names_tests() {
  local word target filter pattern
  [[ $(targets "$1") ]] || { echo "$1: names no test" >&2 && return 1; }
  while read -r word target filter; do
    [[ $word == test ]] || continue
    [[ $(executable "$target") ]] || { echo "$1: $target is not built" >&2 && return 1; }
    while read -rd : pattern; do
      "$(executable "$target")" "--gtest_filter=$pattern" --gtest_list_tests | grep '^  ' >/dev/null && continue
      echo "$1: no test of $target is called $pattern" >&2
      return 1
    done <<<"${filter:-*}:"
  done < <(lines "$1")
}

run_test() {
  local target=$1 filter=${2:-*}
  (cd "$copy" && timeout "$TEST_SECONDS" "$(executable "$target")" "--gtest_filter=$filter" --gtest_brief=1 </dev/null) \
    >"$root/.seawall/mutants/$target.log" 2>&1
}

# killed NAME: whether one of its tests fails.
killed() {
  local word target filter
  while read -r word target filter; do
    [[ $word == test ]] || continue
    run_test "$target" "$filter" || return 0
  done < <(lines "$1")
  return 1
}

# A mutant that does not compile says nothing of the tests.
make_targets() { targets "$1" | xargs ninja -C "$build" seawall-referrals >"$root/.seawall/mutants/build.log" 2>&1; }

# fits NAME…: what the list says of each is still so.
fits() {
  local name wrong=0
  for name in "$@"; do
    applies "$name" && names_tests "$name" || wrong=$((wrong + 1))
  done
  ((wrong == 0))
}

# Without a mutant the tests must pass, else their failing says nothing.
control() {
  local name
  for name in "$@"; do
    make_targets "$name" || { tail -n 20 "$root/.seawall/mutants/build.log" && return 1; }
  done
  fits "$@" || return 1
  for name in "$@"; do
    if killed "$name"; then
      echo "$name: its tests fail without it, too" >&2
      return 1
    fi
  done
}

main() {
  local name survivors=0 all
  if [[ ${1:-} == --list ]]; then
    copy=$root
    build=$SEAWALL_BUILD
    mapfile -t all < <(names)
    fits "${all[@]}"
    return
  fi
  export SEAWALL_ROOT="$copy" SEAWALL_BUILD="$build"
  all=("$@")
  ((${#all[@]})) || mapfile -t all < <(names)
  restore # one that was interrupted
  copy_tree
  control "${all[@]}"
  for name in "${all[@]}"; do
    apply "$name"
    if ! make_targets "$name"; then
      echo "NOT MADE  $name"
      survivors=$((survivors + 1))
    elif killed "$name"; then
      echo "killed    $name"
    else
      echo "SURVIVED  $name"
      survivors=$((survivors + 1))
    fi
    restore
  done
  ((survivors == 0))
}

main "$@"
