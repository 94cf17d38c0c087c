#!/bin/bash
# Measures what large inputs cost: the most memory by the size of the input, and how fast JSON is written.
#
#   size.sh [IRQSCOPE]
#
# Exits with 1 if a requirement is not met: three times the input above what a tiny one takes, 100 MB of JSON a second
# where reading is not most of the work.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
irqscope=${1:-$here/../../.build/release/irqscope}
work=$(mktemp -d "${TMPDIR:-/var/tmp}/irqscope-size.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work"/{tiny,rows,moved,cpus}
python3 "$here/make-snapshot.py" 4 10 >"$work/tiny/interrupts"
python3 "$here/make-snapshot.py" 4 300000 1 >"$work/rows/interrupts"
# The same rows, all of which have moved.
python3 "$here/make-snapshot.py" 4 300000 1 100 >"$work/moved/interrupts"
python3 "$here/make-snapshot.py" 2000 5000 >"$work/cpus/interrupts"

failed=0
# measure ARGUMENT…: the most memory in KiB, user seconds and bytes of output.
measure() {
    python3 - "$irqscope" "$@" <<'PYTHON'
import os, sys
reading, writing = os.pipe()
child = os.fork()
if child == 0:
    os.dup2(writing, 1)
    os.close(reading)
    os.dup2(os.open('/dev/null', os.O_WRONLY), 2)
    os.execv(sys.argv[1], sys.argv[1:])
os.close(writing)
count = 0
while True:
    piece = os.read(reading, 1 << 20)
    if not piece:
        break
    count += len(piece)
_, _, usage = os.wait4(child, 0)
print(usage.ru_maxrss, usage.ru_utime, count)
PYTHON
}
# check NAME FOLDER ARGUMENT…: against the tiny input.
check() {
    local name=$1 folder=$2 size base peak seconds written
    shift 2
    size=$(stat -c %s "$work/$folder/interrupts")
    read -r base _ _ < <(measure "${@//FOLDER/$work/tiny}")
    read -r peak seconds written < <(measure "${@//FOLDER/$work/$folder}")
    awk -v name="$name" -v base="$base" -v peak="$peak" -v size="$size" -v seconds="$seconds" -v written="$written" 'BEGIN {
        times = (peak - base) * 1024 / size; speed = written / 1e6 / (seconds + 0.001)
        bad = times > 3 || (name ~ /JSON, rows/ && written > 1e7 && speed < 100)
        printf "%s %s: %.2f times the input of %.0f MB, %.0f MB written at %.0f MB/s\n", bad ? "FAIL" : "PASS", name, times,
            size / 1e6, written / 1e6, speed
        exit bad }' || failed=1
}
for folder in rows cpus; do
    for format in json csv text; do
        check "list ${format^^}, $folder" "$folder" list --format "$format" --proc-root FOLDER
        check "top ${format^^}, $folder" "$folder" top -b -n 1 -d 0.1 --format "$format" --proc-root FOLDER
    done
    check "alert without state, $folder" "$folder" alert --json --interval 200ms --proc-root FOLDER
done
# With state: the first run, one that finds that nothing moved, and one in which all rows have.
check "alert, first run, rows" rows alert --json --state "FOLDER/state" --proc-root FOLDER
sleep 0.3
check "alert, second run, rows" rows alert --json --state "FOLDER/state" --proc-root FOLDER
mv "$work/rows/state" "$work/moved/state"
sleep 0.3
check "alert, all rows moved" moved alert --json --state "FOLDER/state" --proc-root FOLDER
exit $failed
