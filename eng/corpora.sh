#!/usr/bin/env bash
# Puts the test archives of Go's and Python's own libraries into $KALEIDOFS_CACHE/corpora, and prints the folder. Their packages
# are unpacked, not installed.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
folder=$KALEIDOFS_CACHE/corpora
mkdir -p "$KALEIDOFS_CACHE"
exec 8>"$KALEIDOFS_CACHE/corpora.lock"
flock 8
if [ ! -d "$folder" ]; then
  new=$folder.new
  rm -rf "$new"
  mkdir -p "$new"
  download_package golang-1.19-src "$new/debs"
  download_package libpython3.11-testsuite "$new/debs"
  for deb in "$new"/debs/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" |
      tar -x -C "$new" --wildcards --ignore-case '*archive/zip/testdata/*' '*archive/tar/testdata/*' '*.zip' '*.tar' '*.tar.*' '*.tgz' 2>/dev/null || true
  done
  rm -rf "$new/debs"
  # An archive that its author hid from scanners.
  find "$new" -name '*.zip.base64' -exec sh -c 'base64 -d "$1" >"${1%.base64}" && rm "$1"' decode {} \;
  [ -n "$(find "$new" -name '*.zip' -print -quit)" ] || { say "the packages have no archives"; exit 1; }
  mv "$new" "$folder"
fi
echo "$folder"
