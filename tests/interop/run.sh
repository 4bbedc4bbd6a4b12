#!/bin/bash
# Runs the independent client with each Node of this machine, so with Debian's
# own too where another comes before it. Run by tools/with_stack.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

declare -A seen=()
while read -r node; do
  real=$(readlink -f "$node")
  [[ ! -v seen[$real] ]] || continue # /bin is /usr/bin
  seen[$real]=1
  echo "== $node $("$node" --version)"
  "$node" test.js </dev/null
done < <(type -ap node)
((${#seen[@]})) || { echo "there is no node" >&2 && exit 1; }
