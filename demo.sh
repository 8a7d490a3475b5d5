#!/usr/bin/env bash
# A zip, opened in a real virtual machine:  ./demo.sh [my.zip]
# Sets up what is missing, builds, serves the zip to a Linux guest, lists it there, and compares a
# digest of every file with what unzip extracts. Exit 0 only if all are equal.
set -uo pipefail
cd "$(dirname "$0")" || exit 1
root=$PWD
cd - >/dev/null || exit 1
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
shown=60 # lines of a listing on the screen; the comparison takes all

bold= plain=
if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m'; fi
step() { printf '%s\n' "$bold==> $*$plain"; }
fail() { printf 'demo: %s\n' "$*" >&2; exit 1; }

work=$(mktemp -d "${TMPDIR:-/tmp}/kaleidofs-demo.XXXXXX") || exit 1
host= machine=

# stop_host: ends kaleidofs as an operator does; it drains, unmounts and exits 0.
stop_host() {
  local pid=$host
  [ -n "$pid" ] || return 0
  host=
  kill -TERM "$pid" 2>/dev/null
  wait "$pid"
}

clean_up() {
  [ -z "$machine" ] || kill -9 "$machine" 2>/dev/null
  stop_host
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# wait_for_host CONDITION: until the host is ready; fails with what it said if it ends instead.
wait_for_host() {
  until eval "$1"; do
    kill -0 "$host" 2>/dev/null || { host=; cat "$work/host.log" >&2; fail "kaleidofs did not start"; }
    sleep 0.05
  done
}

# Without arguments: a zip of this working tree's scripts and sources, and of a program of some size.
make_zip() {
  local tree=$work/demo
  mkdir -p "$tree/bin" "$tree/empty directory"
  cp -p "$root"/*.sh "$root"/LICENSE "$root"/kaleidofs "$tree"
  cp -rp "$root/eng" "$tree"
  cp -p "$root"/artifacts/kaleidofs/kaleidofs "$root"/artifacts/kaleidofs/*.dll "$tree/bin"
  ln -s ../kaleidofs "$tree/bin/run"
  printf 'Grüße aus dem Archiv\n' >"$tree/Grüße.txt"
  (cd "$tree" && zip -qry "$work/demo.zip" .) || fail "zip failed"
  zip=$work/demo.zip
}

# What runs in the guest, and here if there can be none: $1 is the mounted tree.
cat >"$work/show.sh" <<'GUEST'
export LC_ALL=C.UTF-8
tree=$1 digests=$2 shown=$3
grep " $tree " /proc/mounts
cd "$tree" || exit 1
echo
ls -lA . | tail -n +2 | head -n "$shown"
echo
echo "$(find . -type f | wc -l) files, $(find . -type d | wc -l) directories, $(find . -type l | wc -l) links"
echo
find . -type f -print0 | sort -z | xargs -0 -r sha256sum >"$digests" || exit 1
# Enough of each for people; the comparison has them whole.
head -n "$shown" "$digests" | sed 's/^\(.\{16\}\)[0-9a-f]*  \.\//\1…  /'
more=$(($(wc -l <"$digests") - shown))
[ "$more" -le 0 ] || echo "… and $more more"
GUEST

in_a_guest() {
  local tag=demo
  {
    echo "mount -t virtiofs $tag /mnt || exit 1"
    echo 'uname -sr'
    echo "cat >/tmp/show.sh <<'SHOW'"
    cat "$work/show.sh"
    echo 'SHOW'
    echo "sh /tmp/show.sh /mnt /tmp/digests $shown || exit 1"
    echo 'cat /tmp/digests >/run/digests'
    echo 'umount /mnt'
  } >"$work/script"
  "$root/eng/guest/initramfs.sh" "$work/initramfs" "script=$work/script" || fail "no initramfs could be made"

  step "kaleidofs serves it on a vhost-user socket"
  "$root/kaleidofs" serve "$zip" --socket-path "$work/socket" --tag "$tag" >"$work/host.log" 2>&1 </dev/null &
  host=$!
  wait_for_host '[ -S "$work/socket" ]'

  local how
  how=$(sed -n 's/^ACCEL=//p' "$KALEIDOFS_CACHE/guest")
  [ "$how" = tcg ] && how="emulated, no KVM here: some seconds"
  step "a guest boots and mounts it ($how)"
  run_guest
  # An emulating QEMU on a busy machine may abort by an assertion of its own: then once more.
  ! grep -q iotlb_to_section "$work/qemu.log" || run_guest
  if [ "$(cat "$work/status" 2>/dev/null)" != 0 ]; then
    tail -20 "$work/qemu.log" "$work/console" "$work/host.log" >&2
    fail "the guest did not get to the end"
  fi
}

run_guest() {
  : >"$work/output"
  "$root/eng/guest/boot.sh" --initramfs "$work/initramfs" --share "$tag=$work/socket" --console "$work/console" \
    --port "output=$work/output" --port "status=$work/status" --port "digests=$work/digests" >"$work/qemu.log" 2>&1 </dev/null &
  machine=$!
  tail -n +1 -s 0.2 -f --pid="$machine" "$work/output" 2>/dev/null | sed -u 's/^/  guest| /'
  wait "$machine"
  machine=
}

on_this_machine() {
  [ -e /dev/fuse ] || fail "no guest, and no /dev/fuse either: nothing to show the zip with"
  mkdir "$work/mnt"
  step "no guest here ($no_guest): kaleidofs mounts it through /dev/fuse instead"
  "$root/kaleidofs" mount "$zip" "$work/mnt" >"$work/host.log" 2>&1 </dev/null &
  host=$!
  wait_for_host 'grep -q " $work/mnt " /proc/self/mounts'
  busybox sh "$work/show.sh" "$work/mnt" "$work/digests" "$shown" | sed 's/^/  /'
  [ "${PIPESTATUS[0]}" = 0 ] || fail "the mount could not be read"
}

step "setting up and building"
. "$root/eng/setup.sh"
setup
no_guest=$(sed -n 's/^REASON=//p' "$KALEIDOFS_CACHE/guest")
[ -z "${KALEIDOFS_DEMO_NO_GUEST:-}" ] || no_guest="KALEIDOFS_DEMO_NO_GUEST is set"
"$root/kaleidofs" --version >/dev/null || fail "the build failed"

if [ $# -gt 0 ]; then
  [ -f "$1" ] || fail "there is no file '$1'"
  zip=$(realpath "$1")
else
  make_zip
fi
step "$(basename "$zip"): $(stat -c %s "$zip") bytes"

if [ -z "$no_guest" ]; then in_a_guest; else on_this_machine; fi
stop_host || { cat "$work/host.log" >&2; fail "kaleidofs did not exit cleanly"; }

step "comparing with unzip"
mkdir "$work/unzipped"
(cd "$work/unzipped" && LC_ALL=C.UTF-8 unzip -q -o "$zip") >"$work/unzip.log" 2>&1 </dev/null
[ $? -le 1 ] || { tail -3 "$work/unzip.log" >&2; fail "unzip cannot extract it"; }
(cd "$work/unzipped" && find . -type f -print0 | xargs -0 -r busybox sha256sum) | LC_ALL=C sort >"$work/expected"
LC_ALL=C sort "$work/digests" >"$work/actual"
if ! cmp -s "$work/expected" "$work/actual"; then
  LC_ALL=C comm -3 "$work/expected" "$work/actual" | head -20 >&2
  fail "the digests differ (left: unzip's, right: the mount's)"
fi
step "all $(find "$work/unzipped" -type f -printf x | wc -c) digests are equal to unzip's"

# A commit of this very repository, if it is one, held against what git says.
if commit=$(git -C "$root" rev-parse -q --verify HEAD 2>/dev/null); then
  step "a commit of this repository, without a checkout: git:$(basename "$root")@HEAD"
  "$root/kaleidofs" ls -l "git:$root@HEAD" | head -n 8 | sed 's/^/  /'
  git -C "$root" archive --format=tar "$commit" LICENSE core/Api | tar -C "$work" -x || fail "git archive failed"
  for file in LICENSE core/Api/FileSystem.cs; do
    "$root/kaleidofs" cat "git:$root@HEAD" "$file" | cmp -s - "$work/$file" || fail "$file differs from git's"
  done
  step "its files are equal to git's"
fi

world='llm:a 1998 university FTP server'
step "$world: a tree that is written as it is looked at (here without a model), and then stays"
"$root/kaleidofs" tree "$world" -o "worlds=$work/worlds,depth=1" | head -n 16 | sed 's/^/  /'
first=$("$root/kaleidofs" cat "$world" README.md -o "worlds=$work/worlds") || fail "the world could not be read"
[ "$("$root/kaleidofs" cat "$world" README.md -o "worlds=$work/worlds,frozen")" = "$first" ] || fail "the world changed"
