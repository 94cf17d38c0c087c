#!/bin/bash
# Tries irqscope on a scale that no machine at hand has, by simulation.
#
#   scale.sh IRQSCOPE SIMULATE OUT [PART…]
#
# Parts, all if none is named: boxes (of thousands of CPUs, 100,000 rows), recordings (10^8 events through a pipe), top
# (24 hours at 10 Hz on a simulated clock), fleet (10,000 hosts' textfiles), alert (a year of minutes on ten kinds of healthy
# box, and how soon what is sick is noticed). OUT gets a Markdown file with the tables and a PASS or FAIL for each requirement.
# SCALE=quick takes a tenth and less of each (minutes), SCALE=full adds 10^9 events (23 GB of spool below TMPDIR) and
# 4,096 CPUs with 100,000 rows (5 GB). Exits with 1 if a requirement is not met.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 3 ] || { sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2; }
export IRQSCOPE=$1
simulate=$2 out=$3
shift 3
[ $# -gt 0 ] || set -- boxes recordings top fleet alert
work=$(mktemp -d "${TMPDIR:-/var/tmp}/irqscope-scale.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
recording=$here/../../Fixtures/recordings/amd64-nomsi-v7.dat
boxes=(4096x2000 64x100000) events=(1e7 1e8) steps=864000 hosts=10000 minutes=525600
case ${SCALE:-} in
quick) boxes=(512x1000 16x20000) events=(1e6 1e7) steps=50000 hosts=500 minutes=20000 ;;
full) boxes+=(4096x100000) events+=(1e9) ;;
esac

failed=0
part() {
    SCALE_OUT=$work/$1.md nice -n 10 "${@:2}" || { echo "FAIL: $1" >&2; failed=1; }
}
for name in "$@"; do
    case $name in
    boxes) part boxes "$here/boxes.py" "$work" "${boxes[@]}" ;;
    recordings) part recordings "$here/recordings.py" "$recording" "$work" "${events[@]}" ;;
    fleet) part fleet "$here/fleet.py" "$work/fleet" $hosts ;;
    top) part top "$simulate" top $steps ;;
    alert) part alert "$simulate" alert $minutes && part sick "$simulate" sick 20 ;;
    *) echo "scale: no part is called $name" >&2; exit 2 ;;
    esac
done
{
    echo "# Scale, by simulation, $(date +%F)"
    echo
    echo "$(nproc) CPUs, Linux $(uname -r), $("$IRQSCOPE" --version | head -n 1). Made by \`make scale\` (Tests/scale)."
    for name in boxes recordings top fleet alert sick; do
        [ ! -e "$work/$name.md" ] || { echo; echo "## ${name^}"; echo; cat "$work/$name.md"; }
    done
} >"$out"
exit $failed
