#!/usr/bin/env python3
"""Compares a report with `perf kwork` on the same recording, where both say the same.

    perf kwork -k irq,softirq,workqueue record -o kwork.data -- sleep 2
    kwork-compare.py IRQSCOPE kwork.data

Handlers and softirqs: calls and total run time, within the digits that perf prints. Raise latency of softirqs: the same count;
perf counts from the last raise before an entry and a report from the first, so the report's maximum and mean are never below
perf's. Exit status: 0 the same, 1 different.
"""
import json
import re
import subprocess
import sys

ROW = re.compile(r"^\s+(\S.*?):(\d+)\s+\|\s+\d+\s+\|\s+([\d.]+) ms\s+\|\s+(\d+)\s+\|\s+([\d.]+) ms")
DIGIT_NS = 1000  # perf prints microseconds


def kwork(path, kinds, what):
    """(name, number) -> [sum in ns, count, maximum in ns, rows] over all CPUs; of `latency` the sum is of averages times counts."""
    out = subprocess.run(["perf", "kwork", "-k", kinds, what, "-i", path], capture_output=True, text=True).stdout
    rows = {}
    for line in out.splitlines():
        found = ROW.match(line)
        if found:
            name, number, time, count, most = found.groups()
            row = rows.setdefault((name, int(number)), [0.0, 0, 0.0, 0])
            row[0] += float(time) * 1e6 * (int(count) if what == "latency" else 1)
            row[1] += int(count)
            row[2] = max(row[2], float(most) * 1e6)
            row[3] += int(count) if what == "latency" else 1
    return rows


def main():
    irqscope, path = sys.argv[1:3]
    report = json.loads(subprocess.run([irqscope, "report", "--json", path], capture_output=True, check=True).stdout)
    problems, compared = [], 0
    runs = kwork(path, "irq,softirq", "report")
    rows = [((row["action"], row["irq"]), row["calls"], row["duration"]) for row in report["irqs"]]
    rows += [(("(s)" + row["name"], row["vector"]), row["entries"], row["duration"]) for row in report["softirqs"]]
    for key, _, duration in rows:
        if key not in runs:
            continue
        compared += 1
        total, count, most, parts = runs[key]
        # An open span at an end counts for neither.
        if count != duration["count"] or abs(total - duration["total_ns"]) > DIGIT_NS * parts \
                or abs(most - duration["max_ns"]) > DIGIT_NS:
            problems.append(f"{key}: perf {runs[key]}, report {duration['count']} {duration['total_ns']} {duration['max_ns']}")
    waits = kwork(path, "softirq", "latency")
    for row in report["softirqs"]:
        key, latency = ("(s)" + row["name"], row["vector"]), row["raise_latency"]
        if key not in waits or not latency:
            continue
        compared += 1
        total, count, most, parts = waits[key]
        if count != latency["count"] or latency["total_ns"] < total - DIGIT_NS * parts or latency["max_ns"] < most - DIGIT_NS:
            problems.append(f"{key} raise: perf {waits[key]}, report {latency['count']} {latency['total_ns']} {latency['max_ns']}")
    for problem in problems:
        print(problem)
    print(f"{compared} rows compared, {len(problems)} differ")
    sys.exit(1 if problems or not compared else 0)


main()
