#!/usr/bin/env bash
# Installs the programs that the archive benchmarks measure beside us, and makes what they read, once:
#   $KALEIDOFS_CACHE/bench/tree.{zip,tar.gz,squashfs}                          a kernel's sources
#   $KALEIDOFS_CACHE/bench/member.{zip,tar.gz,tar.bz2,tar.zst,tar.xz,squashfs}  one file of 1 GiB: those sources' tar, cut
# A .tar.zst of one frame and a .tar.xz of one block: what the tools make if nothing else is asked of them.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
packages=()
for pair in archivemount:archivemount fuse-zip:fuse-zip squashfuse:squashfuse mksquashfs:squashfs-tools zip:zip zstd:zstd xz:xz-utils bzip2:bzip2; do
  command -v "${pair%%:*}" >/dev/null || packages+=("${pair#*:}")
done
[ ${#packages[@]} = 0 ] || install_packages "" "${packages[@]}"
"$eng/linux-source.sh"

folder=$KALEIDOFS_CACHE/bench
exec 7>"$KALEIDOFS_CACHE/bench.lock"
flock 7
[ ! -d "$folder" ] || exit 0
new=$folder.new
linux=$KALEIDOFS_CACHE/linux
rm -rf "$new"
mkdir -p "$new/member"
say "making the archives that are measured (once; some minutes)"
ln "$linux/linux.zip" "$new/tree.zip"
ln "$linux/linux.tar.gz" "$new/tree.tar.gz"
mksquashfs "$linux/tree" "$new/tree.squashfs" -comp gzip -quiet -no-progress >&2
head -c 1G "$linux/linux.tar" >"$new/member/member"
mksquashfs "$new/member" "$new/member.squashfs" -comp gzip -quiet -no-progress >&2
(cd "$new/member" && zip -q ../member.zip member)
tar -cf "$new/member.tar" -C "$new/member" member
gzip -k "$new/member.tar" &
bzip2 -k "$new/member.tar" &
zstd -q "$new/member.tar" -o "$new/member.tar.zst"
xz -1 -T1 -k "$new/member.tar"
wait
rm -r "$new/member" "$new/member.tar"
mv "$new" "$folder"
