# shellcheck shell=bash
# Debian packages: says which of tools/packages.txt are missing, installs them
# when we are root. Never touches services that packages may start.

# Names alone, one a line.
package_names() {
  sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$SEAWALL_ROOT/tools/packages.txt"
}

package_is_there() {
  # A node from elsewhere is as good as Debian's.
  case $1 in
    nodejs) have node && return ;;
    npm) have npm && return ;;
  esac
  [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

missing_packages() {
  local name
  while read -r name; do
    package_is_there "$name" || echo "$name"
  done < <(package_names)
}

# Debian starts a server that it installs. Ours are private, so the system's
# need not run: this answers "no" while we install, unless somebody already
# decided. See the Debian policy manual, invoke-rc.d.
deny_service_starts() {
  [[ -e /usr/sbin/policy-rc.d ]] && return
  printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
  chmod 755 /usr/sbin/policy-rc.d
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
}

allow_service_starts() {
  [[ $(trap -p EXIT) == *policy-rc.d* ]] || return 0
  rm -f /usr/sbin/policy-rc.d
  trap - EXIT
}

install_packages() {
  local missing
  have dpkg-query || die "this is not Debian: install what tools/packages.txt names by your own means"
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    say "These Debian packages are missing: ${missing[*]}"
    die "run as root: apt-get update && apt-get install --no-install-recommends ${missing[*]}"
  fi
  step "Installing ${#missing[@]} Debian packages: ${missing[*]}"
  deny_service_starts
  apt-get update -q >&2 || die "apt-get update failed; see above"
  DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}" >&2 ||
    die "apt-get install failed; see above"
  allow_service_starts
}

# ---- tools of Node's registry ------------------------------------------------

# node_tools NAME FOLDER: what FOLDER/package.json pins, installed to
# .seawall/tools/NAME. No scripts of packages are run.
node_tools() {
  local to="$SEAWALL_STATE_ROOT/tools/$1"
  cmp -s "$2/package-lock.json" "$to/installed" && return
  mkdir -p "$to"
  cp "$2/package.json" "$2/package-lock.json" "$to/"
  npm ci --prefix "$to" --ignore-scripts --no-audit --no-fund --loglevel=error >&2 ||
    die "npm could not install the tools of $2"
  cp "$to/package-lock.json" "$to/installed"
}
