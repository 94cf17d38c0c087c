#!/bin/busybox sh
# The init of a machine that vm-test.sh boots: runs each command of irqscope there, in /rec what it printed, its status and
# what it left behind, for vm-judge.py. What goes to the console only tells how far it is.
. /start
mkdir -p /run /var/lib/irqscope
t=/sys/kernel/tracing
cpus=$(nproc --all)
has() { grep -qw "$1" /proc/cmdline; }
has lockdown=confidentiality && locked=1 || locked=
uname -rv >/rec/uname; cat /proc/cmdline >/rec/cmdline; cat /proc/mounts >/rec/mounts.before
irqscope --version >/rec/version
dmesg -c >/rec/boot.dmesg
# What a command may take before it counts as hanging.
limit=180

# remains: what of tracing is not as after boot.
remains() {
    ls $t/instances
    [ "$(cat $t/tracing_on)" = 1 ] || echo "tracing_on is $(cat $t/tracing_on)"
    [ "$(cat $t/current_tracer)" = nop ] || echo "current_tracer is $(cat $t/current_tracer)"
    cat $t/set_event
}

# run NAME COMMAND…: its output, messages and status in /rec/NAME.out, .err and .status, and whether it hung.
run() {
    local name=$1
    shift
    local begin=$(cut -d . -f 1 /proc/uptime)
    echo "$*" >/rec/$name.command
    timeout -s ABRT $limit "$@" >/rec/$name.out 2>/rec/$name.err
    echo $? >/rec/$name.status
    [ $(($(cut -d . -f 1 /proc/uptime) - begin)) -lt $limit ] || echo $limit >/rec/$name.hung
    echo "   $name: status $(cat /rec/$name.status), up $(cut -d ' ' -f 1 /proc/uptime) s"
}
# keep NAME COMMAND…: the same of a command that runs alone, so that nothing of tracing may remain.
keep() { run "$@"; [ -n "$locked" ] || remains >/rec/$1.left 2>&1; }

# busy: reads the disks, floods the network's gateway and the loopback, and lets timers expire until calm.
busy() {
    for d in $LOAD /dev/nvme0n1; do
        while :; do dd if=$d of=/dev/null iflag=direct bs=4k count=20000 2>/dev/null; done &
        loads="$loads $!"
    done
    ping -q -i 0.01 10.0.2.2 >/dev/null 2>&1 & loads="$loads $!"
    ping -q -i 0.01 127.0.0.1 >/dev/null 2>&1 & loads="$loads $!"
    while :; do usleep 2000; done & loads="$loads $!"
    sleep 1
}
calm() { kill $loads; wait $loads 2>/dev/null; loads=; killall -q dd; sleep 1; }

counters() { for f in interrupts softirqs; do cat /proc/$f >/rec/$1.$f; done; grep . /proc/irq/*/spurious >/rec/$1.spurious; }
# switch N: takes CPU 1 away or brings it back. A kernel may refuse it for a while: 6.12 says EBUSY where its real-time
# bandwidth would not fit on the other CPUs, which it reckons wrongly with isolcpus.
switch() {
    local online=/sys/devices/system/cpu/cpu1/online i
    for i in $(seq 20); do echo $1 2>/dev/null >$online && break; usleep 200000; done
    [ $(cat $online) = $1 ] || echo $1 >>/rec/hotplug.refused
    echo "$(cat /proc/uptime) online: $(cat /sys/devices/system/cpu/online)" >>/rec/hotplug.log
}
# traced: waits until irqscope traces; to start takes seconds here. An instance that was just made is on and has no events.
traced() {
    for i in $(seq 200); do
        grep -qs . $t/instances/irqscope-*/set_event && grep -qs 1 $t/instances/irqscope-*/tracing_on && break
        usleep 100000
    done
    sleep 1
}
# printed NAME: waits until a run has printed something.
printed() { for i in $(seq 600); do [ -s /rec/$1.out ] && break; usleep 100000; done; }
step() { echo "-- $*, up $(cut -d ' ' -f 1 /proc/uptime) s"; }

# burst: as many interrupts of the disks and the network as it likes, over when it ends, between two readings of the counts.
cat >/bin/burst <<'BURST'
#!/bin/busybox sh
cat /proc/interrupts >/rec/$1-inner-before.interrupts
for d in $LOAD /dev/nvme0n1; do dd if=$d of=/dev/null iflag=direct bs=4k count=300 2>/dev/null; done
ping -q -c 20 -i 0.02 10.0.2.2 >/dev/null 2>&1
cat /proc/interrupts >/rec/$1-inner-after.interrupts
BURST
chmod +x /bin/burst

statuses() {
    keep list-text irqscope list
    keep top-text irqscope top -b -n 2 -d 0.5
    keep wrong-option irqscope list --nonsense
    keep wrong-file irqscope report /nothing
    keep wrong-recording irqscope report /bin/busybox
    keep fail-if irqscope report --fail-if 'calls>1' /recording.dat
    keep report-elsewhere irqscope report --json --deep /recording.dat
}

