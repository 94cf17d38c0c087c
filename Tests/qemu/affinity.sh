#!/bin/bash
# Tries affinity and doctor on a stock Debian kernel in QEMU: moves that wait for an interrupt, lines that nobody may write,
# cpuset partitions that rewrite the masks of handlers' threads, CPUs that go offline.
#
#   affinity.sh IRQSCOPE MACHINE OUTDIR [SUITE]
#
#   amd64        the kernel of SUITE (bookworm: 6.1, trixie: 6.12), four CPUs, threadirqs
#   amd64-remap  the same with interrupt remapping: chips IR-*, which move at once
#
# IRQSCOPE is a static (release) binary. OUTDIR/MACHINE-SUITE.txt gets the log; a line FAILED in it is a failure. Needs what
# make-recordings.sh needs for amd64.
set -euo pipefail

[ $# -ge 3 ] || { sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2; }
irqscope=$(realpath "$1") machine=$2 out=$(mkdir -p "$3" && cd "$3" && pwd) suite=${4:-bookworm}
here=$(cd "$(dirname "$0")" && pwd)
. "$here/machine.sh"
work=${WORK:-/tmp/qemu-affinity}/$machine-$suite
arch=amd64
mkdir -p "$work"
rm -rf "$work/root"
unpack_packages "$suite" linux-image-amd64 busybox-static
root=$work/root
add_busybox
cp "$irqscope" "$root/bin/"
add_modules virtio_blk virtio_net virtio_pci nvme vmxnet3
add_start
cat >"$root/init" <<'INIT'
#!/bin/busybox sh
. /start
mkdir -p /var/lib /sys/fs/cgroup /run
mount -t cgroup2 cgroup /sys/fs/cgroup
sleep 2
echo "== $(uname -a)"
cat /proc/cmdline
line() { grep -E "  *$1\$" /proc/interrupts | head -n 1 | cut -d: -f1 | tr -d ' '; }
state() { echo "   irq $1: mask $(cat /proc/irq/$1/smp_affinity_list), effective $(cat /proc/irq/$1/effective_affinity_list)"; }
traffic() { ping -c 8 -i 0.1 -q 10.0.2.2 >/dev/null 2>&1; dd if=/dev/nvme0n1 of=/dev/null bs=4k count=200 iflag=direct 2>/dev/null; }
expect() { if [ "$2" = "$3" ]; then echo "ok      $1: $2"; else echo "FAILED  $1: '$2' and not '$3'"; fi; }
has() { if grep -q "$2" $3; then echo "ok      $1"; else echo "FAILED  $1: no '$2' in:"; sed 's/^/        /' $3 | head -n 30; fi; }
hasnot() { if grep -q "$2" $3; then echo "FAILED  $1: '$2' in:"; sed 's/^/        /' $3 | head -n 30; else echo "ok      $1"; fi; }

echo "== masks and places"
ping -c 2 10.0.2.2
irqscope affinity show 2>/dev/null; echo "   status $?"
q=$(line eth0-rxtx-1); q0=$(line eth0-rxtx-0)
case $(grep "^ *$q0:" /proc/interrupts) in *IR-*) remapped=1 ;; *) remapped=0 ;; esac
echo "   queues of eth0: irq $q0, $q; remapping $remapped"

echo "== a mask is not a place: apply, verify, traffic, verify, undo"
# All queues on one CPU, each with a mask of all, as a box may be after boot; they get there with an interrupt.
for i in $(grep -E " eth0-rxtx-[0-9]+$" /proc/interrupts | cut -d: -f1); do echo 0 >/proc/irq/$i/smp_affinity_list; done
traffic
for i in $(grep -E " eth0-rxtx-[0-9]+$" /proc/interrupts | cut -d: -f1); do echo 0-3 >/proc/irq/$i/smp_affinity_list; done
before=$(for i in /proc/irq/[0-9]*; do echo "$i $(cat $i/smp_affinity_list) $(cat $i/effective_affinity_list)"; done)
state $q0
irqscope affinity apply spread --device eth0 --yes >/tmp/apply 2>&1
expect "apply ends with" $? 0
cat /tmp/apply
for i in $q0 $q; do state $i; done
irqscope affinity verify >/tmp/verify 2>&1; echo "   verify before traffic: status $?"; cat /tmp/verify
[ $remapped = 0 ] && echo "   effective may still be the old CPU: it moves with the next interrupt"
(while :; do traffic; done) & load=$!
irqscope affinity verify >/tmp/verify 2>&1; echo "   verify: status $?"; cat /tmp/verify
kill $load; wait $load 2>/dev/null
irqscope affinity plan spread --device eth0 >/tmp/plan 2>&1; echo "   plan of what was applied: status $?"; head -n 3 /tmp/plan
(while :; do traffic; done) & load=$!
irqscope affinity undo >/tmp/undo 2>&1; expect "undo ends with" $? 0
cat /tmp/undo
kill $load; wait $load 2>/dev/null
after=$(for i in /proc/irq/[0-9]*; do echo "$i $(cat $i/smp_affinity_list) $(cat $i/effective_affinity_list)"; done)
echo "$before" >/tmp/before; echo "$after" >/tmp/after
if cmp -s /tmp/before /tmp/after; then echo "ok      every mask and every place is as it was"; else echo "FAILED  not as it was:"; diff /tmp/before /tmp/after; fi
[ -e /var/lib/irqscope/affinity.state ] && echo "FAILED  the state is still there" || echo "ok      the state is gone"

