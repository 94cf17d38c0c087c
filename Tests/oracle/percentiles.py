#!/usr/bin/env python3
"""Exact percentiles of hardirq and softirq durations, from all of them sorted.

    trace-cmd report -t -R FILE.dat | percentiles.py

Prints {"irq NUMBER ACTION" or "softirq VECTOR": {"p50": ns, ...}}; nearest rank. For recordings without
loss and without damage: it pairs an exit with the newest entry of its kind and number on the CPU.
"""
import json
import math
import re
import sys
from collections import defaultdict

EVENT = re.compile(r"\[(\d+)\]\s+(?:\S+\s+)?(\d+)\.(\d{9}):\s+(\w+):\s*(.*)$")
open_spans, durations = {}, defaultdict(list)
for line in sys.stdin:
    found = EVENT.search(line)
    if not found:
        continue
    cpu, now, name, rest = int(found[1]), int(found[2] + found[3]), found[4], found[5]
    if name in ("irq_handler_entry", "irq_handler_exit"):
        key = ("irq", int(re.search(r"irq=(\d+)", rest)[1]))
    elif name in ("softirq_entry", "softirq_exit"):
        key = ("softirq", int(re.search(r"vec=(\d+)", rest)[1]))
    else:
        continue
    if name.endswith("entry"):
        action = re.search(r"name=(.*)$", rest)
        open_spans[cpu, key] = (now, f"{key[0]} {key[1]}" + (f" {action[1].rstrip()}" if action else ""))
    elif (cpu, key) in open_spans:
        start, label = open_spans.pop((cpu, key))
        durations[label].append(now - start)
result = {}
for label, values in durations.items():
    values.sort()
    result[label] = {name: values[max(1, math.ceil(len(values) * share / 1000)) - 1]
                     for name, share in (("p50_ns", 500), ("p90_ns", 900), ("p99_ns", 990), ("p999_ns", 999))}
json.dump(result, sys.stdout)
