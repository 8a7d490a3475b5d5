#!/usr/bin/env bash
# Installs the SMB server that tests/servers runs: Samba, with smbclient as the other client to compare with.
# Nothing is started: a test starts it in a folder of its own, on the loopback interface.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
packages=()
for pair in smbd:samba smbclient:smbclient; do
  PATH=$PATH:/usr/sbin:/sbin command -v "${pair%%:*}" >/dev/null || packages+=("${pair#*:}")
done
mkdir -p "$KALEIDOFS_CACHE"
[ ${#packages[@]} = 0 ] || install_packages "" "${packages[@]}"
