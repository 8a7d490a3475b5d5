#!/usr/bin/env bash
# Installs what the demo and the tests need and the machine lacks; quick when nothing is missing.
# Sourced by demo.sh and test.sh, run by the test infrastructure. It leaves
#   $KALEIDOFS_CACHE         downloads and what is made of them, outside the working tree
#   $KALEIDOFS_CACHE/guest   what boots a guest: QEMU= KERNEL= ACCEL= lines, or REASON= why there is none
# and changes nothing about the machine's package configuration: Debian's backports suite is read
# through a private sources list, and the guest's kernel is unpacked into the cache, never installed.

KALEIDOFS_CACHE=${KALEIDOFS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kaleidofs}
export KALEIDOFS_CACHE
eng=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
minimum_qemu=8.2

say() { printf '%s\n' "setup: $*" >&2; }

# qemu_is_new_enough: whether the qemu-system-x86_64 on the path is.
qemu_is_new_enough() {
  local version
  version=$(qemu-system-x86_64 --version 2>/dev/null | sed -n '1s/.*version \([0-9.]*\).*/\1/p')
  [ -n "$version" ] && [ "$(printf '%s\n' "$minimum_qemu" "$version" | sort -V | head -1)" = "$minimum_qemu" ]
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    sudo "$@"
  else
    say "not root and no password-less sudo: cannot run '$*'"
    return 1
  fi
}

# private_apt COMMAND ...: an apt command that sees this Debian release with its backports suite.
private_apt() {
  local command=$1
  shift
  "$command" -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State::Lists="$apt/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
    -o APT::Sandbox::User=root -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@"
}

# prepare_apt: writes the private sources list from the machine's own mirror, and reads its index (once a run).
prepare_apt() {
  [ -z "${apt_is_ready:-}" ] || return 0
  command -v apt-get >/dev/null || { say "this machine has no apt-get"; return 1; }
  local codename
  codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
  local key=/usr/share/keyrings/debian-archive-keyring.gpg
  apt=$KALEIDOFS_CACHE/apt
  mkdir -p "$apt/lists/partial"
  # What an update would fetch, without fetching it: so it is known before the machine's first update, too.
  apt-get --print-uris update 2>/dev/null |
    sed -n "s|^'\\(.*\\)/dists/\\($codename[^/]*\\)/InRelease'.*|\\1 \\2|p" |
    awk -v key="$key" -v name="$codename" '
      function line(uri, suite) { print "deb [signed-by=" key "] " uri " " suite " main" }
      # Others name their suites like Debian, too; the mirror is who has the updates of this release.
      $2 == name && !mirror { mirror = $1 }
      $2 == name "-updates" { mirror = updates = $1 }
      $2 == name "-security" { security = $1 }
      END {
        if (!mirror) exit
        line(mirror, name); line(mirror, name "-backports")
        if (updates) line(updates, name "-updates")
        if (security) line(security, name "-security")
      }' >"$apt/sources.list"
  if ! grep -q -- '-backports main' "$apt/sources.list"; then
    say "no Debian mirror for '$codename' in this machine's apt configuration"
    return 1
  fi
  say "reading the package index of $codename and $codename-backports"
  private_apt apt-get -qq update >&2 || { say "apt-get update failed"; return 1; }
  backports=$codename-backports
  apt_is_ready=1
}

# install_packages SUITE-OR-EMPTY PACKAGE...
install_packages() {
  local suite=$1
  shift
  prepare_apt || return 1
  say "installing $*"
  # Debian's /usr/bin/apt-get is what root runs; debconf must not ask.
  DEBIAN_FRONTEND=noninteractive as_root "$BASH" -c '
    apt=$1 suite=$2; shift 2
    export DEBIAN_FRONTEND=noninteractive
    '"$(declare -f private_apt)"'
    private_apt apt-get -qq install -y --no-install-recommends ${suite:+-t "$suite"} "$@"
  ' install "$apt" "$suite" "$@" >"$KALEIDOFS_CACHE/install.log" 2>&1 </dev/null || {
    say "apt-get install $* failed:"
    tail -5 "$KALEIDOFS_CACHE/install.log" >&2
    return 1
  }
}

# download_package NAME FOLDER: the .deb of a package, without installing it.
download_package() {
  prepare_apt || return 1
  say "downloading $1"
  mkdir -p "$2"
  (cd "$2" && private_apt apt-get -qq download "$1") >&2 </dev/null
}

