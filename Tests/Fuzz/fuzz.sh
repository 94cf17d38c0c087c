#!/bin/bash
# Builds the fuzz targets and runs each for some seconds: fuzz.sh SECONDS
#
# What is found (crash-*, timeout-*, oom-*) goes to the current directory and belongs into
# Fixtures/fuzz/NAME, which `make test` replays. The three -sanitize options are needed in this form:
# with two --sanitize options the compiler keeps one of them at random, and libFuzzer then sees nothing.
set -euo pipefail
seconds=${1:-60}
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${FUZZ_BUILD:-$root/.build-fuzz}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$root"
for target in ${FUZZ_TARGETS:-FuzzContainer FuzzPerfData FuzzPerfetto FuzzText FuzzPages FuzzProcText FuzzAlert FuzzDeep}; do
    IRQSCOPE_FUZZ=1 swift build --scratch-path "$build" --sanitize=fuzzer \
        -Xswiftc -sanitize=fuzzer,address -Xswiftc -parse-as-library --product "$target"
    case $target in
        FuzzContainer) name=container limit=65536 ;;
        FuzzText) name=text limit=8192 ;;
        FuzzPerfData) name=perfdata limit=65536 ;;
        FuzzPerfetto) name=perfetto limit=8192 ;;
        FuzzPages) name=pages limit=9000 ;;
        FuzzProcText) name=proctext limit=4096 ;;
        FuzzAlert) name=alert limit=4096 ;;
        FuzzDeep) name=deep limit=8192 ;;
    esac
    mkdir "$work/$name"
    # libtraceevent keeps some bytes of texts it refuses: leaks are not what is looked for here.
    ASAN_OPTIONS=detect_leaks=0 "$build/debug/$target" -max_total_time="$seconds" -max_len=$limit -timeout=10 \
        -rss_limit_mb=2048 -print_final_stats=1 "$work/$name" "Fixtures/fuzz/$name" >"$work/$name.log" 2>&1 || {
        tail -n 40 "$work/$name.log"
        exit 1
    }
    grep -q 'Loaded 1 modules' "$work/$name.log" || { echo "$target is not instrumented: it would find nothing"; exit 1; }
    echo "$target: $(grep 'stat::number_of_executed_units' "$work/$name.log" | tr -s ' '), nothing found"
done
