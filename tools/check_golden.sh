# shellcheck shell=bash
# Golden lists: what machines outside rely on does not change by accident.
#   tests/golden/reasons.txt   every reason an error or a warning may have
#   tests/golden/metrics.txt   every metric family
# First word of a line is the name; # begins a comment.

golden_names() { sed -e 's/#.*//' "$1" 2>/dev/null | awk 'NF {print $1}' | sed 's/{.*//' | sort -u; }

product_files() { files 'libs/*.cc' 'libs/*.h' 'services/*.cc' 'services/*.h' | grep -vE '_test\.cc$'; }

# product_matches PERL_REGEX: group 1 of each match, across lines.
product_matches() {
  product_files | tr '\n' '\0' | xargs -0r perl -0777 -ne "while (/$1/g) { print \"\$1\n\" }" | sort -u
}

missing_from() { comm -23 <(echo "$1") <(echo "$2") | sed '/^$/d'; }

# Error{Code::kX, "REASON", …}, and the functions that make errors and warnings.
reasons_in_code() {
  product_matches 'Code::k\w+,\s*"([A-Z][A-Z0-9_]+)"'
  product_matches '\b(?:Refused|WrongState|Mismatch|Unreadable|Broken|Refuse)\(\s*(?:\w+,\s*)?"([A-Z][A-Z0-9_]+)"'
  warnings_in_code
}

warnings_in_code() { product_matches '\bAdd\(\s*[^,"]*(?:"[^"]*"[^,"]*)?,\s*"([A-Z][A-Z0-9]*_[A-Z0-9_]+)"'; }

# `Reasons: A, B (why), C.` in comments of the protos.
reasons_in_protos() {
  # shellcheck disable=SC2016 # Perl's variables
  files 'protos/seawall/*.proto' | tr '\n' '\0' | xargs -0r perl -0777 -ne '
    s{\n\s*//}{ }g;
    while (/Reasons[a-z ]*:([^\n]*)/g) {
      my $list = $1;
      print "$1\n" while $list =~ /\b([A-Z][A-Z0-9]*_[A-Z0-9_]+|MALFORMED|URGENT)\b/g;
    }' | sort -u
}

check_reasons() {
  local golden words
  golden=$(golden_names tests/golden/reasons.txt)
  words=$(product_matches '"([A-Z][A-Z0-9_]+)"')
  missing_from "$(reasons_in_code | sort -u)" "$golden" | explain 'used as a reason, not in tests/golden/reasons.txt'
  missing_from "$(reasons_in_protos)" "$golden" | explain 'promised by a proto, not in tests/golden/reasons.txt'
  missing_from "$golden" "$words" | explain 'in tests/golden/reasons.txt, used nowhere'
}

check_metrics() {
  local golden used
  # exposer_… comes from prometheus-cpp.
  golden=$(golden_names tests/golden/metrics.txt | grep -v '^exposer_')
  used=$(product_matches 'Make(?:Counter|Gauge|Histogram)\(\s*"([a-z_0-9]+)"')
  missing_from "$used" "$golden" | explain 'a metric that is not in tests/golden/metrics.txt'
  # Names may be made elsewhere and passed on: any literal counts as use.
  missing_from "$golden" "$(product_matches '"([a-z][a-z_0-9]+)"')" |
    explain 'in tests/golden/metrics.txt, made nowhere'
}
