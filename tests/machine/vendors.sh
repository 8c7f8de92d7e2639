#!/usr/bin/env bash
# Proves the embedded auth server with the vendors' own, unmodified clients.
#   tests/machine/vendors.sh [BINARY]     default: target/debug/tokscope
# The clients are installed into TOKSCOPE_VENDORS (default: /tmp/tokscope-vendors), once. One that cannot be installed
# is a failure.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)/vendors
binary=${1:-$here/../../../target/debug/tokscope}
home=${TOKSCOPE_VENDORS:-/tmp/tokscope-vendors}
mkdir -p "$home"

# venv NAME PYTHON PACKAGE…: a virtual environment that holds exactly these packages.
venv() {
    local name=$1 python=$2
    shift 2
    if [ "$(cat "$home/$name.packages" 2>/dev/null)" != "$python $*" ]; then
        echo "vendors: installing $* for $("$python" --version)"
        rm -rf "${home:?}/$name" "$home/$name.packages"
        "$python" -m venv "$home/$name"
        "$home/$name/bin/pip" --quiet --disable-pip-version-check install "$@"
        echo "$python $*" >"$home/$name.packages"
    fi
}

python=$(command -v python3)
venv openedx "$python" edx-rest-api-client==7.1.0
venv passwork "$python" passwork-python==0.2.0
venv seta "$python" requests pycryptodome

# practicuscore 25.5.2 exists for Python 3.10 only, and does not name httpx, which it needs.
python310=$(command -v python3.10 || true)
[ -n "$python310" ] && "$python310" --version >/dev/null 2>&1 || python310=
for candidate in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10.*/bin/python; do
    [ -n "$python310" ] || { [ -x "$candidate" ] && python310=$candidate; } || true
done
if [ -n "$python310" ]; then
    venv practicus "$python310" practicuscore==25.5.2 httpx
else
    echo "vendors: NO PYTHON 3.10: practicuscore 25.5.2 CANNOT BE INSTALLED; using what this Python gets" >&2
    venv practicus "$python" practicuscore httpx
fi

work=$(mktemp -d)
server=
cleanup() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

mkfifo "$work/out"
"$binary" demo --serve >"$work/out" &
server=$!
# The one line comes when the server listens; end of file comes when it could not start.
IFS= read -r description <"$work/out" || { echo "vendors: the server did not start" >&2; exit 1; }
printf '%s\n' "$description" >"$work/description.json"

failed=0
passed=0
for system in openedx passwork practicus seta; do
    # practicuscore writes to ~/.practicus.
    if HOME=$work "$home/$system/bin/python" -W ignore "$here/$system.py" "$work/description.json"; then
        passed=$((passed + 1))
    else
        echo "vendors: $system FAILED" >&2
        failed=$((failed + 1))
    fi
done

kill -TERM "$server"
status=0
wait "$server" || status=$?
server=
[ "$status" = 0 ] || { echo "vendors: the server ended with status $status after SIGTERM" >&2; failed=$((failed + 1)); }
echo "vendors: $passed passed, $failed failed"
[ "$failed" = 0 ]
