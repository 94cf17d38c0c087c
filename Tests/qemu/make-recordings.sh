#!/bin/bash
# Make real trace.dat recordings on other machines than the one at hand, in QEMU.
#
#   make-recordings.sh ARCH OUTDIR
#
#   s390x        big-endian, 4 CPUs            ppc64el      64 KiB ring-buffer pages, 4 CPUs
#   amd64        x86-tsc clock, hotplug, idle  amd64-rt     PREEMPT_RT: handlers are threads
#   amd64-nomsi  pci=nomsi: shared lines
#
# Each machine boots a stock Debian kernel from an initramfs that holds busybox, trace-cmd and a few
# modules, loads its disk and network, records, and writes a tar onto a raw disk (see machine.sh). Needs on a
# Debian host: qemu-system-misc (s390x), qemu-system-ppc, qemu-system-x86, cpio, zstd, kmod, trace-cmd, and some
# minutes of two cores.
# Timing differs in every run, so a new recording never equals an old one: make its expected numbers again too.
set -euo pipefail

[ $# = 2 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
machine=$1 out=$(mkdir -p "$2" && cd "$2" && pwd)
. "$(dirname "$0")/machine.sh"
work=${WORK:-/tmp/make-recordings}/$machine
modules=(virtio_blk virtio_net) append='' meta='' at_load='' at_nic=''
case $machine in
s390x)   arch=s390x   meta=linux-image-s390x       console=ttysclp0
         qemu=(qemu-system-s390x -M s390-ccw-virtio -cpu max -smp 4 -m 1024) nic=virtio-net-ccw ;;
ppc64el) arch=ppc64el meta=linux-image-powerpc64le console=hvc0 nic=virtio-net-pci
         modules+=(virtio_pci)
         qemu=(qemu-system-ppc64 -M pseries -cpu power9 -smp 4 -m 2048) ;;
amd64*)  arch=amd64   meta=linux-image-amd64       console=ttyS0 nic=e1000e
         modules+=(virtio_pci nvme e1000e)
         amd64_qemu
         case $machine in
         amd64) ;;
         amd64-rt) meta=linux-image-rt-amd64 ;;
         # Every fourth slot has the same line: nvme is in slot 1.
         amd64-nomsi) append=pci=nomsi at_load=,addr=5 at_nic=,addr=9 ;;
         *) echo "unknown machine $machine" >&2; exit 2 ;;
         esac ;;
*)       echo "unknown machine $machine" >&2; exit 2 ;;
esac

# --- packages -------------------------------------------------------------------------------------
packages=(busybox-static trace-cmd libtracecmd1 libtracefs1 libtraceevent1 libzstd1 zlib1g libc6)
rm -rf "$work/root" "$work/rec"
mkdir -p "$work"/{rec,root}
unpack_packages "${SUITE:-bookworm}" "$meta" "${packages[@]}"

# --- initramfs ------------------------------------------------------------------------------------
root=$work/root from=$work/unpacked
mkdir -p "$root"/{bin,lib,usr/bin,usr/lib}
cp "$from/bin/busybox" "$root/bin/"
cp "$from/usr/bin/trace-cmd" "$root/bin/"
# The dynamic loader is at /lib/ld*, /lib64/ld* and the libraries in the multiarch directories: keep the tree.
(cd "$from" && find lib lib64 usr/lib \( -name 'ld*.so.[0-9]*' -o -name 'libc.so.6' -o -name 'libm.so.6' -o -name 'libdl.so.2' \
    -o -name 'libpthread.so.0' -o -name 'librt.so.1' -o -name 'libz.so.1*' -o -name 'libzstd.so.1*' -o -name 'libtrace*.so.*' \) \
    2>/dev/null | cpio -pdm --quiet "$root") || true
add_modules "${modules[@]}"

cat >"$root/load" <<'END'
#!/bin/busybox sh
# load SECONDS: disk and network interrupts, softirqs and work items.
# The kernel's counters are read in here, close to the recording's first and last event.
snapshot() { [ -z "$COUNTERS" ] || for f in interrupts softirqs stat; do cat /proc/$f >$COUNTERS.$f.$1; done; }
snapshot before
for i in $(seq ${BUSY:-1}); do
    for d in $LOAD /dev/nvme0n1; do
        [ -b $d ] && dd if=$d of=/dev/null iflag=direct bs=4k 2>/dev/null &
    done
done
ping -q -i 0.01 127.0.0.1 >/dev/null 2>&1 &
ping -q -i 0.01 10.0.2.2 >/dev/null 2>&1 &
if [ -n "$OFFLINE" ]; then
    sleep "$1"; echo 0 >/sys/devices/system/cpu/cpu1/online
    sleep "$1"; echo 1 >/sys/devices/system/cpu/cpu1/online
fi
# The recorders are the other processes of the trace-cmd that runs this: while they are stopped the buffers overflow.
recorders=$(pidof trace-cmd | tr ' ' '\n' | grep -vx $PPID)
for i in $(seq ${STOPPED:-0}); do
    sleep 0.05; kill -STOP $recorders; sleep "$1"; kill -CONT $recorders
