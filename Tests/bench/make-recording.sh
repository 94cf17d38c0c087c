#!/bin/bash
# Make a large live recording of this machine's interrupts, for the benchmark.
#
#   make-recording.sh OUT.dat [EVENTS]
#
# Writes OUT.dat (version 7, zstd), OUT-v6.dat (version 6, not compressed) with the same events, at least EVENTS
# (6000000 if not given). It records in a tracefs instance of its own, which is removed on every exit: the machine's
# other tracing goes on as it was. The load is direct reads of a scratch file next to OUT, which must lie on a disk,
# and ping-pong over loopback. Needs root, tracefs and trace-cmd; takes no longer than LIMIT seconds (120) of load.
set -euo pipefail

[ $# = 1 ] || [ $# = 2 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
out=$(cd "$(dirname "$1")" && pwd)/$(basename "$1" .dat) events=${2:-6000000} limit=${LIMIT:-120}
fail() { echo "make-recording: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "tracing needs root"
for tool in trace-cmd python3 timeout dd; do command -v $tool >/dev/null || fail "$tool is missing"; done
tracefs=/sys/kernel/tracing
[ -e $tracefs/trace ] || mount -t tracefs tracefs $tracefs || fail "tracefs cannot be mounted"
[ -d $tracefs/instances ] || fail "this kernel has no tracefs instances"

instance=$tracefs/instances/irqscope-bench.$$
work=$out.work.$$
loads=()
cleanup() {
    # timeout(1) passes the signal on to its whole process group.
    for pid in "${loads[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait
    [ ! -d "$instance" ] || { echo 0 >"$instance/tracing_on"; rmdir "$instance"; }
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP
mkdir "$work" "$instance"

# Nothing is overwritten and nothing is read before the end: room for twice a CPU's share of the events, 80 bytes each.
echo 0 >"$instance/options/overwrite"
echo $((events * 160 / 1024 / $(nproc))) >"$instance/buffer_size_kb" || fail "no memory for a trace buffer of this size"
echo 0 >"$instance/tracing_on"
for event in irq irq_vectors workqueue napi sched/sched_switch sched/sched_wakeup; do
    [ ! -e "$instance/events/$event/enable" ] || echo 1 >"$instance/events/$event/enable"
done

# --- load -----------------------------------------------------------------------------------------
dd if=/dev/urandom of="$work/scratch" bs=1M count=256 conv=fsync status=none
for reader in 0 1 2 3; do
    timeout "$limit" sh -c 'while dd if="$0" of=/dev/null iflag=direct bs=4k skip=$1 status=none; do :; done' \
        "$work/scratch" $((reader * 16384)) & loads+=($!)
done
for pair in 0 1; do
    timeout "$limit" python3 - <<'END_PYTHON' & loads+=($!)
import os, socket, time
server = socket.create_server(("127.0.0.1", 0))
near = socket.create_connection(server.getsockname())
far, _ = server.accept()
for end in near, far:
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
if os.fork() == 0:
    while data := far.recv(64):
        far.send(data)
else:
    while True:
        for _ in range(8):
            near.send(b"ping")
            near.recv(64)
        time.sleep(0.0005)  # or the disk's interrupts hardly get a turn
END_PYTHON
done

# --- record ---------------------------------------------------------------------------------------
count() { cat "$instance"/per_cpu/cpu*/stats | awk -v what="$1:" 'index($0, what) == 1 { n += $NF } END { print n + 0 }'; }
echo 1 >"$instance/tracing_on"
end=$((SECONDS + limit))
until [ "$(count entries)" -ge "$events" ]; do
    [ $SECONDS -lt $end ] || fail "only $(count entries) events in $limit s"
    sleep 0.2
done
echo 0 >"$instance/tracing_on"
for pid in "${loads[@]}"; do kill "$pid" 2>/dev/null || true; done
recorded=$(count entries)
[ "$(count overrun)" = 0 ] && [ "$(count 'dropped events')" = 0 ] || fail "the trace buffer overflowed"

# The raw pages of each CPU, in the order of their numbers; dd ends when there are no more (EAGAIN).
cpus=()
for cpu in $(seq 0 $(($(ls -d "$instance"/per_cpu/cpu* | wc -l) - 1))); do
    dd if="$instance/per_cpu/cpu$cpu/trace_pipe_raw" of="$work/cpu$cpu" bs=64k iflag=nonblock status=none 2>/dev/null || true
    cpus+=("$work/cpu$cpu")
done

# --- write ----------------------------------------------------------------------------------------
{
    trace-cmd restore -c -o "$work/head"
    trace-cmd restore -i "$work/head" -o "$work/plain.dat" "${cpus[@]}"
    trace-cmd convert --compression zstd -i "$work/plain.dat" -o "$out.dat"
    trace-cmd convert --file-version 6 --compression none -i "$work/plain.dat" -o "$out-v6.dat"
} >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "trace-cmd could not write the recording"; }
written=$(trace-cmd report "$out.dat" 2>/dev/null | grep -c '\[[0-9]*\]')
[ "$written" = "$recorded" ] || fail "$written events are in the file, $recorded were recorded"
echo "$out.dat: $written events, $(stat -c %s "$out.dat") bytes; $out-v6.dat: $(stat -c %s "$out-v6.dat") bytes"
