#!/usr/bin/env bash
# Makes $KALEIDOFS_CACHE/linux once: a Debian source tarball of tens of thousands of files as
# linux.tar, linux.tar.gz and linux.zip, and extracted as tree/, which is what tests compare with.
set -euo pipefail
. "$(dirname "$0")/setup.sh"
folder=$KALEIDOFS_CACHE/linux
mkdir -p "$KALEIDOFS_CACHE"
exec 8>"$KALEIDOFS_CACHE/linux.lock"
flock 8
[ ! -d "$folder" ] || exit 0

new=$folder.new
rm -rf "$new"
prepare_apt
download_package linux-source-6.1 "$new"
mkdir "$new/tree"
say "recompressing linux-source-6.1 (once)"
dpkg-deb --fsys-tarfile "$new"/*.deb | tar -xO ./usr/src/linux-source-6.1.tar.xz | xz -dc -T0 >"$new/linux.tar"
rm -f "$new"/*.deb
gzip -1 -c "$new/linux.tar" >"$new/linux.tar.gz" &
# The archive comes back to directories that it had left: their times are set at the very end.
tar -xpf "$new/linux.tar" --delay-directory-restore -C "$new/tree"
wait $!
(cd "$new/tree" && zip -qry1 "$new/linux.zip" .)
mv "$new" "$folder"
