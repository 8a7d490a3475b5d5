#!/usr/bin/env bash
# Installs the S3 server that tests/servers runs: Ceph's radosgw, with the monitor and the storage daemon that it needs.
# Nothing is started: a test starts all three in a folder of its own, on the loopback interface.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
packages=()
for pair in radosgw:radosgw ceph-mon:ceph-mon ceph-osd:ceph-osd; do
  command -v "${pair%%:*}" >/dev/null || packages+=("${pair#*:}")
done
mkdir -p "$KALEIDOFS_CACHE"
[ ${#packages[@]} = 0 ] || install_packages "" "${packages[@]}"
