#!/bin/sh
# Writes the exact numbers of the deep analysis for recordings: Fixtures/deep/expected/NAME.json.
#
#     ORACLE=/path/to/deep-oracle.py Tests/oracle/make-deep.sh RECORDING…
#
# ORACLE computes them slowly from the text of trace-cmd; it belongs to whoever checks irqscope, not to this repository.
set -eu
cd "$(dirname "$0")/../.."
for file in "$@"; do
    trace-cmd report -t -R "$file" 2>/dev/null | python3 "$ORACLE" |
        python3 -c 'import json, sys; json.dump(json.load(sys.stdin), sys.stdout, separators=(",", ":")); print()' \
            > "Fixtures/deep/expected/$(basename "$file" .dat).json"
done
