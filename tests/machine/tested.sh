#!/usr/bin/env bash
# `cargo test` with these arguments, in the folder of the project. Fails also where nothing was tested: a filter that matches no
# test, or a test that did not find what it needs and said SKIPPED.
set -euo pipefail
cd "$(dirname "$0")/../.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cargo test --locked "$@" 2>&1 | tee "$log"
if ! grep -Eq '^test result: ok\. [1-9][0-9]* passed' "$log" || grep -q 'SKIPPED:' "$log"; then
  echo "FAILED: nothing was tested by: cargo test $*" >&2
  exit 1
fi
