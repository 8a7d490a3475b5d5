#!/usr/bin/env bash
# boot.sh [OPTION ...] [-- QEMU-ARGUMENT ...]: becomes a QEMU that boots a guest; setup.sh must have run.
#   --initramfs FILE             made by initramfs.sh
#   --share TAG=SOCKET[,QUEUES[,PROPERTY=VALUE ...]]
#                                a vhost-user-fs device, with QUEUES request queues (1); repeatable
#   --port NAME=FILE             what the guest writes to /run/NAME; /script of the initramfs writes to
#                                'output', and its exit status goes to 'status'; repeatable
#   --agent SOCKET               a listening socket that the guest takes commands from, instead of /script
#   --console FILE               the kernel's console (nowhere)
#   --cpus N --memory MEGABYTES  (1, 512)
#   --accel tcg|kvm              (what setup.sh found to work)
#   --may-reboot                 a reboot boots again instead of ending QEMU
set -euo pipefail
. /dev/stdin <<<"$(sed -n "s/^\(QEMU\|KERNEL\|ACCEL\|REASON\)=\(.*\)/\1='\2'/p" "$KALEIDOFS_CACHE/guest")"
cpus=1 memory=512 console=null initramfs= reboot=-no-reboot index=0
devices=()

port() { # NAME CHARDEV
  devices+=(-chardev "$2,id=$1" -device "virtserialport,chardev=$1,name=$1")
}

while [ $# -gt 0 ]; do
  case $1 in
    --initramfs) initramfs=$2; shift ;;
    --share)
      tag=${2%%=*}
      IFS=, read -r socket queues properties <<<"${2#*=}"
      # A queue of 1024 lets the guest ask for 1 MiB at a time.
      devices+=(-chardev "socket,id=share$index,path=$socket"
        -device "vhost-user-fs-pci,chardev=share$index,tag=$tag,queue-size=1024,num-request-queues=${queues:-1}${properties:+,$properties}")
      index=$((index + 1))
      shift ;;
    --port) port "${2%%=*}" "file,path=${2#*=}"; shift ;;
    --agent) port agent "socket,path=$2"; shift ;;
    --console) console=file:$2; shift ;;
    --cpus) cpus=$2; shift ;;
    --memory) memory=$2; shift ;;
    --accel) ACCEL=$2; shift ;;
    --may-reboot) reboot= ;;
    --) shift; break ;;
    *) echo "boot.sh: unknown option $1" >&2; exit 2 ;;
  esac
  shift
done

# What an emulated CPU spends seconds on and a guest of a minute does not need.
kernel_options="quiet console=ttyS0 panic=-1 mitigations=off nokaslr nokprobes cryptomgr.notests"
case $ACCEL in
  # The smallest CPU model that runs .NET (x86-64-v2): richer ones boot more slowly when emulated.
  tcg) acceleration=(-accel tcg,thread=multi -cpu Nehalem) kernel_options+=" tsc=reliable no_timer_check" ;;
  *) acceleration=(-accel "$ACCEL" -cpu host) ;;
esac

exec "$QEMU" -nodefaults -display none -no-user-config $reboot \
  -machine pc,memory-backend=memory -object "memory-backend-memfd,id=memory,size=${memory}M,share=on" \
  "${acceleration[@]}" -smp "$cpus" -m "$memory" -kernel "$KERNEL" -initrd "$initramfs" \
  -append "$kernel_options" -serial "$console" -device virtio-serial-pci "${devices[@]}" "$@"
