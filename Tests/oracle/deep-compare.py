#!/usr/bin/env python3
"""Compares the key `deep` of `irqscope report --json` with exact numbers.

    deep-compare.py EXPECTED.json ACTUAL.json

EXPECTED is what a slow computation from the text of the same recording printed; ACTUAL a report. Counts, totals, minima and
maxima must be equal, percentiles within 1 %, peaks up to 10 % below. Further keys of the report are passed over. Exit
status: 0 the same, 1 different.
"""
import json
import sys

# What tells the rows of an array apart.
IDENTITY = {"threads": ["pid"], "wakes": ["kind", "id", "action", "pid"], "softirqs": ["vector"], "napi": ["device"],
            "chains": ["irq", "devices"], "tasklets": ["function"], "sent": ["callsite", "callback", "reason"],
            "received": ["vector"], "functions": ["function", "local"], "timers": ["kind", "function"],
            "faults": ["kind", "pid", "comm"], "work": ["function"], "victims": ["pid"], "cpu_share": ["cpu"],
            "busy": ["cpu"], "slices": ["slice"], "peaks": ["irq", "action"]}
PERCENTILES = ("p50_ns", "p99_ns")
problems = []


def compare(expected, actual, path, name):
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return problems.append(f"{path}: {json.dumps(expected)[:200]} but {json.dumps(actual)[:80]}")
        for key, value in expected.items():
            if key not in actual:
                problems.append(f"{path}.{key} is missing")
            else:
                compare(value, actual[key], f"{path}.{key}", key)
    elif isinstance(expected, list):
        keys = IDENTITY[name]
        if name == "slices" and path == "deep.slices":
            keys = ["irq", "action"]
        rows = {tuple(row[k] for k in keys): row for row in actual}
        missing = []
        if len(rows) != len(actual):
            problems.append(f"{path}: a row stands there twice")
        for row in expected:
            ident = tuple(row[k] for k in keys)
            if ident not in rows and str(row.get("function")).startswith("0x"):
                # Text shows the function of an expiry as a bare address; the symbol table of the recording names it.
                ident = next((i for i, r in rows.items() if name == "timers" and r["kind"] == row["kind"]
                              and r["duration"]["total_ns"] == row["duration"]["total_ns"]), ident)
                row = {**row, "function": ident[-1]}
            if ident in rows:
                compare(row, rows.pop(ident), f"{path}{list(ident)}", name)
            else:
                missing.append((ident, row))
        # Threads that poll network devices are causes for a report alone.
        rows = {i: r for i, r in rows.items() if i[0] != "napi_thread" or name != "wakes"}
        # A function that the symbol table lacks has the name of the symbol before it in text; for a report it has none.
        nameless = {i: r for i, r in rows.items() if name == "work" and i[0].startswith("0x")}
        if nameless and all(sum(r["duration"][k] for _, r in missing) == sum(r["duration"][k] for r in nameless.values())
                            for k in ("count", "total_ns")):
            rows, missing = {i: r for i, r in rows.items() if i not in nameless}, []
        for ident, row in missing:
            problems.append(f"{path}{list(ident)} is missing: {json.dumps(row)[:200]}")
        for ident, row in rows.items():
            problems.append(f"{path}{list(ident)} is too much: {json.dumps(row)[:200]}")
    elif name in PERCENTILES and None not in (expected, actual):
        if abs(actual - expected) > 0.01 * expected:
            problems.append(f"{path}: {expected} but {actual}")
    elif name.startswith("in_") and None not in (expected, actual):
        if not 0.9 * expected <= actual <= expected:
            problems.append(f"{path}: {expected} but {actual}")
    elif expected != actual:
        problems.append(f"{path}: {expected} but {actual}")


expected, actual = (json.load(open(path)) for path in sys.argv[1:3])
compare(expected, actual.get("deep"), "deep", "deep")
for problem in problems[:40]:
    print(problem)
print(f"{len(problems)} differences")
sys.exit(1 if problems else 0)
