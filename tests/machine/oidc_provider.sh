#!/usr/bin/env bash
# Installs npm's `oidc-provider` into a temporary folder, starts it, and runs our client against it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)/oidc_provider
folder=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT

cp "$here"/package.json "$here"/package-lock.json "$here"/server.mjs "$folder"
(cd "$folder" && npm ci --no-audit --no-fund --silent)
# The server prints its issuer once it listens; read waits for that line and nothing else.
exec 3< <(exec node "$folder/server.mjs" 2>"$folder/log")
server=$!
if ! read -r issuer <&3; then
  cat "$folder/log" >&2
  exit 1
fi
TOKSCOPE_OIDC_PROVIDER=$issuer "$here/../tested.sh" --test machine oidc_provider:: || { cat "$folder/log" >&2; exit 1; }
