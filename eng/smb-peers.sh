#!/usr/bin/env bash
# Installs what the SMB benchmark measures beside us, rclone, and the server that it runs.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
packages=()
for pair in rclone:rclone fusermount3:fuse3; do
  command -v "${pair%%:*}" >/dev/null || packages+=("${pair#*:}")
done
mkdir -p "$KALEIDOFS_CACHE"
[ ${#packages[@]} = 0 ] || install_packages "" "${packages[@]}"
"$eng/smb-server.sh"
