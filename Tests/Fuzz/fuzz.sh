#!/bin/bash
# Builds the fuzz program and runs its targets (Tests/Fuzz/Targets/FuzzTarget+All.swift) for some seconds each: fuzz.sh SECONDS
#
#   FUZZ_TARGETS  the names of some targets; all without it
#   FUZZ_BUILD    the directory for what is built; .build-fuzz
#   FUZZ_CONFIGURATION  debug, or release, which is built for minutes and runs several times as fast
#   FUZZ_CORPUS   a directory where inputs are kept from run to run; without it each run begins with Fixtures/fuzz alone
#   FUZZ_JOBS     how many targets run at a time; one for each CPU
#   FUZZ_RUNS     a file that gets a line for each run, for Tests/Fuzz/sum.py
#
# Prints a table: executions, seconds, CPU seconds, the edges reached of all in the program, and the inputs that reach them.
# What is found (crash-*, timeout-*, oom-*) goes to the current directory and belongs into Fixtures/fuzz/NAME, which `make test`
# replays.
set -euo pipefail
seconds=${1:-60}
here=$PWD
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${FUZZ_BUILD:-$root/.build-fuzz}
work=$(mktemp -d)
jobs=${FUZZ_JOBS:-$(nproc)}
trap 'rm -rf "$work"' EXIT
cd "$root"

configuration=${FUZZ_CONFIGURATION:-debug}
IRQSCOPE_FUZZ=1 swift build -c "$configuration" --scratch-path "$build" --product Fuzz
fuzz=$build/$configuration/Fuzz
commit=$(git describe --always --abbrev=12 --exclude '*' 2>/dev/null || echo unknown)

# libtraceevent keeps some bytes of texts it refuses: leaks are not what is looked for here.
export ASAN_OPTIONS=detect_leaks=0 SWIFT_BACKTRACE=enable=no
value() { grep -ao "$2" "$1" | tail -n 1 | tr -dc 0-9 || true; }
format='%-12s %12s %8s %8s %16s %8s\n'
printf "$format" target executions seconds cpu edges inputs

# run NAME LIMIT: runs a target, and prints its line at the end; removes NAME.open if all was well.
run() {
    local name=$1 limit=$2 corpus=${FUZZ_CORPUS:-$work}/$1 log=$work/$1.log found=no times elapsed user system
    mkdir -p "$corpus"
    TIMEFORMAT='%R %U %S'
    times=$({ time "$fuzz" --target="$name" -max_total_time="$seconds" -max_len="$limit" -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 -artifact_prefix="$here/" "$corpus" "Fixtures/fuzz/$name" >"$log" 2>&1; } 2>&1) || found=yes
    if ! grep -aq 'Loaded 1 modules' "$log"; then
        echo "$(tail -n 20 "$log")"$'\n'"$name is not instrumented: it would find nothing"
        return
    fi
    read -r elapsed user system <<<"$times"
    local cpu runs edges all
    cpu=$(awk "BEGIN { print $user + $system }")
    runs=$(value "$log" 'stat::number_of_executed_units: *[0-9]*')
    # One that ended early tells at the last input that was new.
    runs=${runs:-$(value "$log" '^#[0-9]*')}
    edges=$(value "$log" ' cov: [0-9]*')
    all=$(value "$log" '([0-9]* inline')
    printf "$format" "$name" "${runs:-0}" "$elapsed" "$cpu" "${edges:-0}/${all:-0}" "$(find "$corpus" -type f | wc -l)"
    if [ -n "${FUZZ_RUNS:-}" ]; then
        printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$(date +%F)" "$commit" "$name" "${runs:-0}" "$elapsed" "$cpu" "${edges:-0}" \
            "$([ $found = yes ] && echo 1 || echo 0)" >>"$FUZZ_RUNS"
    fi
    if [ $found = yes ]; then tail -n 40 "$log"; else rm "$work/$name.open"; fi
}

while read -r name limit; do
    case " ${FUZZ_TARGETS:-$name} " in *" $name "*) ;; *) continue ;; esac
    # One that ends makes room for the next.
    while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n || true; done
    touch "$work/$name.open"
    run "$name" "$limit" &
done < <("$fuzz" --list)
wait
[ -z "$(find "$work" -maxdepth 1 -name '*.open')" ]
