#!/usr/bin/env bash
# Installs what the S3 benchmark measures beside us, s3fs and rclone, and the server that it runs.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
packages=()
for pair in s3fs:s3fs rclone:rclone fusermount3:fuse3; do
  command -v "${pair%%:*}" >/dev/null || packages+=("${pair#*:}")
done
mkdir -p "$KALEIDOFS_CACHE"
[ ${#packages[@]} = 0 ] || install_packages "" "${packages[@]}"
"$eng/s3-server.sh"
