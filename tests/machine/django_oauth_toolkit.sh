#!/usr/bin/env bash
# Installs django-oauth-toolkit into a temporary folder, starts it, and runs our client against it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)/django_oauth_toolkit
folder=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install -r "$here/requirements.txt"
# The server prints its issuer once it listens; read waits for that line and nothing else.
exec 3< <(exec "$folder/venv/bin/python" "$here/server.py" 2>"$folder/log")
server=$!
if ! read -r issuer <&3; then
  cat "$folder/log" >&2
  exit 1
fi
cd "$here/../../.."
TOKSCOPE_DJANGO_OAUTH_TOOLKIT=$issuer cargo test --locked --test machine django_oauth_toolkit:: || { cat "$folder/log" >&2; exit 1; }
