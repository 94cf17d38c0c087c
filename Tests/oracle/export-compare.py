#!/usr/bin/env python3
"""Compares the spans of `irqscope export` with what `irqscope report` says of the same recording.

    export-compare.py BINARY FORMAT RECORDING [--exact ORACLE.json]

FORMAT is csv or jsonl. All spans are added up here: their number, total, own time, shortest and longest by kind, buffer, number and
name, and by CPU; each must be what `report --json` has. With --exact the numbers of trace-oracle.py stand in its place. Prints
each difference, and at the end how many values were compared. Exit status: 0 the same, 1 different.
"""
import collections
import csv
import io
import json
import subprocess
import sys

TABLES = {
    "irqs": ("irq", "irq", "action"), "softirqs": ("softirq", "vector", "name"), "tasklets": ("tasklet", None, "function"),
    "vectors": ("vector", None, "vector"), "work": ("work", None, "function"),
}
FIELDS = ["kind", "number", "name", "cpu", "start_ns", "duration_ns", "self_ns", "pid", "task", "buffer"]


def spans(binary, form, path):
    """All spans as (kind, buffer, number, name, cpu, start, duration, self)."""
    out = subprocess.run([binary, "export", "--format", form, path], capture_output=True, check=True).stdout
    if form == "csv":
        reader = csv.DictReader(io.StringIO(out.decode("utf-8", "strict"), newline=""))
        rows = list(reader)
        assert reader.fieldnames == FIELDS, reader.fieldnames
        number = int
    else:
        rows = [json.loads(line) for line in out.decode("utf-8", "strict").splitlines()]
        for row in rows:
            assert sorted(row) == sorted(FIELDS), row
        number = lambda value: value
    last = 0
    for row in rows:
        start = number(row["start_ns"])
        assert start >= last, "spans are not in the order of time"
        last = start
        shown = "" if row["number"] is None else str(row["number"])
        yield (row["kind"], row["buffer"], shown, row["name"], number(row["cpu"]), start, number(row["duration_ns"]),
               number(row["self_ns"]))


def add(sums, key, duration, own):
    count, total, self_ns, least, most = sums.get(key, (0, 0, 0, None, 0))
    least = duration if least is None else min(least, duration)
    sums[key] = (count + 1, total + duration, self_ns + own, least, max(most, duration))


def reported(binary, path):
    """What the report says: sums by row, and by row and CPU."""
    report = json.loads(subprocess.run([binary, "report", "-J", path], capture_output=True, check=True).stdout)
    rows, cpus = {}, {}
    for table, (kind, number, name) in TABLES.items():
        for row in report[table]:
            end = (row["buffer"], "" if number is None else str(row[number]), row[name])
            duration = row["duration"]
            if duration["count"]:
                rows[(kind, *end)] = (
                    duration["count"], duration["total_ns"], duration["self_ns"], duration["min_ns"], duration["max_ns"])
            for latency in ("raise_latency", "queue_latency"):
                waits = row.get(latency)
                if waits and waits["count"]:
                    rows[(latency, *end)] = (
                        waits["count"], waits["total_ns"], waits["total_ns"], waits["min_ns"], waits["max_ns"])
            for share in row["cpus"]:
                if share["max_ns"] is not None:
                    cpus[(kind, *end, share["cpu"])] = (share["total_ns"], share["self_ns"], share["max_ns"])
    return rows, cpus


def exact(path):
    """The same of the sums that trace-oracle.py has, which knows neither buffers nor CPUs."""
    oracle = json.load(open(path))
    rows = {}
    for table, (kind, number, name) in TABLES.items():
        for row in oracle.get(table, []):
            end = ("", "" if number is None else str(row[number]), row[name])
            if row["count"]:
                own = row.get("self_ns", row["total_ns"])
                rows[(kind, *end)] = (row["count"], row["total_ns"], own, row["min_ns"], row["max_ns"])
            if row.get("raise_count"):
                total = row["raise_total_ns"]
                rows[("raise_latency", *end)] = (row["raise_count"], total, total, None, row["raise_max_ns"])
    return rows


def main():
    binary, form, path = sys.argv[1:4]
    sums, shares = {}, {}
    for kind, buffer, number, name, cpu, start, duration, own in spans(binary, form, path):
        add(sums, (kind, buffer, number, name), duration, own)
        add(shares, (kind, buffer, number, name, cpu), duration, own)
    problems, compared = [], 0

    def compare(mine, theirs):
        nonlocal compared
        for key in sorted(set(mine) | set(theirs), key=str):
            compared += 1
            if mine.get(key) != theirs.get(key):
                problems.append(f"{key}: {mine.get(key)} for {theirs.get(key)}")

    if "--exact" in sys.argv:
        right = exact(sys.argv[sys.argv.index("--exact") + 1])
        sums = {
            key: value[:3] + ((None,) if key[0] == "raise_latency" else (value[3],)) + value[4:]
            for key, value in sums.items() if key[0] != "queue_latency"}
        compare(sums, right)
    else:
        rows, cpus = reported(binary, path)
        compare(sums, rows)
        shares = {k: (v[1], v[2], v[4]) for k, v in shares.items() if not k[0].endswith("latency")}
        compare(shares, cpus)
    for problem in problems:
        print(problem)
    print(compared, "compared")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
