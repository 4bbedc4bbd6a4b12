#!/bin/bash
# Compares what the running services export with tests/golden/metrics.txt: every
# family, its type and its labels. Run by tools/with_stack.sh, after some work.
#   --print: the list as it is now
set -euo pipefail
GOLDEN="$(dirname "${BASH_SOURCE[0]}")/metrics.txt"

exposition() {
  get "$SEAWALL_METRICS"
  get "$SEAWALL_WAITING_METRICS"
}

# GET over HTTP/1.0; no tool needed.
get() {
  local place=${1#http://}
  local host=${place%%/*}
  exec 3<>"/dev/tcp/${host%:*}/${host#*:}"
  printf 'GET /metrics HTTP/1.0\r\nHost: %s\r\n\r\n' "$host" >&3
  sed -e '1,/^\r$/d' -e 's/\r$//' <&3
}

# `family type label label…`, sorted. A histogram's own `le` is no label of ours.
families() {
  perl -ne '
    if (/^# TYPE (\S+) (\S+)/) { $type{$1} = $2; next }
    next if /^#/ or not /^([a-z_0-9]+)(?:\{(.*)\})? /;
    my ($name, $labels) = ($1, $2 // "");
    $name =~ s/_(bucket|sum|count)$// unless $type{$name};
    $labels{$name}{$_} = 1 for grep { $_ ne "le" } $labels =~ /([a-z_]+)="/g;
    END { print join(" ", $_, $type{$_}, sort keys %{$labels{$_}}), "\n" for sort keys %type }
  '
}

[[ ${1:-} == --print ]] && exposition | families && exit
node tests/interop/first_contact.js >/dev/null
diff <(grep -v '^#' "$GOLDEN") <(exposition | families) ||
  { echo "the services' metrics (>) are not those of tests/golden/metrics.txt (<)" && exit 1; }
echo "metrics are those of the golden list"
