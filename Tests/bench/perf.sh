#!/bin/bash
# Compares irqscope report with perf on one perf.data: CPU time, start included, and peak memory.
#
#   IRQSCOPE=PATH perf.sh [FILE]
#
# Without FILE 1.2 million samples or so are recorded while disks are read, which needs root. Exits with 1 unless irqscope takes
# at most a quarter of the CPU of `perf kwork report`, a thirtieth of that of `perf script`, and 64 MiB.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export IRQSCOPE=${IRQSCOPE:-$here/../../.build/release/irqscope}
[ -x "$IRQSCOPE" ] || { echo "bench: no irqscope at $IRQSCOPE (make build, or set IRQSCOPE)" >&2; exit 2; }
command -v perf >/dev/null || { echo "bench: perf is not installed" >&2; exit 2; }
work=$(mktemp -d "${TMPDIR:-/var/tmp}/irqscope-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
file=${1:-}
if [ -z "$file" ]; then
    file=$work/perf.data
    dd if=/dev/urandom of="$work/disk" bs=1M count=64 status=none
    perf record -q -a -m 4M -e 'irq:*' -o "$file" -- \
        bash -c "for i in {1..15}; do dd if='$work/disk' of=/dev/null iflag=direct bs=4k status=none; done"
fi
python3 - "$file" "$here" <<'PYTHON'
import os, sys

sys.path.insert(0, sys.argv[2])
from processes import best
from results import Results

file, program = sys.argv[1], os.environ["IRQSCOPE"]

results = {}
for name, command, runs in (
        ("irqscope report", [program, "report", file], 15),
        ("perf kwork report", ["perf", "kwork", "report", "-i", file], 5),
        ("perf script", ["perf", "script", "-i", file], 2)):
    [results[name]] = best(runs, command)
ours, memory = results["irqscope report"].cpu, results["irqscope report"].rss
sheet = Results()
sheet.table([f"perf.data, {os.path.getsize(file) / 1e6:.0f} MB", "CPU ms", "peak RSS MiB", "CPU to irqscope"],
            [[name, f"{cost.cpu * 1e3:.1f}", f"{cost.rss:.1f}", f"{cost.cpu / ours:.1f}"] for name, cost in results.items()])
for name, times in (("perf kwork report", 4), ("perf script", 30)):
    ratio = results[name].cpu / ours
    sheet.verdict(f"perf.data: {times} times less CPU than {name}", ratio >= times, f"{ratio:.1f} times")
sheet.verdict("perf.data: less than 64 MiB", memory < 64, f"{memory:.1f} MiB")
sys.exit(1 if sheet.failed else 0)
PYTHON
