#!/bin/bash
# Measure irqscope on a live recording of millions of events and on one ten times as long: time against trace-cmd, a
# plain C loop and decompression alone, instructions for each event, heap allocations, and memory.
#
#   IRQSCOPE=PATH bench.sh [--markdown FILE] [--events N]
#
# It makes its own recording (make-recording.sh), so it needs root, tracefs and a minute or two. Everything lies in a
# directory of its own in $TMPDIR or /var/tmp, some 4 GB, which is removed on every exit. Exits with 1 if a requirement
# is not met.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
export IRQSCOPE=${IRQSCOPE:-$here/../../.build/release/irqscope}
markdown='' events=6000000
while [ $# -gt 0 ]; do
    case $1 in
    --markdown) markdown=${2:?} ; shift 2 ;;
    --events) events=${2:?} ; shift 2 ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
done

missing=()
for tool in cc mawk perf python3 trace-cmd timeout valgrind xz; do command -v $tool >/dev/null || missing+=("$tool"); done
[ ! -x "$(command -v cc)" ] || echo '#include <zstd.h>' | cc -E - >/dev/null 2>&1 || missing+=(libzstd-dev)
[ -x "$IRQSCOPE" ] || missing+=("irqscope at $IRQSCOPE (make release, or set IRQSCOPE)")
[ "$(id -u)" = 0 ] || missing+=("root, to record")
[ ${#missing[@]} = 0 ] || { printf 'bench: missing: %s\n' "${missing[@]}" >&2; exit 2; }

work=$(mktemp -d "${TMPDIR:-/var/tmp}/irqscope-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
[ "$(df -Pk "$work" | awk 'NR == 2 { print $4 }')" -gt 6000000 ] || { echo "bench: 6 GB must be free in $work" >&2; exit 2; }

cc -O2 -Wall -o "$work/pages" "$here/pages.c"
cc -O2 -Wall -DFULL -o "$work/pages-full" "$here/pages.c"
cc -O2 -Wall -o "$work/unzstd" "$here/unzstd.c" -lzstd

echo "bench: recording" >&2
"$here/make-recording.sh" "$work/made.dat" "$events" >&2
# Copied in large pieces, so that the page cache holds large ones too, as after reading a file from disk; trace-cmd
# writes page by page, and mapping such a file costs everyone several times as much.
for name in '' -v6; do dd if="$work/made$name.dat" of="$work/recording$name.dat" bs=4M status=none; rm "$work/made$name.dat"; done
copies=$(((1 << 30) / $(stat -c %s "$work/recording-v6.dat") + 2))
[ $copies -ge 10 ] || copies=10
echo "bench: making it 10 times as long, and $copies times for the memory" >&2
"$here/multiply.py" "$work/recording-v6.dat" "$work/long-v6.dat" 10
ln "$work/long-v6.dat" "$work/big-v6.dat"
[ $copies = 10 ] || { rm "$work/big-v6.dat"; "$here/multiply.py" "$work/recording-v6.dat" "$work/big-v6.dat" $copies; }

echo "bench: measuring" >&2
status=0
python3 "$here/measure.py" "$work" ${markdown:+"$markdown"} || status=$?
rm -f "$work"/*-v6.dat "$work"/alloc-*
python3 "$here/text.py" "$work/recording.dat" "$work" ${markdown:+"${markdown%.md}-text.md"} || status=$?
exit $status
