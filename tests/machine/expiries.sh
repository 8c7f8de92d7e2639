#!/usr/bin/env bash
# 50 processes ask for a token at once, over 200 expiries, against a server that revokes all tokens of a login when a used
# refresh token comes again: 200 refreshes, one token for all of each round.
set -euo pipefail
# TOKSCOPE=PROGRAM: with that program instead of the one that cargo builds.
EXPIRIES=${EXPIRIES:-200} "$(dirname "$0")/tested.sh" --test scripts -- --exact token::many_processes_cost_one_refresh
