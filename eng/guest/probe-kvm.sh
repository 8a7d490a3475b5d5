#!/usr/bin/env bash
# probe-kvm.sh KERNEL: whether a guest boots and powers off under KVM here, within seconds.
set -u
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null; rm -rf "$folder"' EXIT
printf 'exit 0\n' >"$folder/script"
"$here/initramfs.sh" "$folder/initramfs" "script=$folder/script" || exit 1
qemu-system-x86_64 -accel kvm -cpu host -m 256 -nodefaults -display none -no-reboot \
  -kernel "$1" -initrd "$folder/initramfs" -append "quiet panic=-1" \
  -serial none >"$folder/log" 2>&1 </dev/null &
pid=$!
for ((tenths = 0; tenths < 150; tenths++)); do
  if ! kill -0 "$pid" 2>/dev/null; then
    wait "$pid" && ! grep -q 'internal error' "$folder/log"
    exit
  fi
  # QEMU stops the guest and lives on when KVM cannot go on.
  grep -q 'internal error' "$folder/log" && exit 1
  sleep 0.1
done
exit 1
