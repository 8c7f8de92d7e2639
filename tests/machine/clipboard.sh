#!/usr/bin/env bash
# `tokscope copy` on a real X server (Xvfb), seen with xclip: what is on the clipboard, that it is marked as a secret, and
# that it is taken off exactly when it is still ours. Usage: clipboard.sh PATH_OF_TOKSCOPE
set -euo pipefail
tokscope=$(realpath "$1")
folder=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT

exec 3<>"$folder/number" # Xvfb chooses a free display and writes its number there.
# A server that starts anew with its last client refuses the next one for a moment.
Xvfb -displayfd 3 -noreset -screen 0 64x64x8 2>"$folder/log" &
server=$!
unset WAYLAND_DISPLAY SSH_CONNECTION SSH_TTY
export TOKSCOPE_CONFIG_DIR=$folder

fail() { echo "FAILED: $1" >&2; cat "$folder/said" >&2 2>/dev/null || true; exit 1; }
clipboard() { timeout 5 xclip -o -selection clipboard "$@" 2>/dev/null || true; }
# Waits up to ten seconds for a fact.
until_true() {
  local what=$1; shift
  for _ in $(seq 200); do if "$@"; then return; fi; sleep 0.05; done
  fail "$what"
}
holds() { [ "$(clipboard)" = "$1" ]; }
ended() { ! kill -0 "$1" 2>/dev/null; }
written() { [ -s "$folder/number" ]; }

until_true "Xvfb starts" written
DISPLAY=:$(tr -d '\n' <"$folder/number")
export DISPLAY
token=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2ln

echo "$token" | "$tokscope" copy 2>"$folder/said" && fail "a script must say whether it waits"
grep -q -- --background "$folder/said" || fail "the hint names --background"

echo "$token" | "$tokscope" copy --background --for 1s --what header
holds "Authorization: Bearer $token" || fail "--background returns when the text is there"
[ "$(clipboard -t x-kde-passwordManagerHint)" = secret ] || fail "it is marked as a secret"
until_true "it is taken off" holds ""

echo "$token" | "$tokscope" copy --background --for 1m
holds "$token" || fail "the access token"
pgrep -f "^$tokscope copy --held" | while read -r held; do
  tr '\0' ' ' <"/proc/$held/cmdline" | { ! grep -q eyJ; } || fail "no token in the arguments"
done
printf theirs | xclip -selection clipboard
until_true "it ends when something else is copied" bash -c "! pgrep -f '^$tokscope copy --held' >/dev/null"
holds theirs || fail "what somebody else copied is left alone"

for signal in INT TERM HUP; do
  echo "$token" >"$folder/token"
  # Not as a job of the shell: that would ignore SIGINT.
  python3 -c 'import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])' \
    "$tokscope" copy --for 1m "@$folder/token" 2>"$folder/said" &
  until_true "the token is there" holds "$token"
  until_true "it waits" grep -q Ctrl-C "$folder/said"
  kill -s "$signal" $!
  wait $! || fail "SIG$signal ends it in order"
  holds "" || fail "SIG$signal takes it off"
done

# A lock takes a copied secret off the clipboard, and ends whoever held it there: in front and in the background.
echo "$token" | "$tokscope" copy --background --for 1m
holds "$token" || fail "the access token"
[ "$("$tokscope" lock)" = "1 locked" ] || fail "lock reaches a copy in the background"
until_true "it is taken off by the lock" holds ""
until_true "its process ends" bash -c "! pgrep -f '^$tokscope copy --held' >/dev/null"

"$tokscope" copy --for 1m "@$folder/token" 2>"$folder/said" &
until_true "the token is there" holds "$token"
until_true "it waits" grep -q Ctrl-C "$folder/said"
[ "$("$tokscope" lock)" = "1 locked" ] || fail "lock reaches a copy in front"
wait $! || fail "a lock ends it in order"
holds "" || fail "a lock takes it off"
grep -q "tokscope lock" "$folder/said" || fail "it says why: $(cat "$folder/said")"
[ "$("$tokscope" lock)" = "no running tokscope holds the vault's key" ] || fail "nothing is held any more"
echo "the clipboard: all well"