setup_tools() {
  local missing=() pair
  for pair in busybox:busybox-static cpio:cpio zip:zip unzip:unzip tar:tar gzip:gzip xz:xz-utils zstd:zstd bzip2:bzip2 lz4:lz4 lzip:lzip \
    compress:ncompress 7z:p7zip-full bsdtar:libarchive-tools gcab:gcab ar:binutils git:git rsync:rsync make:make gcc:gcc \
    genisoimage:genisoimage xorriso:xorriso python3:python3 fusermount3:fuse3; do
    command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
  done
  # What is recommended is not installed, and a compiler's headers are.
  [ -e /usr/include/stdio.h ] || missing+=(libc6-dev)
  # The guest needs a busybox that brings its own libc.
  if command -v busybox >/dev/null && ldd "$(command -v busybox)" >/dev/null 2>&1; then
    missing+=(busybox-static)
  fi
  [ ${#missing[@]} = 0 ] || install_packages "" "${missing[@]}"
}

setup_qemu() {
  qemu_is_new_enough || { install_packages "${backports:-$(. /etc/os-release && echo "$VERSION_CODENAME-backports")}" qemu-system-x86 && qemu_is_new_enough; }
}

# setup_kernel: a cloud kernel >= 6.11 (virtio-fs with several request queues), unpacked into the cache.
setup_kernel() {
  local folder=$KALEIDOFS_CACHE/kernel name
  kernel=$(find "$folder" -name 'vmlinuz-*' 2>/dev/null | sort -V | tail -1)
  [ -z "$kernel" ] || return 0
  prepare_apt || return 1
  name=$(private_apt apt-cache pkgnames linux-image | grep -E '^linux-image-[0-9].*-cloud-amd64$' | sort -V | tail -1)
  if [ -z "$name" ] || [ "$(printf '%s\n' linux-image-6.11 "$name" | sort -V | head -1)" != linux-image-6.11 ]; then
    say "no cloud kernel >= 6.11 in $backports (found: ${name:-none})"
    return 1
  fi
  rm -rf "$folder.new"
  download_package "$name" "$folder.new" || return 1
  dpkg-deb --fsys-tarfile "$folder.new"/*.deb | tar -x -C "$folder.new" ./boot || return 1
  rm -f "$folder.new"/*.deb
  mkdir -p "$folder"
  mv "$folder.new"/boot/vmlinuz-* "$folder/"
  rm -rf "$folder.new"
  kernel=$(find "$folder" -name 'vmlinuz-*' | sort -V | tail -1)
  [ -n "$kernel" ]
}

# setup_acceleration: KVM where a guest is seen to boot and power off with it, else TCG. There are
# machines whose /dev/kvm opens but whose guests hang, so the device alone proves nothing.
setup_acceleration() {
  local verdict
  verdict=$KALEIDOFS_CACHE/acceleration-$(cat /proc/sys/kernel/random/boot_id)
  if [ ! -s "$verdict" ]; then
    accel=tcg
    if [ -r /dev/kvm ] && [ -w /dev/kvm ]; then
      say "trying KVM"
      "$eng/guest/probe-kvm.sh" "$kernel" && accel=kvm
    fi
    rm -f "$KALEIDOFS_CACHE"/acceleration-*
    printf '%s' "$accel" >"$verdict"
  fi
  accel=$(cat "$verdict")
}

# setup_guest: all that a guest takes; the outcome is left in $KALEIDOFS_CACHE/guest.
setup_guest() {
  local reason=
  guest_file=$KALEIDOFS_CACHE/guest
  if [ "$(uname -m)" != x86_64 ]; then
    reason="the guest is x86-64 and this machine is $(uname -m)"
  elif ! command -v busybox >/dev/null || ! command -v cpio >/dev/null; then
    reason="busybox-static or cpio could not be installed"
  elif ! setup_qemu; then
    reason="QEMU >= $minimum_qemu could not be had"
  elif ! setup_kernel; then
    reason="a Debian cloud kernel >= 6.11 could not be had"
  fi
  if [ -n "$reason" ]; then
    say "no guest: $reason"
    printf 'REASON=%s\n' "$reason" >"$guest_file"
    return 1
  fi
  setup_acceleration
  printf '%s\n' "QEMU=$(command -v qemu-system-x86_64)" "KERNEL=$kernel" "ACCEL=$accel" >"$guest_file.$$"
  mv "$guest_file.$$" "$guest_file"
}

setup() {
  mkdir -p "$KALEIDOFS_CACHE"
  # Two at once (a test run beside a demo) must not install the same thing twice.
  exec 9>"$KALEIDOFS_CACHE/lock"
  flock 9
  setup_tools
  setup_guest
  local result=$?
  exec 9>&-
  return $result
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  set -u
  setup
fi
