#!/usr/bin/env bash
# Fuzzes: fuzz/run.sh [SECONDS a target, default 60] [TARGET …]. Needs `cargo install cargo-fuzz` and a nightly toolchain.
# What is found lies in fuzz/artifacts.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-60}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(sed -n 's/^name = "\(.*\)"$/\1/p' Cargo.toml | tail -n +2)
for target in "${targets[@]}"; do
  # The tests' vectors are where it starts from: every string of them that could be a token, a key set or an answer.
  mkdir -p "corpus/$target"
  python3 - "corpus/$target" <<'PY'
import hashlib, json, pathlib, sys
def texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value: yield from texts(item)
    elif isinstance(value, dict):
        if "kty" in value or "keys" in value or "access_token" in value: yield json.dumps(value)
        for item in value.values(): yield from texts(item)
for path in pathlib.Path("../tests/vectors").glob("*.json"):
    for text in texts(json.loads(path.read_text())):
        if len(text) > 16:
            name = hashlib.sha256(text.encode()).hexdigest()[:16]
            (pathlib.Path(sys.argv[1]) / name).write_text(text)
PY
  # No address sanitizer: the program has no unsafe code of its own, and without it ten times as much is tried.
  cargo +nightly fuzz run -s none "$target" -- -dict=jose.dict -max_len=4096 -timeout=10 -rss_limit_mb=1024 \
    -max_total_time="$seconds" -print_final_stats=1
done
