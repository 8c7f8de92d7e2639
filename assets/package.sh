#!/usr/bin/env bash
# What is made of a checkout beside the program itself. Everything lands below target/dist.
#
#   assets/package.sh files    the release build without paths of this machine in it, manual pages, completions
#   assets/package.sh deb      a Debian package of them                          (cargo install cargo-deb)
set -euo pipefail
cd "$(dirname "$0")/.."

out=target/dist

# Where sources lie must not show: neither in messages of a panic nor in C's __FILE__.
remap() {
  local cargo=${CARGO_HOME:-$HOME/.cargo}
  export RUSTFLAGS="--remap-path-prefix=$PWD=/tokscope --remap-path-prefix=$cargo=/cargo"
  export CFLAGS="-ffile-prefix-map=$PWD=/tokscope -ffile-prefix-map=$cargo=/cargo"
  export CXXFLAGS="$CFLAGS"
}

build() {
  remap
  cargo build --release --locked --bin tokscope
}

files() {
  build
  mkdir -p "$out/man"
  target/release/tokscope man --list | while read -r command; do
    name=$(echo "tokscope $command" | xargs | tr ' ' -)
    # Words of a command are parted on purpose.
    # shellcheck disable=SC2086
    target/release/tokscope man $command > "$out/man/$name.1"
  done
  for shell in bash zsh fish; do
    target/release/tokscope completions "$shell" > "$out/completions.$shell"
  done
  version=$(sed -n '/^version = /{s/.*"\(.*\)"/\1/p;q}' Cargo.toml)
  printf 'tokscope (%s-1) unstable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- %s  %s\n' "$version" \
    "$(sed -n 's/^maintainer = "\(.*\)"/\1/p' Cargo.toml)" "$(date -R -u -d "@$(git log -1 --format=%ct 2>/dev/null || echo 0)")" \
    > "$out/changelog"
}

deb() {
  files
  cargo deb --no-build --output "$out/"
}

case "${1-}" in
files | deb) "$1" ;;
*) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
