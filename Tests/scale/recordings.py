#!/usr/bin/env python3
"""Recordings of any length through a pipe: is the memory flat, is each count the multiple?

  recordings.py RECORDING.dat WORK [EVENTS…]

RECORDING is a trace.dat without losses; its pages are repeated by repeat.c. Each command reads each length: 10^7 and 10^8 events
if none are named. A pipe is spooled, to WORK: 10^9 events take 23 GB there.
"""
import json
import os
import subprocess
import sys

from sheet import IRQSCOPE, Run, Sheet

here = os.path.dirname(os.path.abspath(__file__))
recording, work = sys.argv[1:3]
sizes = [int(float(text)) for text in sys.argv[3:]] or [10**7, 10**8]
MOST = 48  # MiB that are no file's pages, at any length
sheet = Sheet()


def build(name, source):
    subprocess.run(["cc", "-O2", "-o", os.path.join(work, name), source], check=True)
    return os.path.join(work, name)


repeat = build("repeat", f"{here}/repeat.c")
pages = build("pages", f"{here}/../bench/pages.c")
plain = os.path.join(work, "plain-v6.dat")
subprocess.run(["trace-cmd", "convert", "--file-version", "6", "--compression", "none", "-i", recording, "-o", plain],
               check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def feeder(copies, *without):
    return [repeat, plain, str(copies), *without]


def summary(report):
    """Counts, sums and extremes of all rows, by section and name."""
    found = {("events", "total"): (report["events"]["total"], 0, 0, 0), ("events", "used"): (report["events"]["used"], 0, 0, 0)}
    for section in ("irqs", "softirqs", "vectors", "work", "tasklets"):
        for row in report[section]:
            name = " ".join(str(row[key]) for key in ("irq", "action", "vector", "function") if key in row)
            for what, value in row.items():
                if isinstance(value, dict) and value.get("count"):
                    found[section, name, what] = (value["count"], value["total_ns"], value["min_ns"], value["max_ns"])
    return found


def is_multiple(one, many, copies):
    return one.keys() == many.keys() and all(
        many[key] == (count * copies, total * copies, least, most) for key, (count, total, least, most) in one.items())


def is_clean(events):
    return not any(value for key, value in events.items() if key not in ("total", "used", "unused"))


# --- one copy, beside the C loop -------------------------------------------------------------------------------------------

def base(*without):
    run = Run([IRQSCOPE, "report", "-J"], feeder(1, *without), environment={"TMPDIR": work})
    report = json.loads(run.output)
    with open(os.path.join(work, "one.dat"), "wb") as one:
        subprocess.run(feeder(1, *without), stdout=one, stderr=subprocess.DEVNULL, check=True)
    ours = {}
    for section, kind in (("irqs", "irq"), ("softirqs", "softirq"), ("vectors", "vector")):
        for row in report[section]:
            key = (kind, str(row["irq" if kind == "irq" else "vector"]))
            count, total = ours.get(key, (0, 0))
            ours[key] = (count + row["duration"]["count"], total + row["duration"]["total_ns"])
    theirs = {}
    text = subprocess.run([pages, os.path.join(work, "one.dat")], capture_output=True, text=True, check=True).stdout
    for words in map(str.split, text.splitlines()):
        if words[0] in ("irq", "softirq", "vector"):
            theirs[words[0], words[1]] = (int(words[2]), int(words[3]))
    # The loop does not know shared lines: all actions of one are one handler there.
    shared = {key for key in ours if key[0] == "irq" and ours[key][0] != theirs.get(key, (0, 0))[0]}
    for key in set(ours) - shared:
        sheet.check(ours[key] == theirs.get(key), f"{key} is {ours[key]}, in the C loop {theirs.get(key)}")
    return report


rows, memory = [], {}
for title, without, command in (
    ("report -J", ["sched_switch"], ["report", "-J"]),
    ("report (text)", ["sched_switch"], ["report"]),
    ("report --format html", ["sched_switch"], ["report", "--format", "html"]),
    ("export --format csv", ["sched_switch"], ["export", "--format", "csv"]),
    ("export --format perfetto", ["sched_switch"], ["export", "--format", "perfetto"]),
    ("report --deep -J", [], ["report", "--deep", "-J"]),
):
    one = base(*without)
    events = one["events"]["total"]
    first = summary(one)
    for size in sizes:
        copies = max(1, round(size / events))
        is_json = "-J" in command
        run = Run([IRQSCOPE, *command], feeder(copies, *without), keeps=is_json, environment={"TMPDIR": work})
        verdict = ""
        if is_json:
            report = json.loads(run.output)
            same = is_multiple(first, summary(report), copies) and is_clean(report["events"])
            verdict = "yes" if same else "NO"
            sheet.check(same, f"{title} of {copies} copies is not the multiple of one")
        elif command[-1] == "csv":
            lines = Run([IRQSCOPE, *command], feeder(1, *without), environment={"TMPDIR": work}).lines - 1
            same = run.lines - 1 == lines * copies
            verdict = "yes" if same else "NO"
            sheet.check(same, f"{title} of {copies} copies has {run.lines - 1} lines, one copy {lines}")
        rows.append([title, f"{events * copies:,}", f"{run.wall:.1f}", f"{run.cpu:.1f}", f"{run.cpu / events / copies * 1e9:.0f}",
                     f"{run.peak:.1f}", f"{run.anonymous:.1f}", f"{run.size:,}", verdict])
        print(" | ".join(rows[-1]), flush=True)
        memory.setdefault(title, []).append(run.anonymous)

sheet.table(["command", "events", "wall s", "CPU s", "ns an event", "peak RSS MiB", "of it no file's", "bytes written",
             "the multiple of one copy"], rows)
for title, values in memory.items():
    sheet.verdict(f"memory of {title} stays below {MOST} MiB", max(values) < MOST, ", ".join(f"{value:.1f}" for value in values))
sheet.verdict("counts, sums and extremes of each row are the multiple", not sheet.differences, "; ".join(sheet.differences[:3]) or "all")
sys.exit(sheet.end())
