# shellcheck shell=bash
# Development certificates: a CA, one certificate a service and one for each
# system of an agency, P-256, each with exactly one URI name. For a laptop and
# for tests; a partnership brings its own CA.
#
#   .seawall/pki/ca.crt                       the CA (ca.key beside it)
#   .seawall/pki/service-<name>.crt|.key      spiffe://seawall.local/service/<name>
#   .seawall/pki/<agency>-<system>-<role>.crt|.key
#                                             spiffe://seawall.local/agency/<agency>/<system>/<role>
#   .seawall/pki/<short name>.crt|.key        the same under a short name (`police`, `hub`), for --as
#   .seawall/pki/seal.key                     64 hex digits: seals what identifies people
#   .seawall/pki/sign-<service>.key|.pub      64 hex digits each: signs the heads of its access log; what others check with
#   .seawall/pki/done                         written last: the folder is whole

PKI_DOMAIN=seawall.local
PKI_DAYS=365
PKI_SERVICES="referrals waiting sharing governance"
# agency/system/role, as data/agencies.json lists them: another would be refused (a test compares the two).
PKI_CLIENTS="
police/push/referrer            police/import/referrer
hospital/push/referrer          hospital/import/referrer
school/push/referrer            school/import/referrer
health-visitor/push/referrer    health-visitor/import/referrer
housing/push/referrer           housing/import/referrer
council-early-help/push/referrer council-early-help/import/referrer
probation/push/referrer         probation/import/referrer
lancashire-police/push/referrer
lancashire-hospital/push/referrer lancashire-hospital/import/referrer
frontdoor/desk/hub              frontdoor/import/hub
ops/console/ops
board/portal/board
auditor/portal/auditor
"

pki_openssl() {
  local said
  said=$(openssl "$@" 2>&1) || die "openssl $1 failed: $said"
}
# Short names for people: the system one most likely means.
PKI_SHORT="
police=police-push-referrer hospital=hospital-push-referrer school=school-push-referrer
health-visitor=health-visitor-push-referrer housing=housing-push-referrer
council-early-help=council-early-help-push-referrer probation=probation-push-referrer
hub=frontdoor-desk-hub frontdoor=frontdoor-desk-hub ops=ops-console-ops board=board-portal-board
auditor=auditor-portal-auditor
"

# pki_key FILE: a P-256 key that only its owner reads.
pki_key() {
  (umask 077 && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null) ||
    die "openssl could not make a key in $1"
}

pki_authority() {
  pki_key "$1/ca.key"
  pki_openssl req -x509 -new -key "$1/ca.key" -sha256 -days "$PKI_DAYS" -out "$1/ca.crt" \
    -subj "/O=Seawall development/CN=Seawall development CA" \
    -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign"
}

# pki_leaf DIR NAME URI USAGE [MORE_NAMES]
pki_leaf() {
  local dir=$1 name=$2
  pki_key "$dir/$name.key"
  pki_openssl req -new -key "$dir/$name.key" -subj "/O=Seawall development/CN=$name" -out "$dir/$name.csr"
  printf '%s\n' "basicConstraints=critical,CA:FALSE" "keyUsage=critical,digitalSignature" \
    "extendedKeyUsage=$4" "subjectAltName=URI:$3${5:+,$5}" >"$dir/$name.ext"
  pki_openssl x509 -req -in "$dir/$name.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" \
    -set_serial "0x$(openssl rand -hex 16)" -days "$PKI_DAYS" -sha256 -extfile "$dir/$name.ext" \
    -out "$dir/$name.crt"
  rm -f "$dir/$name.csr" "$dir/$name.ext"
}

pki_leaves() {
  local name client
  for name in $PKI_SERVICES; do
    pki_leaf "$1" "service-$name" "spiffe://$PKI_DOMAIN/service/$name" serverAuth,clientAuth \
      "DNS:localhost,IP:127.0.0.1"
  done
  for client in $PKI_CLIENTS; do
    pki_leaf "$1" "${client//\//-}" "spiffe://$PKI_DOMAIN/agency/$client" clientAuth
  done
}

pki_short_names() {
  local pair kind
  for pair in $PKI_SHORT; do
    for kind in crt key; do
      ln -sf "${pair#*=}.$kind" "$1/${pair%%=*}.$kind"
    done
  done
}

# What was asked for, so that a changed list makes new certificates.
pki_wanted() { echo "$PKI_DOMAIN $PKI_SERVICES $PKI_CLIENTS $PKI_SHORT signing" | sha256sum; }

pki_is_good() {
  [[ -s $1/done && $(<"$1/done") == "$(pki_wanted)" ]] &&
    openssl x509 -in "$1/ca.crt" -noout -checkend 86400 >/dev/null 2>&1
}

# The sealing key outlives certificates: without it stored records cannot be
# opened, so it is never made anew.
pki_seal_key() {
  [[ -s $1/seal.key ]] && return
  (umask 077 && openssl rand -hex 32 >"$1/seal.key.new") && mv "$1/seal.key.new" "$1/seal.key"
}

# pki_signing_key FILE: an Ed25519 key and, beside it, its public half. Never made
# anew: heads that were signed are checked with it for years.
pki_signing_key() {
  local pair
  [[ -s $1.key && -s $1.pub ]] && return
  pair=$(openssl genpkey -algorithm ed25519 2>/dev/null) || die "openssl could not make a key in $1.key"
  (umask 077 && openssl pkey -outform DER <<<"$pair" | pki_last_bytes >"$1.key")
  openssl pkey -pubout -outform DER <<<"$pair" | pki_last_bytes >"$1.pub"
}

# The last 32 bytes of standard input in hex: where both forms hold the key.
pki_last_bytes() { tail -c 32 | od -An -v -tx1 | tr -d ' \n'; }

# make_pki DIR: makes what is missing or expires within a day.
make_pki() {
  local dir=$1 name
  pki_is_good "$dir" && return
  step "Making development certificates in ${dir#"$SEAWALL_ROOT"/}"
  mkdir -p "$dir" && chmod 700 "$dir"
  rm -f "$dir/done"
  pki_authority "$dir"
  pki_leaves "$dir"
  pki_short_names "$dir"
  pki_seal_key "$dir"
  for name in $PKI_SERVICES; do pki_signing_key "$dir/sign-$name"; done
  pki_wanted >"$dir/done"
}
