#!/bin/bash
# Run irqscope on machines that are not at hand, in QEMU, and judge what it says there.
#
#   check-machines.sh IRQSCOPE OUTDIR [MACHINE…]
#
#   plain            threadirqs            rt               a stock kernel, its handlers in threads, PREEMPT_RT
#   plain-nomsi      threadirqs-nomsi      rt-nomsi         the same with pci=nomsi: devices share lines
#
# -trixie at the end of a machine's name takes Linux 6.12 for 6.1. Without names all of the first six are run, and rt-trixie
# and rt-nomsi-trixie. Each takes a few minutes of two cores. On a host
# that is busy otherwise a guest may be starved: its kernel log says so (stalls, lockups). OUTDIR/MACHINE gets what irqscope printed, OUTDIR/table the
# verdicts of judge-machines.py. guest-checks.sh is what runs there. IRQSCOPE takes its libraries along, so a debug build
# will do. Needs on a Debian host: qemu-system-x86, cpio, zstd, xz-utils, kmod, gcc, libc6-dev, python3.
set -euo pipefail

[ $# -ge 2 ] || { sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd) irqscope=$(realpath "$1") out=$(mkdir -p "$2" && cd "$2" && pwd)
shift 2
. "$here/machine.sh"
arch=amd64
[ $# -gt 0 ] || set -- plain threadirqs rt plain-nomsi threadirqs-nomsi rt-nomsi rt-trixie rt-nomsi-trixie

# check MACHINE: boots it and brings what it left to $out.
check() {
    local machine=$1 suite=bookworm meta=linux-image-amd64 append=loglevel=5 file
    work=${WORK:-/tmp/check-machines}/$machine
    case $machine in *-trixie) suite=trixie ;; esac
    case $machine in rt*) meta=linux-image-rt-amd64 ;; threadirqs*) append+=' threadirqs' ;; esac
    case $machine in *nomsi*) append+=' pci=nomsi' ;; esac
    rm -rf "$work/root"
    mkdir -p "$work/root/bin"
    unpack_packages "$suite" "$meta" busybox-static
    cp "$(ls "$work"/unpacked/{usr/,}bin/busybox 2>/dev/null | head -n 1)" "$work/root/bin/"
    add_modules virtio_blk virtio_net virtio_pci nvme e1000e
    add_start
    cp "$here/guest-checks.sh" "$work/root/init"
    gcc -O2 -static -o "$work/root/bin/unclaimed" "$here/unclaimed.c"
    # What ldd names has a path at the end, or before its address.
    ldd "$irqscope" | grep -o '/[^ ]*' | while read -r file; do install -D "$file" "$work/root$file"; done
    cp "$irqscope" "$work/root/bin/irqscope"
    pack_root
    make_disks
    amd64_qemu
    # Every fourth slot has the same line: the disks in 1 and 5, the network in 4, and with it the device in 8 whose
    # interrupts nobody claims.
    # One thread for both CPUs: with two, a CPU that runs into code that the other one is patching (which is what
    # switching a tracepoint on does) may loop in int3 for ever, a fault of the emulator (seen with QEMU 7.2).
    boot ttyS0 e1000e "machine=$machine $append" ,addr=5 ,addr=4 -device edu,addr=8 -accel tcg,thread=single
    grep -q CHECKS-DONE "$work/console.log" || { echo "$machine did not reach its end: $work/console.log" >&2; return 1; }
    rm -rf "${out:?}/$machine"
    mkdir -p "$out/$machine"
    tar -xf "$work/out.img" -C "$out/$machine"
}

for machine; do check "$machine"; done
"$here/judge-machines.py" "$irqscope" "$out" "$@" | tee "$out/table"
