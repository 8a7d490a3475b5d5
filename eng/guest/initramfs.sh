#!/usr/bin/env bash
# initramfs.sh OUTPUT [PATH-IN-GUEST=FILE ...]
# Writes an initramfs: busybox, the guest's init, and the files named, with the modes that they have here.
# Not compressed: an emulated guest inflates more slowly than it copies.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
output=$(realpath -m "$1")
shift
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"
mkdir -p "$tree/bin"
cp -L "$(command -v busybox)" "$tree/bin/busybox"
ln -s busybox "$tree/bin/sh"
install -m 755 "$here/init" "$tree/init"
for pair; do
  mkdir -p "$tree/$(dirname "${pair%%=*}")"
  cp -L --preserve=mode "${pair#*=}" "$tree/${pair%%=*}"
done
mkdir -p "$(dirname "$output")"
(cd "$tree" && find . -print0 | sort -z | cpio --null --quiet --create --format=newc --owner=0:0 --reproducible) >"$output.$$"
mv "$output.$$" "$output"
