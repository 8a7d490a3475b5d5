#!/usr/bin/env bash
# Puts the peer that the data-plane benchmark measures beside us, virtiofsd, into the cache, and prints its path.
# Debian has it from 13 (trixie) on: the package is unpacked, not installed, with the libc that it was built for,
# and run through that libc's own loader, so any older Debian will do.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

if installed=$(command -v virtiofsd); then
  echo "$installed"
  exit 0
fi
peers=$KALEIDOFS_CACHE/peers
peer=$peers/bin/virtiofsd
if [ ! -x "$peer" ]; then
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v name="$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")" '$2 == name && $3 == "main" { print $1; exit }')
  [ -n "$mirror" ] || { say "no Debian mirror in this machine's apt configuration"; exit 1; }
  apt=$peers/apt
  mkdir -p "$apt/lists/partial" "$peers/debs" "$peers/bin"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$apt/sources.list"
  say "downloading virtiofsd from trixie"
  # Its dependencies are trixie's, whatever is installed here.
  private_apt apt-get -qq -o Dir::State::status=/dev/null update >&2
  (cd "$peers/debs" && private_apt apt-get -qq -o Dir::State::status=/dev/null download \
    virtiofsd libc6 libseccomp2 libcap-ng0 libgcc-s1 >&2)
  for deb in "$peers"/debs/*.deb; do
    dpkg-deb -x "$deb" "$peers/root"
  done
  rm -rf "$peers/debs"
  cat >"$peer.new" <<SH
#!/bin/sh
exec "$peers/root/usr/lib64/ld-linux-x86-64.so.2" --library-path "$peers/root/usr/lib/x86_64-linux-gnu" "$peers/root/usr/libexec/virtiofsd" "\$@"
SH
  chmod +x "$peer.new"
  "$peer.new" --version >&2
  mv "$peer.new" "$peer"
fi
echo "$peer"
