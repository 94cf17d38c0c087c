#!/bin/bash
# Measures `top` and `record` on this machine beside irqtop, mpstat, perf and bpftrace: CPU, memory, allocations, lost
# events, the first screen, and whether all see the same durations; and reading /proc (proc.sh).
#
#   IRQSCOPE=PATH live.sh [--markdown FILE] [--only PART[,PART...]]
#
# Parts: proc, allocations, top, peers, record, perf, bpftrace, means. The load is direct disk reads and floods over
# loopback. Needs root, tracefs and some eight minutes. Scratch files lie in a directory of their own in $TMPDIR or
# /var/tmp, 256 MiB and recordings, which is removed on every exit. Exits with 1 if a requirement is not met.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
export IRQSCOPE=${IRQSCOPE:-$here/../../.build/release/irqscope}
markdown='' only='proc,allocations,top,peers,record,perf,bpftrace,means'
while [ $# -gt 0 ]; do
    case $1 in
    --markdown) markdown=${2:?} ; shift 2 ;;
    --only) only=${2:?} ; shift 2 ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
done

missing=()
for tool in cc python3 dd perf bpftrace bpftool mpstat irqtop; do command -v $tool >/dev/null || missing+=("$tool (make bench-tools)"); done
[ -x "$IRQSCOPE" ] || missing+=("irqscope at $IRQSCOPE (make build, or set IRQSCOPE)")
[ "$(id -u)" = 0 ] || missing+=("root, to trace")
[ ${#missing[@]} = 0 ] || { printf 'live: missing: %s\n' "${missing[@]}" >&2; exit 2; }

work=$(mktemp -d "${TMPDIR:-/var/tmp}/irqscope-live.XXXXXX")
measuring=
# The measuring part stops what it started when it is told to end.
cleanup() {
    [ -z "$measuring" ] || { kill "$measuring" 2>/dev/null && wait "$measuring" || true; }
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

case ,$only, in
*,proc,*)
    echo "live: reading /proc" >&2
    "$here/proc.sh" >"$work/proc" || [ $? = 1 ]
    ;;
esac
dd if=/dev/urandom of="$work/scratch" bs=1M count=256 conv=fsync status=none
python3 "$here/live.py" "$work" "$only" ${markdown:+"$markdown"} &
measuring=$!
status=0
wait "$measuring" || status=$?
measuring=
exit $status
