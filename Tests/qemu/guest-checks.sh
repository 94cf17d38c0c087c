#!/bin/busybox sh
# The init of a machine that check-machines.sh boots: runs irqscope in ways that need a machine of its own, and leaves what
# it printed in /rec for judge-machines.py. What it prints only tells how far it is.
. /start
mkdir -p /run /var/lib/irqscope
t=/sys/kernel/tracing
uname -rv >/rec/uname; cat /proc/cmdline >/rec/cmdline
dmesg -c >/rec/boot.dmesg

# keep NAME COMMAND…: its output, messages and status in /rec/NAME.out, .err and .status.
keep() {
    local name=$1
    shift
    timeout -s ABRT 120 "$@" >/rec/$name.out 2>/rec/$name.err
    echo $? >/rec/$name.status
    echo "   $name: status $(cat /rec/$name.status), up $(cut -d ' ' -f 1 /proc/uptime) s"
}

# busy: reads the disks and pings the network's gateway until calm.
busy() {
    for d in $LOAD /dev/nvme0n1; do
        while :; do dd if=$d of=/dev/null iflag=direct bs=4k count=20000 2>/dev/null; done &
        loads="$loads $!"
    done
    ping -q -i 0.01 10.0.2.2 >/dev/null 2>&1 &
    loads="$loads $!"
    sleep 1
}
calm() { kill $loads; wait $loads 2>/dev/null; loads=; killall -q dd; }

counters() { for f in interrupts softirqs; do cat /proc/$f >/rec/$1.$f; done; grep . /proc/irq/*/spurious >/rec/$1.spurious; }
alert() { keep "$1" irqscope alert --json --warn-rate 50 --crit-rate 100k --state /rec/alert.state; }

echo "-- alert and report under load"
busy
counters load-before
alert alert-1
sleep 4
alert alert-2
counters load-after
keep load-top irqscope top -b --json -n 3
keep load-record irqscope record -o /rec/load.dat --duration 3s
calm

echo "-- unclaimed interrupts"
edu=$(grep -l 0x11e8 /sys/bus/pci/devices/*/device)
edu=${edu%/device}
echo 1 >$edu/enable
# Few, for each takes hundreds of interrupts until the line is lowered again, and after 100,000 the kernel disables it.
alert unclaimed-1
unclaimed $edu/resource0 20 12 &
for i in 1 2 3 4; do sleep 1; grep eth0 /proc/interrupts; done >/rec/unclaimed.rates
alert unclaimed-2
keep unclaimed-top irqscope top -b --json -n 2
counters unclaimed
wait $!
counters unclaimed-end

# switch N: takes CPU 1 away or brings it back.
switch() {
    echo $1 >/sys/devices/system/cpu/cpu1/online || echo "CPU 1 does not go to $1" >&2
    echo "$(cat /proc/uptime) online: $(cat /sys/devices/system/cpu/online)" >>/rec/hotplug.log
}
# traced: waits until irqscope traces; to start takes seconds here.
traced() { until grep -qs 1 $t/instances/irqscope-*/tracing_on; do usleep 50000; done; sleep 1; }
echo "-- CPUs that come and go"
busy
(traced; switch 0; sleep 2; switch 1) & keep hotplug-away irqscope record -o /rec/hotplug-away.dat --duration 10s
wait $!
(traced; switch 0) & keep hotplug-gone irqscope record -o /rec/hotplug-gone.dat --duration 7s
wait $!
(traced; switch 1) & keep hotplug-came irqscope record -o /rec/hotplug-came.dat --duration 7s
wait $!
(traced; sleep 1; switch 0; sleep 3; switch 1) & keep hotplug-top irqscope top -b --json -n 12
wait $!
calm

echo "-- killed"
# killed NAME SIGNAL COMMAND…: eight runs that get the signal at different times; what stays, and what the next run leaves.
killed() {
    local name=$1 signal=$2 wait pid
    shift 2
    for wait in 100 500 900 1300 1800 2400 3000 4000; do
        "$@" >/dev/null 2>/rec/$name.err & pid=$!
        usleep ${wait}000
        kill -$signal $pid
        wait $pid 2>/dev/null
        ls $t/instances
    done >/rec/$name.left
    keep $name-next irqscope record -o /rec/next.dat --duration 200ms
    ls $t/instances >/rec/$name.after
    cat $t/tracing_on $t/current_tracer $t/set_event >/rec/$name.top-level
}
killed kill-record KILL irqscope record -o /rec/killed.dat --duration 60s
killed kill-top KILL irqscope top -b --json -n 60
killed term-record TERM irqscope record -o /rec/killed.dat --duration 60s
killed term-top TERM irqscope top -b --json -n 60

dmesg >/rec/dmesg
rm -f /rec/killed.dat /rec/next.dat
cd /rec && tar -cf $disk . && sync
echo CHECKS-DONE
reboot -f
