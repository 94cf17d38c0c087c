#!/usr/bin/env python3
"""Exact counts of durations by limits, duration by duration, as Prometheus' histograms have them.

    trace-cmd report -t -R FILE.dat | buckets.py

Prints {"handler ACTION", "softirq VECTOR" or "raise VECTOR": {"le": [durations up to each limit …, all], "total_ns": ns,
"calls": entries}}, with * in place of the number of a queue. For recordings without loss and without damage: it pairs an
exit with the newest entry of its kind and number on the CPU.
"""
import json
import re
import sys
from collections import defaultdict

LIMITS = [500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 2500000, 10000000]
EVENT = re.compile(r"\[(\d+)\]\s+(?:\S+\s+)?(\d+)\.(\d{9}):\s+(\w+):\s*(.*)$")
open_spans, raised = {}, {}
durations, calls = defaultdict(list), defaultdict(int)
for line in sys.stdin:
    found = EVENT.search(line)
    if not found:
        continue
    cpu, now, name, rest = int(found[1]), int(found[2] + found[3]), found[4], found[5]
    if name.startswith("irq_handler_"):
        key = ("irq", int(re.search(r"irq=(\d+)", rest)[1]))
    elif name.startswith("softirq_"):
        key = ("softirq", int(re.search(r"vec=(\d+)", rest)[1]))
    else:
        continue
    if name == "softirq_raise":
        raised.setdefault((cpu, key), now)
    elif name.endswith("entry"):
        label = f"softirq {key[1]}"
        if key[0] == "irq":
            label = "handler " + re.sub(r"(?<=[.q])\d+$|(?<=x-)\d+$", "*", re.search(r"name=(.*)$", rest)[1].rstrip())
        calls[label] += 1
        open_spans[cpu, key] = (now, label)
        if (cpu, key) in raised:
            durations[f"raise {key[1]}"].append(now - raised.pop((cpu, key)))
    elif (cpu, key) in open_spans:
        start, label = open_spans.pop((cpu, key))
        durations[label].append(now - start)
json.dump({label: {"le": [sum(value <= limit for value in values) for limit in LIMITS] + [len(values)],
                   "total_ns": sum(values), "calls": calls.get(label, 0)} for label, values in durations.items()}, sys.stdout)
