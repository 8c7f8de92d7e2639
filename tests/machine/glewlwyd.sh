#!/usr/bin/env bash
# Installs Debian's glewlwyd where it is not, starts one in a temporary folder, and runs our client against it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)/glewlwyd
folder=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null && wait "$server" || true; rm -rf "$folder"' EXIT

if ! command -v glewlwyd >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq glewlwyd >/dev/null
fi
# The server prints its issuer once it answers; read waits for that line and nothing else.
exec 3< <(exec python3 "$here/server.py" "$folder" 2>"$folder/log")
server=$!
if ! read -r issuer <&3; then
  cat "$folder/log" >&2
  exit 1
fi
TOKSCOPE_GLEWLWYD=$issuer "$here/../tested.sh" --test machine glewlwyd:: || { cat "$folder/log" >&2; exit 1; }
