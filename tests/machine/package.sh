#!/usr/bin/env bash
# The Debian package: built, read by lintian, installed, run and purged on this machine (a container, or one that may have it).
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/target/tools/bin:$PATH"
command -v cargo-deb >/dev/null || cargo install --quiet --locked --root target/tools cargo-deb
command -v lintian >/dev/null || apt-get install -y -qq lintian >/dev/null

assets/package.sh deb
package=$(ls -t target/dist/*.deb | head -1)
dpkg-deb --info "$package"
dpkg-deb --contents "$package" | awk '{print $1, $3, $6}'

# What is known and stays: both licences are given in full, as the sources have them, and no bug of Debian asks for the package.
known=copyright-file-contains-full-apache-2-license,copyright-not-using-common-license-for-apache2
lintian --allow-root --fail-on error,warning --suppress-tags "$known,initial-upload-closes-no-bugs" "$package"

dpkg -i "$package"
trap 'dpkg --purge tokscope >/dev/null' EXIT
[ "$(command -v tokscope)" = /usr/bin/tokscope ]
tokscope --version --verbose
folder=$(mktemp -d)
echo eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ. | tokscope --config-dir "$folder" decode | grep -q ada
# Every command has its page, and a shell finds the completions.
tokscope man --list | while read -r command; do
  test -s "/usr/share/man/man1/$(echo "tokscope $command" | xargs | tr ' ' -).1.gz"
done
bash -c 'source /usr/share/bash-completion/completions/tokscope && complete -p tokscope'
dpkg --verify tokscope

trap - EXIT
dpkg --purge tokscope
! dpkg -L tokscope 2>/dev/null
! find /usr -name '*tokscope*' -not -path '*/src/*' | grep .
echo "installed, run and purged: nothing is left"