counts() {
    counters list-before; keep list irqscope list --json; counters list-after
    counters top-before
    run exact-top irqscope top -b --json -d 2 -n 4 & local top=$!
    printed exact-top
    burst top
    wait $top
    counters top-after
    [ -n "$locked" ] && return
    counters record-before
    keep exact-record irqscope record -o /rec/exact.dat -- burst record
    counters record-after
    keep exact-report irqscope report --json /rec/exact.dat
}

# A session of top on the second serial line, whose keys and eyes are vm-terminal.py.
terminal() {
    cat >/bin/session <<'SESSION'
#!/bin/busybox sh
exec </dev/ttyS1 >/dev/ttyS1 2>/rec/terminal.err
stty sane rows 24 cols 80
export TERM=screen
echo TERMINAL-BEGIN
read -t 90 answer || { echo nobody >/rec/terminal.status; exit; }
stty -g >/rec/terminal.before
timeout -s ABRT 180 irqscope top -d 1
echo $? >/rec/terminal.status
stty -g >/rec/terminal.after
echo TERMINAL-END
# Until it was seen.
read -t 60 answer
SESSION
    chmod +x /bin/session
    setsid /bin/session & local session=$!
    for i in $(seq 90); do [ -s /rec/terminal.before ] || [ -s /rec/terminal.status ] && break; sleep 1; done
    [ $cpus = 1 ] || { sleep 6; switch 0; sleep 3; switch 1; }
    wait $session
    [ -n "$locked" ] || remains >/rec/terminal.left 2>&1
}

alert() { local name=$1 state=$2; shift 2; keep $name irqscope alert --json --always --state /rec/$state.state "$@"; }
alerts() {
    alert alert-healthy-1 healthy
    sleep 4
    alert alert-healthy-2 healthy
    busy
    alert alert-storm-1 storm --warn-rate 50 --crit-rate 100k
    sleep 4
    alert alert-storm-2 storm --warn-rate 50 --crit-rate 100k
    calm
}

recordings() {
    local recording=/rec/deep.dat other=/rec/load.dat
    [ -z "$locked" ] || { recording=/recording.dat; other=/recording.dat; }
    busy
    keep load-top irqscope top -b --json -n 3
    keep load-record irqscope record -o /rec/load.dat --duration 3s
    keep deep-record irqscope record --deep -o /rec/deep.dat --duration 2s
    keep pipe-record sh -c 'irqscope record -o - --duration 1s | irqscope report --json -'
    if [ -n "$locked" ]; then
        keep flight-record irqscope record --flight 1s -o /rec/flight.dat
    else
        (traced; kill -USR1 $(pidof irqscope)) & keep flight-record irqscope record --flight 1s -o /rec/flight.dat
        wait $!
    fi
    calm
    for format in csv jsonl perfetto; do keep export-$format irqscope export --format $format $recording; done
    keep diff irqscope diff --json $other $recording
    [ -n "$locked" ] && return
    keep flight-report irqscope report --json /rec/flight.dat
    keep load-report irqscope report --json /rec/load.dat
    keep load-report-text irqscope report /rec/load.dat
    keep deep-report irqscope report --json /rec/deep.dat
    keep deep-report-text irqscope report --deep /rec/deep.dat
    keep deep-report-html irqscope report --format html /rec/deep.dat
}

hotplug() {
    [ $cpus -gt 1 ] || return
    busy
    # The recordings outlast a switch that is refused for four seconds.
    if [ -z "$locked" ]; then
        (traced; switch 0; sleep 2; switch 1) & keep hotplug-away irqscope record -o /rec/hotplug-away.dat --duration 8s
        wait $!
        (traced; switch 0) & keep hotplug-gone irqscope record -o /rec/hotplug-gone.dat --duration 8s
        wait $!
    else
        switch 0
    fi
    # Every command on a machine one of whose CPUs is offline.
    keep offline-list irqscope list --json
    keep offline-report irqscope report --json /recording.dat
    keep offline-doctor irqscope doctor --quick --json
    keep offline-affinity irqscope affinity plan spread --json
    alert offline-alert storm --warn-rate 50 --crit-rate 100k
    if [ -z "$locked" ]; then
        (traced; switch 1) & keep hotplug-came irqscope record -o /rec/hotplug-came.dat --duration 8s
        wait $!
        for name in away gone came; do keep hotplug-$name-report irqscope report --json /rec/hotplug-$name.dat; done
    else
        switch 1
    fi
    (printed hotplug-top; switch 0; sleep 3; switch 1) & keep hotplug-top irqscope top -b --json -n 10
    wait $!
    calm
}

