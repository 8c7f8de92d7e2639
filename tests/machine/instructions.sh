#!/usr/bin/env bash
# Counts the instructions of what must stay cheap, and fails where one takes a tenth more than was written down here. They do not
# depend on how busy a machine is. It is the debug build that is counted: the gate has no other, and what makes one slower makes
# both. Less is welcome: write the new figure down.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
token=$(sed -n 's/.*"access_token": "\([^"]*\)".*/\1/p' tests/vectors/openedx-documentation-samples.json | head -1)
[ ${#token} -gt 600 ]

count() {
  valgrind --tool=callgrind --callgrind-out-file="$folder/out" "$@" 2>&1 >/dev/null | sed -n 's/.*Collected : //p'
}

failed=0
check() {
  echo "$1: $2, written down $3"
  if [ "$2" -gt $(($3 + $3 / 10)) ]; then
    echo "FAILED: that is a tenth more" >&2
    failed=1
  fi
}

yes "$token" | head -20 > "$folder/few" || true
yes "$token" | head -100 > "$folder/many" || true
few=$(count "$program" decode --lines < "$folder/few")
many=$(count "$program" decode --lines < "$folder/many")
check "thousands of --version" "$(($(count "$program" --version) / 1000))" 5198
check "thousands of a token that is decoded" "$(($(count "$program" decode "$token") / 1000))" 9588
check "thousands of a token in a batch" "$(((many - few) / 80 / 1000))" 524
exit $failed
