#!/usr/bin/env bash
# Kills `tokscope refresh`, `rotate` and `profile` at their system calls, and lets file calls fail: at some of them; with
# CRASH=all, at each. Looks at the modes of files while they are made, and at what `tokscope token` and
# `tokscope scan` open, too. Fails without strace.
set -euo pipefail
CRASH=${CRASH:-some} "$(dirname "$0")/tested.sh" --test incident -- strace:
