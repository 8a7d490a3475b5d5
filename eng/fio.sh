#!/usr/bin/env bash
# Prints the files that fio in a guest consists of, one a line: the program first, then the libraries that it loads, and their loader.
# The machine's own fio if it has one; else Debian's package, unpacked into the cache with what it needs and the machine lacks, not installed.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

folder=$KALEIDOFS_CACHE/fio
fio=$(command -v fio) || fio=$folder/root/usr/bin/fio
if [ ! -x "$fio" ]; then
  prepare_apt
  rm -rf "$folder"
  mkdir -p "$folder/archives/partial" "$folder/new"
  say "downloading fio"
  private_apt apt-get -qq -y --no-install-recommends --download-only -o Dir::Cache::archives="$folder/archives" -o Debug::NoLocking=1 install fio >&2 </dev/null
  for deb in "$folder"/archives/*.deb; do
    dpkg-deb -x "$deb" "$folder/new"
  done
  rm -rf "$folder/archives"
  mv "$folder/new" "$folder/root"
fi
libraries=$folder/root/usr/lib/$(uname -m)-linux-gnu
export LD_LIBRARY_PATH=$libraries:$libraries/ceph:$folder/root/lib/$(uname -m)-linux-gnu
echo "$fio"
ldd "$fio" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p; s/^[[:space:]]*\(\/[^ ]*ld-linux[^ ]*\) .*/\1/p' | sort -u
