#!/usr/bin/env bash
# Puts a git that can make reftable repositories into the cache, and prints its path: the machine's own if it can.
# Debian has one from 13 (trixie) on: the package is unpacked, not installed, with the libraries that it was built for,
# and run through their own loader, so any older Debian will do.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

can_reftable() { { "$1" init -h 2>&1 || true; } | grep -q -e --ref-format; }

if installed=$(command -v git) && can_reftable "$installed"; then
  echo "$installed"
  exit 0
fi
peers=$KALEIDOFS_CACHE/git-peer
peer=$peers/bin/git
mkdir -p "$peers"
exec 9>"$peers/lock"
flock 9
if [ ! -x "$peer" ]; then
  name=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
  mirror=$(apt-get --print-uris update 2>/dev/null | sed -n "s|^'\(.*\)/dists/$name/InRelease'.*|\1|p" | head -1)
  [ -n "$mirror" ] || { say "no Debian mirror in this machine's apt configuration"; exit 1; }
  apt=$peers/apt
  rm -rf "$peers/debs" "$peers/root"
  mkdir -p "$apt/lists/partial" "$peers/debs" "$peers/bin"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$apt/sources.list"
  say "downloading git from trixie"
  # Its dependencies are trixie's, whatever is installed here.
  private_apt apt-get -qq -o Dir::State::status=/dev/null update >&2
  (cd "$peers/debs" && private_apt apt-get -qq -o Dir::State::status=/dev/null download git libc6 libpcre2-8-0 zlib1g >&2)
  for deb in "$peers"/debs/*.deb; do
    dpkg-deb -x "$deb" "$peers/root"
  done
  rm -rf "$peers/debs"
  # What it executes itself is found beside it, and must go through the loader, too.
  cat >"$peer.new" <<SH
#!/bin/sh
export GIT_EXEC_PATH="$peers/exec" GIT_TEMPLATE_DIR=
exec "$peers/root/usr/lib64/ld-linux-x86-64.so.2" --argv0 git --library-path "$peers/root/usr/lib/x86_64-linux-gnu" "$peers/root/usr/bin/git" "\$@"
SH
  chmod +x "$peer.new"
  mkdir -p "$peers/exec"
  ln -sf "$peer" "$peers/exec/git"
  "$peer.new" --version >&2
  can_reftable "$peer.new" || { say "this git makes no reftable repositories, either"; exit 1; }
  mv "$peer.new" "$peer"
fi
echo "$peer"
