#!/usr/bin/env bash
# Runs the keyring's tests against a real gnome-keyring, on a private D-Bus with a home folder of its own: unlocked,
# locked, stopped in its tracks, and a bus on which nobody keeps secrets.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cargo test --locked --test machine --no-run

# A bus that starts nothing by itself: what runs on it is what we started.
cat >"$folder/bus.conf" <<'CONF'
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
CONF

for state in unlocked locked stopped bare; do
  home=$folder/$state
  mkdir -m 700 "$home" "$home/run"
  # The toolchain's own folders stay where they are.
  CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup} \
    HOME=$home XDG_DATA_HOME=$home/.local/share XDG_RUNTIME_DIR=$home/run GNOME_KEYRING_CONTROL='' STATE=$state \
    dbus-run-session --config-file="$folder/bus.conf" -- bash -euo pipefail -c '
      if [ "$STATE" != bare ]; then
        coproc DAEMON { exec gnome-keyring-daemon --foreground --components=secrets --unlock 2>"$HOME/log"; }
        printf "a passphrase" >&"${DAEMON[1]}"
        input=${DAEMON[1]}
        exec {input}>&-
        export TOKSCOPE_KEYRING_PID=$DAEMON_PID
        trap "kill -CONT $DAEMON_PID; kill $DAEMON_PID" EXIT
      fi
      TOKSCOPE_KEYRING=$STATE tests/machine/tested.sh --test machine -- --nocapture keyring::against_gnome_keyring
      # Behind the lock the key is fetched from the keyring for each renewal, and nothing is left of it.
      if [ "$STATE" = unlocked ]; then
        LEAK_HOME=keyring tests/machine/tested.sh --test incident -- "locked screen"
      fi
    '
done
