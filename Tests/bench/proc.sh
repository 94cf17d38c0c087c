#!/bin/bash
# Measures reading /proc on this machine: how fast a large snapshot is parsed, what a sample costs beside a C loop
# that only reads the same files, and how much it allocates.
#
#   proc.sh [ROUNDS]
#
# Exits with 1 if a requirement is not met (1.5 GB/s, 1.3 times the C loop, no allocation after two samples), with 2 if nothing
# can be measured.
set -euo pipefail
rounds=${1:-5}
here=$(cd "$(dirname "$0")" && pwd)
build=${BENCH_BUILD:-$here/../../.build-bench}
work=$(mktemp -d "${TMPDIR:-/var/tmp}/irqscope-proc.XXXXXX")
trap 'rm -rf "$work"' EXIT

cd "$here/../.."
IRQSCOPE_BENCH=1 swift build -c release --product ParseBench --scratch-path "$build" >&2 || exit 2
bench=$build/release/ParseBench
cc -O2 -Wall -o "$work/readproc" "$here/readproc.c" || exit 2
cc -O2 -Wall -shared -fPIC -o "$work/mallocs.so" "$here/mallocs.c" || exit 2
python3 "$here/make-snapshot.py" >"$work/interrupts"

failed=0
# check NAME VALUE LIMIT: VALUE must be LIMIT at most.
check() {
    if awk "BEGIN { exit !($2 <= $3) }"; then echo "PASS $1: $2 (at most $3)"; else echo "FAIL $1: $2 (at most $3)"; failed=1; fi
}

"$bench" parse "$work/interrupts" | tee "$work/parse"
"$bench" compare "$work/interrupts"
check "ns a byte of a snapshot of 1152 CPUs" "$(awk '{ printf "%.3f", 1 / $1 }' "$work/parse")" 0.667

# In turns, the least of each: a busy machine only adds.
for _ in $(seq "$rounds"); do
    "$bench" sample 1000 | tee -a "$work/ours"
    "$work/readproc" 1000 | sed 's/^/C loop: /' | tee -a "$work/theirs"
done
ours=$(sort -n "$work/ours" | awk 'NR == 1 { print $1 }')
theirs=$(awk '{ print $3 }' "$work/theirs" | sort -n | head -n 1)
check "CPU of a sample by that of the C loop ($ours and $theirs ns)" "$(awk "BEGIN { printf \"%.2f\", $ours / $theirs }")" 1.3

# The least of three: what is allocated at the start depends on the box of that moment, such as how many processes it has.
allocations() {
    for _ in 1 2 3; do
        MALLOCS=$work/mallocs LD_PRELOAD=$work/mallocs.so "$bench" sample "$1" >/dev/null
        cut -d ' ' -f 1 "$work/mallocs"
    done | sort -n | head -n 1
}
few=$(allocations 100) many=$(allocations 1100)
check "allocations of 1000 samples" $((many - few)) 0
exit $failed
