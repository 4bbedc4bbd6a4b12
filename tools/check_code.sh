# shellcheck shell=bash
# Checks of what the code includes and calls. Each prints its findings as
# `file:line: what is wrong`, and nothing when all is well.

# The arrows go down only: what a folder may include of ours, besides itself.
declare -A may_include=(
  [libs/base]=""
  [libs/child]="libs/base"
  [libs/config]="libs/base"
  [libs/census]="libs/base"
  [libs/log]="libs/base"
  [libs/metrics]="libs/base"
  [libs/store]="libs/base"
  [libs/seal]="libs/base"
  [libs/ledger]="libs/base libs/config libs/log libs/metrics libs/store libs/seal"
  [libs/counters]="libs/base libs/config libs/log libs/metrics libs/store libs/seal libs/ledger"
  [libs/rpc]="libs/base libs/config libs/log libs/metrics libs/store libs/seal libs/ledger libs/counters seawall google"
  [services]="libs seawall google"
  [cli]="libs/base libs/census libs/config libs/rpc libs/seal seawall google"
  [demo]="libs/base libs/config libs/rpc cli seawall google"
)

# our_includes FILE: `line path` of each #include "…".
our_includes() { sed -nE 's/^#include "([^"]+)".*/\1/p;t;d' "$1"; }

# folder_of PATH: the unit that the arrows are about.
folder_of() {
  case $1 in
    libs/*/*) cut -d/ -f1-2 <<<"$1" ;;
    *) echo "${1%%/*}" ;;
  esac
}

# Is $2 (a path) below one of the words of $1?
allowed() {
  local word
  for word in $1; do
    [[ $2 == "$word"/* ]] && return
  done
  return 1
}

# One service never includes another's code.
own_service() { [[ $1 == services/* && ${2%/*} == "$(cut -d/ -f1-2 <<<"$1")"* ]]; }

check_arrows() {
  local file folder path
  while read -r file; do
    [[ $file == *_test.cc || $file == */test_*.h || $file == */test_*.cc ]] && continue
    folder=$(folder_of "$file")
    [[ -v may_include[$folder] ]] || continue
    while read -r path; do
      [[ $path == "$folder"/* && $folder != services ]] && continue
      own_service "$file" "$path" && continue
      allowed "${may_include[$folder]}" "$path" || echo "$file: includes $path, against the arrows"
    done < <(our_includes "$file")
  done < <(cpp_files)
}

# explain WHAT: adds what is wrong to each finding. Never fails.
explain() { awk -v what="$1" '{ print $0 " — " what }'; }

# foreign_includes PATTERN HOMES WHAT: includes of a library outside its homes.
foreign_includes() {
  cpp_files | tr '\n' '\0' | xargs -0r grep -nE "^#include <($1)" | grep -vE "^($2)" |
    explain "$3"
}

# Where the outside world's libraries may be named. Tests may name them all.
check_includes() {
  local tests='tests/|[^:]*_test\.cc|cmake/'
  foreign_includes 'grpc' "libs/rpc/|$tests" "grpc belongs in libs/rpc"
  foreign_includes 'soci|sqlite3|libpq|postgresql/' \
    "libs/store/|libs/ledger/|services/[a-z]+/store[a-z_]*\.|services/[a-z]+/[a-z]+_store\.|$tests" "SQL belongs in store"
  foreign_includes 'hiredis' "libs/counters/|$tests" "Redis belongs in libs/counters"
  foreign_includes 'prometheus' "libs/metrics/|$tests" "prometheus-cpp belongs in libs/metrics"
  foreign_includes 'sodium' "libs/(seal|ledger|store)/|$tests" "libsodium belongs in libs/seal, the ledger chain and migrations"
  foreign_includes 'spdlog' "libs/log/|$tests" "spdlog belongs in libs/log"
}

# Rules are pure: facts and time in, decision out. They know libs/base and
# structs beside them, no message, store, clock or log.
check_rules() {
  local file path
  while read -r file; do
    [[ $file == *_test.cc ]] && continue
    while read -r path; do
      [[ $path == libs/base/* || $path == "${file%/*}"/* ]] && [[ $path != *.pb.h && $path != */store.h ]] && continue
      echo "$file: rules include $path"
    done < <(our_includes "$file")
    grep -HnE 'SystemClock|#include <(fstream|iostream|thread|mutex|soci|grpc|google)' "$file" | explain "rules do no such thing"
  done < <(files 'services/*/rules*' 'services/*/rules/*')
}

