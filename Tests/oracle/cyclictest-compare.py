#!/usr/bin/env python3
"""Compares the wake-ups of cyclictest in a report with what cyclictest measured itself meanwhile, loop by loop.

    irqscope record --deep -o cyclictest.dat -- cyclictest -q -v -N -p 80 -i 1000 -l 2000 -t 1 >cyclictest.txt
    cyclictest-compare.py IRQSCOPE cyclictest.dat cyclictest.txt

cyclictest takes the time when it is back in user space and subtracts the time at which its timer should have expired. A report
tells parts of that: how late the timer was, and the time from sched_waking to the switch that lets the thread run. For each
loop, with the expiry as the trace has it (hrtimer_start, from trace-cmd's text, clock mono as cyclictest's own):

    expiry -> running (switch-in by the report) <= cyclictest's latency       the rest is the way back to user space
    lateness of the timer + wake-up latency     <= expiry -> running          the rest is the timer's handler until it wakes

and of all loops: the report's sum and maximum of wake-up latencies are those of the loops. Prints the parts and how many loops
break one of this. Exit status: 0 none does, 1 some do, or fewer than 95 % of the loops have a wake-up.
"""
import json
import re
import subprocess
import sys
from bisect import bisect_left
from collections import Counter

THREAD = re.compile(r"^T:\s*0 \(\s*(\d+)\).*Avg:\s*(\d+) Max:\s*(\d+)", re.M)
LOOP = re.compile(r"^\s*0:\s*(\d+):\s*(\d+)\s*$", re.M)
EVENT = re.compile(r"-(\d+)\s+\[\d+\]\s+(?:\S+\s+)?(\d+)\.(\d{9}):\s+(hrtimer_start|hrtimer_expire_entry):\s+(.*)$")


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True, errors="replace").stdout


def timers(path, pid):
    """(expiry, lateness) of each of a thread's sleeps, in order; the lateness None if its expiry is not in the trace."""
    sleeps, pending = [], {}
    for line in run("trace-cmd", "report", "-t", "-R", path).splitlines():
        found = EVENT.search(line)
        if not found:
            continue
        tid, _, _, name, rest = found.groups()
        timer = re.search(r"hrtimer=(\S+)", rest)[1]
        if name == "hrtimer_start":
            pending.pop(timer, None)
            if int(tid) == pid:
                pending[timer] = len(sleeps)
                sleeps.append([int(re.search(r"softexpires=(\d+)", rest)[1]), None, re.search(r"function=(\S+)", rest)[1]])
        elif timer in pending:
            sleep = sleeps[pending.pop(timer)]
            sleep[1] = int(re.search(r"now=(\d+)", rest)[1]) - sleep[0]
    # The function that wakes a sleeper is called most; it may have no name, and the thread may set the tick too.
    wakeup = Counter(sleep[2] for sleep in sleeps).most_common(1)[0][0] if sleeps else ""
    return [sleep[:2] for sleep in sleeps if sleep[2] == wakeup]


def line(name, values):
    values = sorted(values)
    at = lambda q: values[min(len(values) - 1, int(q * len(values)))] / 1000
    print(f"{name:42} {values[0] / 1000:9.1f} {at(0.5):9.1f} {at(0.99):9.1f} {values[-1] / 1000:9.1f} "
          f"{sum(values) / len(values) / 1000:9.1f}")


def main():
    irqscope, path, output = sys.argv[1:4]
    with open(output) as file:
        text = file.read()
    pid, average, most = map(int, THREAD.findall(text)[-1])
    measured = {int(loop): int(value) for loop, value in LOOP.findall(text)}
    report = json.loads(run(irqscope, "report", "--json", "--task", str(pid), "--slow", "10000", path))
    if report["source"]["clock"] != "mono":
        sys.exit(f"{path}: clock {report['source']['clock']}, which is not cyclictest's")
    deep = report["deep"]
    wakes = sorted((wake["start_ns"] + wake["latency_ns"], wake["latency_ns"])
                   for wake in deep["late_wakes"] if wake["pid"] == pid)
    runs = [wake[0] for wake in wakes]
    sleeps = timers(path, pid)[:len(measured)]
    parts, broken = [], []
    for loop, (expiry, lateness) in enumerate(sleeps):
        place = bisect_left(runs, expiry)
        following = sleeps[loop + 1][0] if loop + 1 < len(sleeps) else expiry + 1_000_000_000
        if loop not in measured or lateness is None or place == len(runs) or runs[place] >= following:
            continue
        running, latency = wakes[place][0] - expiry, wakes[place][1]
        parts.append((measured[loop], running, lateness, latency))
        if running > measured[loop]:
            broken.append(f"loop {loop}: {running} ns until it runs, cyclictest {measured[loop]} ns")
        if lateness + latency > running:
            broken.append(f"loop {loop}: late by {lateness} ns, woken for {latency} ns, but it runs after {running} ns")
    if not parts:
        sys.exit(f"{path}: no wake-ups of {pid}")
    print(f"{'us':42} {'min':>9} {'median':>9} {'p99':>9} {'max':>9} {'mean':>9}")
    line("cyclictest's latency", [part[0] for part in parts])
    line("expiry -> running", [part[1] for part in parts])
    line("  the timer's lateness", [part[2] for part in parts])
    line("  its handler until sched_waking", [part[1] - part[2] - part[3] for part in parts])
    line("  wake-up latency (report)", [part[3] for part in parts])
    line("running -> back in user space", [part[0] - part[1] for part in parts])
    rows = [row["latency"] for row in deep["wakes"] if row["pid"] == pid]
    print(f"{len(measured)} loops, cyclictest itself: mean {average / 1000:.1f}, maximum {most / 1000:.1f}; "
          f"{len(parts)} with a wake-up, {len(broken)} broken relations")
    if len(wakes) < 10_000 and rows:
        count, total = sum(row["count"] for row in rows), sum(row["total_ns"] for row in rows)
        by_interrupts = sorted(wake["latency_ns"] for wake in deep["late_wakes"] if wake["pid"] == pid and wake["by_kind"])
        print(f"report: {count} wake-ups by interrupts, {total / 1000:.1f} us together")
        if (count, total) != (len(by_interrupts), sum(by_interrupts)) or max(r["max_ns"] for r in rows) != by_interrupts[-1]:
            broken.append("the report's wakes are not the sum of its late_wakes")
    for problem in broken[:20]:
        print(problem)
    sys.exit(1 if broken or len(parts) < 0.95 * len(measured) else 0)


main()