echo "== managed lines"
m=$(line nvme0q1); state $m
(echo 1 >/proc/irq/$m/smp_affinity_list) 2>/tmp/error; cat /tmp/error
ls -l /proc/irq/$m/smp_affinity | cut -c1-10
irqscope affinity plan spread >/tmp/plan 2>&1; has "the plan leaves them alone" "managed" /tmp/plan
irqscope doctor --quick -v >/tmp/doctor 2>/dev/null; has "doctor says that they are fixed" "fixed-lines" /tmp/doctor

echo "== partitions rewrite the masks of handlers' threads"
threads() { for p in /proc/[0-9]*; do case $(cat $p/comm 2>/dev/null) in irq/*) echo "   $(cat $p/comm): $(sed -n 's/Cpus_allowed_list:\t//p' $p/status)" ;; esac; done; }
threads | head -n 8
irqscope doctor --quick -v >/tmp/doctor 2>/dev/null; hasnot "no finding before" "irq-thread-mask" /tmp/doctor
echo +cpuset >/sys/fs/cgroup/cgroup.subtree_control
mkdir /sys/fs/cgroup/rt
echo 3 >/sys/fs/cgroup/rt/cpuset.cpus
echo isolated >/sys/fs/cgroup/rt/cpuset.cpus.partition
echo "   partition: $(cat /sys/fs/cgroup/rt/cpuset.cpus.partition), cpuset.cpus.isolated: $(cat /sys/fs/cgroup/cpuset.cpus.isolated 2>&1)"
threads | head -n 8
irqscope doctor --quick -v >/tmp/doctor 2>/dev/null; has "doctor sees it" "irq-thread-mask" /tmp/doctor
grep -A 4 "irq-thread-mask" /tmp/doctor
echo member >/sys/fs/cgroup/rt/cpuset.cpus.partition; rmdir /sys/fs/cgroup/rt

echo "== CPUs that go offline"
# The console's line comes with every word that is printed.
q=$(grep -E "ttyS0$" /proc/interrupts | cut -d: -f1 | tr -d ' ')
echo 3 >/proc/irq/$q/smp_affinity_list; echo "   a line for the console"; sleep 1; state $q
echo 0 >/sys/devices/system/cpu/cpu3/online; state $q
expect "the mask was widened to" "$(cat /proc/irq/$q/smp_affinity_list)" 0-2
echo 1 >/sys/devices/system/cpu/cpu3/online; state $q
expect "and stays" "$(cat /proc/irq/$q/smp_affinity_list)" 0-2
irqscope affinity plan spread --device eth0 2>/dev/null | head -n 6
dmesg | grep -E "WARNING|BUG:|Oops" >/tmp/warnings && { echo "FAILED  the kernel complains:"; cat /tmp/warnings; } || echo "ok      no complaint of the kernel"
echo AFFINITY-DONE
reboot -f
INIT
chmod +x "$root/init"
pack_root
make_disks
amd64_qemu 4
case $machine in
amd64) ;;
amd64-remap) qemu+=(-device intel-iommu,intremap=on) ;;
*) echo "unknown machine $machine" >&2; exit 2 ;;
esac
boot ttyS0 vmxnet3 "machine=$machine threadirqs" '' '' | sed 's/\r$//' | sed -n '/^== /,$p' >"$out/$machine-$suite.txt"
grep -q AFFINITY-DONE "$out/$machine-$suite.txt" || { echo "$machine did not finish; $work/console.log" >&2; exit 1; }
if grep -n FAILED "$out/$machine-$suite.txt"; then exit 1; fi