check_clock() {
  cpp_files | tr '\n' '\0' | xargs -0r grep -nE 'system_clock::now\(|\btime\((NULL|nullptr|0)\)|gettimeofday' |
    grep -vE '^(libs/base/|tests/|[^:]*_test\.cc|libs/[a-z]+/[a-z_]+_bench\.cc)' | explain 'time comes from libs/base'
}

# What depends on the machine's locale, time zone or their data: Debian's Node and
# another write one day differently. Civil time is libs/base/civil.h's, days are ISO's.
check_locale() {
  files '*.js' | tr '\n' '\0' | xargs -0r grep -nE '\bIntl\b|toLocale[A-Z]|localeCompare|\.get(Date|Day|Month|FullYear|Hours|TimezoneOffset)\(' |
    explain 'differs with the locale, the time zone or the Node'
  cpp_files | tr '\n' '\0' |
    xargs -0r grep -nE '\b(setlocale|localtime(_r)?|mktime|strftime|put_time|get_time)\(|std::locale|zoned_time|current_zone' |
    explain 'differs with the locale or the time zone'
}

check_environment() {
  cpp_files | tr '\n' '\0' | xargs -0r grep -nE '\b(secure_)?getenv\(' |
    grep -vE '^(libs/config/|tests/|[^:]*_test\.cc)' | explain 'settings come from libs/config'
}

# SQL only where it belongs: statements, and conditions that are put together of
# pieces. Services know no SOCI: they have Records.
check_sql() {
  local statement='(select [a-z_*, ().]+ from|insert into|update [a-z_]+ set|delete from|from [a-z_]+ [a-z] where) '
  local condition='\b[a-z_]+(\.[a-z_]+)? (=|<>|<|>|<=|>=|in|like) (\?|:[a-z]|\(:)'
  # Written out, or given as text: a value put into one, or a condition in braces.
  local piece="\"[^\"]*\\b[a-z_]+(\\.[a-z_]+)? ((=|<|>|<>|<=|>=) ['%]*|(in|like) [('%]+)\" *[+;,)]|\\bWhere(<[^>]*>)?( [a-z_]+)?\\{ *\"|\\bRead\\(\\{|\\bstore::From\\b"
  cpp_files | tr '\n' '\0' | xargs -0r grep -nEi "\"[^\"]*(\b$statement|$condition)|$piece" |
    grep -vE '^(libs/store/|libs/ledger/|services/[a-z]+/[a-z_]*store\.cc|services/[a-z]+/schema/|tests/|[^:]*/test_[a-z_]*\.h|[^:]*_test\.cc)' |
    explain 'SQL belongs in store.cc and schema/'
  cpp_files | tr '\n' '\0' | xargs -0r grep -nE '\bsoci::|<soci/' |
    grep -vE '^(libs/store/|libs/ledger/|tests/|[^:]*_test\.cc)' | explain 'SOCI is for libs/store; use Records'
  # The compiler does not see two texts swapped.
  cpp_files | tr '\n' '\0' | xargs -0r grep -nE '\b(Insert|Put)\(k[A-Za-z]+, \{[^.}]|\b[A-Z][A-Za-z]*Row\{[^.}]' |
    grep -vE '^(tests/|[^:]*_contract\.h|[^:]*_test\.cc)' | explain 'name the members of a row'
}

# What belongs to one machine, or names where packages come from.
check_paths() {
  local machine='/(work|home|root|Users|mnt)/[A-Za-z0-9._-]+' hosts='registry\.[n]pmjs|pypi[.]org|deb[.]debian|proxy[.]golang|crates[.]io'
  files | grep -vE '\.binpb$' | tr '\n' '\0' | xargs -0r grep -nIE "(^|[^A-Za-z0-9_.\$}*])$machine|$hosts" |
    grep -v '^tools/check_code.sh:' | cut -c1-200 | explain 'a path of one machine or a package host'
}