# What doctor has to find, and that it no more finds it when it is put back: a setting of the network, a move that waits
# for an interrupt, a thread of a handler that is no real-time one.
doctors() {
    local entries=/proc/sys/net/core/rps_sock_flow_entries thread line mask
    keep doctor-healthy irqscope doctor --quick --json
    keep doctor-text irqscope doctor --quick
    echo 1024 >$entries
    keep doctor-rps-mask irqscope doctor --quick --json
    echo 0 >$entries
    line=$(ls -d /proc/irq/*/virtio*-config /proc/irq/*/virtio1 2>/dev/null | head -n 1); line=${line%/*}
    if [ $cpus -gt 1 ] && [ -n "$line" ]; then
        mask=$(cat $line/smp_affinity_list)
        [ "$(cat $line/effective_affinity_list)" = 0 ] && echo 1 >$line/smp_affinity_list || echo 0 >$line/smp_affinity_list
        keep doctor-move-pending irqscope doctor --quick --json
        echo $mask >$line/smp_affinity_list
    fi
    thread=$(grep -l '^irq/' /proc/[0-9]*/comm | head -n 1)
    if [ -n "$thread" ] && { has threadirqs || uname -v | grep -q PREEMPT_RT; }; then
        thread=${thread%/comm}; thread=${thread#/proc/}
        policy other 0 $thread
        keep doctor-irq-thread-prio irqscope doctor --quick --json
        policy fifo 50 $thread
    fi
    keep doctor-mended irqscope doctor --quick --json
    keep doctor-fail-on irqscope doctor --quick --fail-on warn
}

masks() { for i in /proc/irq/[0-9]*; do echo "$i $(cat $i/smp_affinity_list)"; done; }
affinities() {
    local queues=$(grep -E ' eth0-[a-z]+-[0-9]+$' /proc/interrupts | cut -d: -f1) i
    keep affinity-show irqscope affinity show --json
    keep affinity-plan irqscope affinity plan spread --json
    [ $cpus -gt 1 ] && [ "$(echo $queues | wc -w)" -gt 1 ] || return
    # All queues on one CPU, each with a mask of all, as a box may be after boot; they get there with an interrupt.
    for i in $queues; do cat /proc/irq/$i/smp_affinity_list >/tmp/mask.$i; echo 0 >/proc/irq/$i/smp_affinity_list; done
    busy
    for i in $queues; do cat /tmp/mask.$i >/proc/irq/$i/smp_affinity_list; done
    masks >/rec/masks.before
    keep affinity-apply irqscope affinity apply spread --device eth0 --yes
    masks >/rec/masks.applied
    keep affinity-verify irqscope affinity verify
    keep affinity-undo irqscope affinity undo
    masks >/rec/masks.after
    calm
}

files() {
    keep sample irqscope sample --duration 500ms --output /rec/sample.prom
    keep sample-again irqscope sample --duration 500ms --output /rec/sample.prom
    keep sample-json irqscope sample --duration 500ms --json
    keep snapshot irqscope snapshot --quick -o /rec/snapshot.tar.zst
    keep snapshot-again irqscope snapshot --quick -o /rec/snapshot.tar.zst
    keep snapshot-doctor irqscope doctor --json --root /rec/snapshot.tar.zst
    keep snapshot-affinity irqscope affinity plan spread --json --root /rec/snapshot.tar.zst
}

# The device in slot 8 has no driver: its interrupts are nobody's, and where the network shares its line they are told.
unclaimed() {
    local edu=$(grep -l 0x11e8 /sys/bus/pci/devices/*/device)
    edu=${edu%/device}
    [ -n "$locked" ] && return
    echo 1 >$edu/enable
    # Few, for each takes hundreds of interrupts until the line is lowered again, and after 100,000 the kernel disables it.
    alert unclaimed-1 unclaimed --warn-rate 50 --crit-rate 100k
    command unclaimed $edu/resource0 20 12 &
    counters unclaimed-begin
    sleep 4
    alert unclaimed-2 unclaimed --warn-rate 50 --crit-rate 100k
    keep unclaimed-top irqscope top -b --json -n 2
    counters unclaimed
    wait $!
}

# killed NAME SIGNAL COMMAND…: runs that get the signal at different times; what stays, and what the next run leaves.
killed() {
    local name=$1 signal=$2 wait pid
    shift 2
    for wait in 300 900 1800 3500; do
        "$@" >/dev/null 2>/rec/$name.err & pid=$!
        usleep ${wait}000
        kill -$signal $pid
        wait $pid 2>/dev/null
        ls $t/instances
    done >/rec/$name.remaining
    keep $name-next irqscope record -o /rec/next.dat --duration 200ms
}
kills() {
    [ -n "$locked" ] && return
    killed kill-record KILL irqscope record -o /rec/killed.dat --duration 60s
    killed kill-top KILL irqscope top -b --json -n 60
    killed term-record TERM irqscope record -o /rec/killed.dat --duration 60s
    killed term-top TERM irqscope top -b --json -n 60
}

steps=$(sed -n 's/.*steps=\([^ ]*\).*/\1/p' /proc/cmdline | tr , ' ')
for step in ${steps:-statuses counts terminal alerts recordings hotplug doctors affinities files unclaimed kills}; do
    step $step
    $step
    echo $step >>/rec/steps
done
dmesg >/rec/dmesg
cat /proc/mounts >/rec/mounts.after
rm -f /rec/killed.dat /rec/next.dat
cd /rec && tar -cf $disk . && sync
echo CHECKS-DONE
reboot -f
