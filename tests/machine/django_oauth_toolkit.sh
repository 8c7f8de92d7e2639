#!/usr/bin/env bash
# Installs django-oauth-toolkit into a temporary folder, starts it with three settings, and runs our client
# against each.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)/django_oauth_toolkit
folder=$(mktemp -d)
servers=()
trap 'kill "${servers[@]}" 2>/dev/null || true; rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install -r "$here/requirements.txt"
# Each server prints its issuer once it listens; read waits for that line and nothing else.
start() {
  exec 3< <(exec env "$@" "$folder/venv/bin/python" "$here/server.py" 2>>"$folder/log")
  servers+=($!)
  if ! read -r issuer <&3; then
    cat "$folder/log" >&2
    exit 1
  fi
}
start
export TOKSCOPE_DJANGO_OAUTH_TOOLKIT=$issuer
start GRACE=3600
export TOKSCOPE_DJANGO_OAUTH_TOOLKIT_GRACE=$issuer
start ROTATE=0
export TOKSCOPE_DJANGO_OAUTH_TOOLKIT_NO_ROTATION=$issuer
"$here/../tested.sh" --test machine django_oauth_toolkit:: || { cat "$folder/log" >&2; exit 1; }
