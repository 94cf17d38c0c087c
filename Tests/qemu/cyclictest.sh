#!/bin/bash
# Records cyclictest with irqscope in QEMU, to be compared with what it measured itself (Tests/oracle/cyclictest-compare.py).
#
#   cyclictest.sh IRQSCOPE ARCH OUTDIR [SUITE]
#
#   amd64     a stock Debian kernel          amd64-rt     PREEMPT_RT
#
# IRQSCOPE is a static (release) binary. Under disk and network load a real-time thread and a usual one are measured, one after
# the other: OUTDIR/ARCH-fifo.dat and .txt, OUTDIR/ARCH-other.dat and .txt. Needs what make-recordings.sh needs for amd64.
set -euo pipefail

[ $# -ge 3 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
irqscope=$(realpath "$1") machine=$2 out=$(mkdir -p "$3" && cd "$3" && pwd) suite=${4:-bookworm}
here=$(cd "$(dirname "$0")" && pwd)
. "$here/machine.sh"
work=${WORK:-/tmp/qemu-cyclictest}/$machine
case $machine in
amd64) meta=linux-image-amd64 ;;
amd64-rt) meta=linux-image-rt-amd64 ;;
*) echo "unknown machine $machine" >&2; exit 2 ;;
esac
arch=amd64
mkdir -p "$work"
rm -rf "$work/root"
unpack_packages "$suite" "$meta" busybox-static rt-tests libnuma1 libc6
root=$work/root from=$work/unpacked
mkdir -p "$root/bin"
cp "$from/bin/busybox" "$from/usr/bin/cyclictest" "$irqscope" "$root/bin/"
(cd "$from" && find lib lib64 usr/lib \( -name 'ld*.so.[0-9]*' -o -name 'libc.so.6' -o -name 'libpthread.so.0' -o -name 'librt.so.1' \
    -o -name 'libnuma.so.1*' \) 2>/dev/null | cpio -pdm --quiet "$root") || true
add_modules virtio_blk virtio_net virtio_pci nvme e1000e
add_start
cat >"$root/init" <<'END'
#!/bin/busybox sh
. /start
sleep 2
uname -a
for d in $LOAD /dev/nvme0n1; do
    while :; do dd if=$d of=/dev/null iflag=direct bs=4k count=20000 2>/dev/null; done &
done
ping -q -i 0.02 10.0.2.2 >/dev/null 2>&1 &
measure() {
    name=$machine-$1; shift
    echo "== $name"
    irqscope record --deep --buffer-size 16M -o /rec/$name.dat -- cyclictest -q -v -N -i 10000 -l 500 -t 1 "$@" >/rec/$name.txt
    tail -n 1 /rec/$name.txt
}
measure fifo -p 80 --policy fifo
measure other --policy other
cd /rec && tar -cf $disk . && sync
echo RECORDINGS-DONE
reboot -f
END
chmod +x "$root/init"
pack_root
make_disks
amd64_qemu
boot ttyS0 e1000e "machine=$machine" '' ''
grep -q RECORDINGS-DONE "$work/console.log" || { echo "$machine did not finish; $work/console.log" >&2; exit 1; }
tar -xf "$work/out.img" -C "$out"
for name in fifo other; do
    echo "$machine-$name:"
    "$here/../oracle/cyclictest-compare.py" "$irqscope" "$out/$machine-$name.dat" "$out/$machine-$name.txt" || true
done