done
[ -n "$STOPPED" ] && sleep 0.2 || sleep "$1"
kill $(jobs -p) 2>/dev/null
snapshot after
# The recording ends here; what trace-cmd reads from /proc/kallsyms next is what ran in it (see init).
t=/sys/kernel/tracing
for i in $t $t/instances/second; do [ -e $i ] && echo 0 >$i/tracing_on; done
sed -n 's/.*function \([^ ]*\).*/\1/p' $t/instances/names/trace | sort -u >/tmp/ran
awk 'NR == FNR { ran[$1]; next } { keep = $3 in ran } keep || kept; { kept = keep }' /tmp/ran /tmp/text >/tmp/kallsyms
exit 0
END

add_start
cat >"$root/init" <<'END'
#!/bin/busybox sh
. /start
sleep 2
uname -a | tee /rec/$machine.uname; cat /proc/cmdline
trace-cmd list -c

# A recording carries /proc/kallsyms, which is megabytes and is stored as it is in version 6. Only functions of
# work items are looked up: a second buffer, whose text the kernel writes with true names, says which ran. Keep those,
# each with the symbol after it, or the address of a hidden function would be taken for the one before it.
t=/sys/kernel/tracing
awk '$2 ~ /[tT]/' /proc/kallsyms >/tmp/text
: >/tmp/kallsyms
mount -o bind /tmp/kallsyms /proc/kallsyms
mkdir $t/instances/names
echo 1 >$t/instances/names/events/workqueue/workqueue_execute_start/enable

# record NAME SECONDS OPTION...
record() {
    name=$machine-$1; seconds=$2; shift 2
    echo "== $name: trace-cmd record $*"
    echo >$t/instances/names/trace
    trace-cmd record -o /rec/$name.dat "$@" sh /load $seconds >/rec/$name.log 2>&1 || echo "failed: $?"
    rm -f /rec/*.dat.cpu*
    ls -l /rec/$name.dat; tail -n 3 /rec/$name.log
    trace-cmd report /rec/$name.dat 2>/dev/null | sed -n 's/.*workqueue_execute_start.*function \([^ ]*\).*/\1/p' | sort -u |
        grep -vxFf /tmp/ran | sed "s/^/$name: not a work function: /"
}
irq='-e irq'
work='-e workqueue:workqueue_execute_start -e workqueue:workqueue_execute_end'
all="$irq $work -e sched:sched_switch -e napi"
case $machine in
s390x|ppc64el)
    COUNTERS=/rec/$machine record v7 2 $all
    record v6 0.3 --file-version 6 --compression none $all
    # The least buffer is two pages, whatever -b says: 64 KiB pages take longer to overflow.
    pause=0.2; [ $machine = s390x ] || pause=4
    STOPPED=3 BUSY=3 record lost $pause -b 16 $irq -e sched:sched_switch -e sched:sched_wakeup -e sched:sched_waking
    record instances 0.5 $irq -B second $irq -e sched:sched_switch ;;
amd64)
    record tsc 1 -C x86-tsc $all -e irq_vectors
    OFFLINE=1 COUNTERS=/rec/$machine record offline 0.7 $all
    # Only CPU 0 is traced: the file has a CPU without a page.
    record empty 0.5 -M 1 $all ;;
*)
    COUNTERS=/rec/$machine record v7 2 $all ;;
esac
cd /rec && tar -cf $disk . && sync
echo RECORDINGS-DONE
reboot -f
END
chmod +x "$root/init" "$root/load"
pack_root

# --- boot -----------------------------------------------------------------------------------------
make_disks
boot "$console" "$nic" "machine=$machine $append" "$at_load" "$at_nic"
grep -q RECORDINGS-DONE "$work/console.log"
tar -xf "$work/out.img" -C "$work/rec"

# --- check and deliver ----------------------------------------------------------------------------
# ORACLE names a program that turns the text of trace-cmd report into reference numbers, in JSON.
for dat in "$work"/rec/*.dat; do
    name=${dat%.dat}
    # Cycles have no decimal point: take them for nanoseconds.
    trace-cmd report -t -R "$dat" 2>/dev/null | sed -E 's/\] +([0-9]+)([0-9]{9}):/] \1.\2:/' >"$work/report"
    echo "$(basename "$dat"): $(stat -c %s "$dat") bytes, $(grep -cE '\] +[0-9]+\.[0-9]+:' "$work/report" || true) events," \
        "$(grep -c 'EVENTS DROPPED' "$work/report" || true) gaps, kernel $version"
    [ -n "${ORACLE:-}" ] || continue
    # Events of a buffer instance are marked with its name; its numbers are a file of their own.
    grep -v '^second: ' "$work/report" | python3 "$ORACLE" >"$name.oracle.json"
    ! grep -q '^second: ' "$work/report" || grep '^second: ' "$work/report" | python3 "$ORACLE" >"$name.second.oracle.json"
done
cp "$work"/rec/* "$out/"
