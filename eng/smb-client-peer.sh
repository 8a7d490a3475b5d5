#!/usr/bin/env bash
# Compiles what `bench -- smb-client` measures beside us, a small program on libsmbclient, into the cache, and prints where
# it is; installs libsmbclient and the server that the benchmark runs.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
source=$eng/../tests/bench/Peers/SmbPeer/smb-peer.c
program=$KALEIDOFS_CACHE/smb-peer
mkdir -p "$KALEIDOFS_CACHE"
"$eng/smb-server.sh"
packages=()
[ -e /usr/include/samba-4.0/libsmbclient.h ] || packages+=(libsmbclient-dev)
command -v gcc >/dev/null || packages+=(gcc libc6-dev)
[ ${#packages[@]} = 0 ] || install_packages "" "${packages[@]}"
if [ ! -x "$program" ] || [ "$source" -nt "$program" ]; then
  gcc -O2 -Wall -Wextra -I/usr/include/samba-4.0 -o "$program.$$" "$source" -lsmbclient
  mv "$program.$$" "$program"
fi
printf '%s\n' "$program"
