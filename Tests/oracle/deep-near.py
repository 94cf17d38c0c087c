#!/usr/bin/env python3
"""Compares the key `deep` of two reports of the same events, of which the second comes from a text.

    deep-near.py EXACT.json TEXT.json STEP_NS [--addresses]

Counts must be equal, durations as near as the text's step: two steps for a single one. What the text cannot tell and has
as null is passed over: requests to threads. With --addresses the first report has addresses where the text has names.
Prints the differences; exits with 1 if there are some.
"""
import json
import sys

IDENTITY = {"threads": ["pid"], "wakes": ["kind", "id", "action", "pid"], "softirqs": ["vector"], "napi": ["device"],
            "chains": ["irq", "devices"], "tasklets": ["function"], "sent": ["callsite", "callback", "reason"],
            "received": ["vector"], "functions": ["function", "local"], "timers": ["kind", "function"],
            "faults": ["kind", "pid"], "work": ["function"], "victims": ["pid"], "cpu_share": ["cpu"], "busy": ["cpu"],
            "slices": ["irq", "action"], "peaks": ["irq", "action"]}
BY_FUNCTION = ("tasklets", "functions", "timers", "work", "sent")
step, problems = int(sys.argv[3]), []


def nameless(rows):
    """Rows of functions as one of each kind, for one report has addresses where the other has names."""
    sums = {}
    for row in rows:
        have = sums.setdefault((row.get("kind"), row.get("local")), {"rows": 0, "count": 0})
        have["rows"] += 1
        have["count"] += row["duration"]["count"] if "duration" in row else row["count"]
    return {str(key): value for key, value in sums.items()}


def compare(one, other, path, name, count=1):
    if isinstance(one, dict):
        if not isinstance(other, dict):
            return problems.append(f"{path}: {str(one)[:100]} but {str(other)[:100]}")
        count = max(one.get("count") or 1, one.get("stretches") or 1, count)
        for key in one:
            if name == "cpu_share" or key in ("hardirq_ns", "vector_ns", "softirq_ns", "softirq_thread_ns"):
                continue  # sums over all pieces: as many steps as there are events
            compare(one[key], other.get(key), f"{path}.{key}", key, count)
    elif isinstance(one, list):
        if name in BY_FUNCTION and "--addresses" in sys.argv:
            return compare(nameless(one), nameless(other or []), path, "")
        keys = IDENTITY.get(name)
        if keys is None or (name == "slices" and path != "deep.slices"):
            return
        rows = {tuple(row.get(key) for key in keys): row for row in other or []}
        for row in one:
            ident = tuple(row.get(key) for key in keys)
            if ident in rows:
                compare(row, rows.pop(ident), f"{path}{list(ident)}", name)
            else:
                problems.append(f"{path}{list(ident)} is missing")
        problems.extend(f"{path}{list(ident)} is too much" for ident in rows)
    elif name.startswith("in_"):
        if abs(one - other) > max(1, 0.1 * one):
            problems.append(f"{path}: {one} but {other}")
    elif isinstance(one, (int, float)) and name.endswith("_ns") and other is not None:
        near = step * count if name == "total_ns" else 2 * step
        if name[:-3] in ("p50", "p90", "p99", "p999", "mean", "stddev"):
            near += 0.02 * one
        if abs(one - other) > near:
            problems.append(f"{path}: {one} but {other}")
    elif one != other and not (name in ("requests", "merged") and other is None):
        problems.append(f"{path}: {one} but {other}")


exact, text = (json.load(open(path))["deep"] for path in sys.argv[1:3])
compare(exact, text, "deep", "deep")
for problem in problems[:40]:
    print(problem)
print(f"{len(problems)} differences")
sys.exit(1 if problems else 0)
