#!/usr/bin/env bash
# Kills `tokscope refresh` and `tokscope profile` at their system calls, and lets their file calls fail: every seventh of
# them; with CRASH=all, each. Looks at the modes of files while they are made, and at what `tokscope token` and
# `tokscope scan` open, too. Fails without strace.
set -euo pipefail
CRASH=${CRASH:-some} "$(dirname "$0")/tested.sh" --test incident -- strace:
