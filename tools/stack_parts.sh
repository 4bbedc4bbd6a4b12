# shellcheck shell=bash
# Everything needed to start and stop a stack, for ./seawall and for tests that
# start one of their own. Set SEAWALL_ROOT before; see tools/stack.sh.

# shellcheck source=tools/common.sh
source "$SEAWALL_ROOT/tools/common.sh"
# shellcheck source=tools/packages.sh
source "$SEAWALL_ROOT/tools/packages.sh"
# shellcheck source=tools/build.sh
source "$SEAWALL_ROOT/tools/build.sh"
# shellcheck source=tools/pki.sh
source "$SEAWALL_ROOT/tools/pki.sh"
# shellcheck source=tools/redis.sh
source "$SEAWALL_ROOT/tools/redis.sh"
# shellcheck source=tools/postgres.sh
source "$SEAWALL_ROOT/tools/postgres.sh"
# shellcheck source=tools/stack.sh
source "$SEAWALL_ROOT/tools/stack.sh"
