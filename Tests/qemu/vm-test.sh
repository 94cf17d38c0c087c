#!/bin/bash
# Runs every command of irqscope on the machines of the table below, in QEMU and unattended, and judges what it did there.
#
#   vm-test.sh IRQSCOPE OUTDIR [MACHINE…]
#
# A machine is a line of the table; without names all are run but those that are marked as short. OUTDIR/MACHINE gets what
# irqscope printed and the console, OUTDIR/table the verdicts. vm-guest.sh is what runs there, vm-terminal.py the
# user at its second serial line, vm-judge.py the judge. IRQSCOPE takes its libraries along, so a debug build will do.
# Needs a Debian host; of the packages in VM_TOOLS it installs those that are missing. Where that or a kernel cannot be had, it says
# so and leaves the machines out. WORK is where kernels are kept.
set -euo pipefail

# A machine of it: its name, Debian's suite and package of the kernel, CPUs, and what its command line has.
# short=… runs these steps alone.
machines='
6.1                       bookworm          amd64     2
6.1-threadirqs            bookworm          amd64     4  threadirqs
6.1-nomsi                 bookworm          amd64     2  pci=nomsi
6.1-threadirqs-nomsi      bookworm          amd64     2  threadirqs pci=nomsi
6.1-isolated              bookworm          amd64     4  isolcpus=1 nohz_full=1
6.1-lockdown              bookworm          amd64     1  lockdown=confidentiality
6.1-rt                    bookworm          rt-amd64  2
6.1-rt-nomsi              bookworm          rt-amd64  1  threadirqs pci=nomsi
6.12                      trixie            amd64     4
6.12-one                  trixie            amd64     1
6.12-isolated             trixie            amd64     2  isolcpus=1 nohz_full=1 threadirqs
6.12-lockdown             trixie            amd64     2  lockdown=confidentiality
6.12-rt                   trixie            rt-amd64  4
6.12-rt-nomsi             trixie            rt-amd64  2  threadirqs pci=nomsi
newest                    trixie-backports  amd64     2
newest-rt-isolated        trixie-backports  rt-amd64  4  isolcpus=1 nohz_full=1 threadirqs
newest-lockdown           trixie-backports  amd64     2  lockdown=confidentiality
short                     bookworm          amd64     2  steps=statuses,counts,terminal
'

[ $# -ge 2 ] || { sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd) irqscope=$(realpath "$1") out=$(mkdir -p "$2" && cd "$2" && pwd)
shift 2
[ $# -gt 0 ] || set -- $(awk '$1 && $1 != "short" { print $1 }' <<<"$machines")
. "$here/machine.sh"
arch=amd64 top=${WORK:-/tmp/vm-test}

skip() { echo "skipped: $*"; exit 0; }
command -v apt-get >/dev/null || skip "kernels are Debian's, which apt-get fetches, and it is not here"
missing=$(for package in ${VM_TOOLS:-}; do dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || echo "$package"; done)
[ -z "$missing" ] || "$here/../tools/install-packages" $missing || skip "cannot install" $missing

# fetch SUITE META: the kernel into $top/kernels, once a run; sets $kernels and $version.
fetch() {
    local work
    kernels=$top/kernels/$1-$2 work=$top/kernels/$1-$2
    if [ ! -e "$work/complete.$$" ]; then
        rm -f "$work"/complete.*
        mkdir -p "$work"
        unpack_packages "$1" "linux-image-$2" busybox-static >"$work/log" 2>&1 || return 1
        echo "$version" >"$work/complete.$$"
    fi
    version=$(cat "$work/complete.$$")
}

# run MACHINE SUITE KERNEL CPUS OPTION…: boots it and brings what it left to $out.
run() {
    local machine=$1 cpus=$4 nic=vmxnet3 kernels file began=$SECONDS
    work=$top/$machine
    rm -rf "$work/root" "$work/tty" "${out:?}/$machine"
    mkdir -p "$work/root/bin" "$out/$machine"
    fetch "$2" "$3" || { tail -n 3 "$top/kernels/$2-$3/log" >&2; return 2; }
    shift 4
    ln -sfn "$kernels/unpacked" "$work/unpacked"
    add_busybox
    # A network of several queues; where messages are off, one whose line others can share.
    [[ "$*" != *pci=nomsi* ]] || nic=e1000e
    add_modules virtio_blk virtio_net virtio_pci nvme $nic
    add_start
    cp "$here/vm-guest.sh" "$work/root/init"
    cp "$here/../../Fixtures/recordings/amd64-v7.dat" "$work/root/recording.dat"
    for file in unclaimed policy; do gcc -O2 -static -o "$work/root/bin/$file" "$here/$file.c"; done
    # What ldd names has a path at the end, or before its address.
    { ldd "$irqscope" 2>/dev/null || true; } | { grep -o '/[^ ]*' || true; } |
        while read -r file; do install -D "$file" "$work/root$file"; done
    cp "$irqscope" "$work/root/bin/irqscope"
    pack_root
    make_disks
    amd64_qemu "$cpus"
    export ACCEL=${ACCEL:-$(accelerator)}
    echo "$ACCEL" >"$out/$machine/accelerator"
    python3 "$here/vm-terminal.py" "$work/tty" "$out/$machine" &
    # Every fourth slot has the same line: the disks in 1 and 5, the network in 4, and with it the device in 8 whose
    # interrupts nobody claims.
    LIMIT_SECONDS=1500 boot ttyS0 $nic "machine=$machine loglevel=5 $*" ,addr=5 ,addr=4 -device edu,addr=8 \
        -serial "unix:$work/tty,server=on,wait=off" >/dev/null || true
    wait $!
    cp "$work/console.log" "$out/$machine/console"
    echo $((SECONDS - began)) >"$out/$machine/seconds"
    ! grep -aq CHECKS-DONE "$work/console.log" || tar -xf "$work/out.img" -C "$out/$machine"
}

booted=()
for machine; do
    line=$(awk -v name="$machine" '$1 == name' <<<"$machines")
    [ -n "$line" ] || { echo "no machine $machine; there are:" $(awk '{ print $1 }' <<<"$machines") >&2; exit 2; }
    if run $line; then
        booted+=("$machine")
        echo "$machine: $(cat "$out/$machine/seconds") s"
    else
        echo "$machine skipped: no kernel of $(awk '{ print $2 }' <<<"$line") can be had"
    fi
done
[ ${#booted[@]} -gt 0 ] || skip "no kernel can be had"
python3 -B "$here/vm-judge.py" "$out" "${booted[@]}" | tee "$out/table"
