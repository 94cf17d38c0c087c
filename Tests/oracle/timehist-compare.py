#!/usr/bin/env python3
"""Compares the wake-ups of a report with `perf sched timehist` on the same recording, one by one.

    perf record -a -m 2048 -o sched.data -e 'sched:sched_switch,sched:sched_waking,sched:sched_wakeup,sched:sched_migrate_task,irq:*' -- LOAD
    timehist-compare.py IRQSCOPE sched.data [TIMEHIST SCRIPT]

TIMEHIST and SCRIPT are texts of `perf sched timehist -i sched.data` and `perf script --ns -F tid,cpu,time,event,trace -i sched.data`
(or .xz of them), where perf is not to be asked now.

perf's "sch delay" is the time from the first sched_waking of a task since it was last switched out to its switch-in; a report
takes the latest 10,000 wake-ups of all tasks, so record no more than that (some seconds). Both read the same events, so each
latency must be the same within the microsecond that perf prints. A wake-up that only one of them has, or that they tell
differently, must have one of these reasons, looked up in the events as `perf script` prints them:

    handed over   the wake-up came while the task still ran, which then went to sleep: perf forgets it at the switch
    woken again   a second wake-up before the task ran: perf counts from the first, a report from the last
    still running the task was not switched out before the recording's end: perf prints a row at the switch-out
    ran unseen    the task had the CPU without a switch to it, so its switch-in is unknown: perf counts to a later one
    released      the task exited and was already released at its switch-out, whose sample names task -1: so does perf's row
    new           the first run of a task (sched_wakeup_new): no wake-up for a report

Prints a row for each task, the sums, and each difference that has none of these reasons. Exit status: 0 the same, 1 different.
"""
import json
import lzma
import re
import subprocess
import sys
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict

ROW = re.compile(r"^\s*(\d+)\.(\d{6})\s+\[(\d+)\]\s+(.*)\[(\d+)(?:/\d+)?\]\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)\s*$")
EVENT = re.compile(r"^\s*(-?\d+)\s+\[(\d+)\]\s+(\d+)\.(\d{9}):\s+(?:\w+:)?(\w+):\s*(.*)$")
SWITCH = re.compile(r"prev_pid=(\d+) .*next_pid=(\d+) ")
WAKEUP = re.compile(r" pid=(\d+) prio=")
LIMIT = 10_000


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True, errors="replace").stdout


def text(path):
    with (lzma.open if path.endswith(".xz") else open)(path, "rt", errors="replace") as file:
        return file.read()


def timehist(lines):
    """pid -> [(switch-in in us, delay in us)]: a row is printed at the switch-out, and each time is cut to a microsecond."""
    rows = defaultdict(list)
    for line in lines.splitlines():
        found = ROW.match(line)
        if found:
            seconds, micros, _, _, pid, _, delay, ran = found.groups()
            if pid != "0":
                end = int(seconds) * 1_000_000 + int(micros)
                rows[int(pid)].append((end - round(float(ran) * 1000), round(float(delay) * 1000)))
    return rows


class Events:
    """What `perf script` tells of each task: its wake-ups, switches in and out, and where else it was seen running."""

    def __init__(self, lines):
        self.waking, self.ins, self.outs, self.seen, self.new = (defaultdict(list) for _ in range(5))
        self.released = set()
        for line in lines.splitlines():
            found = EVENT.match(line)
            if not found:
                continue
            tid, _, seconds, nanos, name, rest = found.groups()
            time = int(seconds) * 1_000_000_000 + int(nanos)
            self.seen[int(tid)].append(time)
            if name == "sched_switch":
                switch = SWITCH.search(rest)
                self.outs[int(switch[1])].append(time)
                self.ins[int(switch[2])].append(time)
                if tid == "-1":
                    self.released.add((int(switch[1]), time))
            elif name == "sched_waking":
                self.waking[int(WAKEUP.search(rest)[1])].append(time)
            elif name == "sched_wakeup_new":
                self.new[int(WAKEUP.search(rest)[1])].append(time)

    @staticmethod
    def last(times, before):
        place = bisect_left(times, before)
        return times[place - 1] if place else -1

    @staticmethod
    def count(times, after, before):
        return bisect_left(times, before) - bisect_right(times, after)

    def reason(self, pid, start):
        """Why perf and a report differ on the run of a task that began at a time; None: no reason is known."""
        left = self.last(self.outs[pid], start)             # when it was last switched out
        woken = self.last(self.waking[pid], start)
        following = bisect_right(self.outs[pid], start)
        if following == len(self.outs[pid]):
            return "still running"
        if (pid, self.outs[pid][following]) in self.released:
            return "released"
        if self.last(self.new[pid], start) > left and woken <= left:
            return "new"
        # Its own switch-out is an event of the task too; a run that no switch-in began shows by events before that.
        begun = self.last(self.ins[pid], left)
        if self.count(self.seen[pid], max(left, 0), start) or (left > 0 and begun < self.last(self.outs[pid], left)):
            return "ran unseen"
        if self.count(self.waking[pid], left, start) > 1:
            return "woken again"
        if begun < woken <= left:
            return "handed over"
        return None


def main():
    irqscope, path, *texts = sys.argv[1:]
    deep = json.loads(run(irqscope, "report", "--slow", str(LIMIT), "--json", path))["deep"]
    if texts:
        rows, lines = (text(name) for name in texts)
    else:
        rows = run("perf", "sched", "timehist", "-i", path)
        lines = run("perf", "script", "--ns", "-F", "tid,cpu,time,event,trace", "-i", path)
    events, perf, ours = Events(lines), timehist(rows), defaultdict(dict)
    names = {}
    for wake in deep["late_wakes"]:
        ours[wake["pid"]][wake["start_ns"] + wake["latency_ns"]] = wake["latency_ns"]
        names[wake["pid"]] = wake["comm"]
    if sum(map(len, ours.values())) >= LIMIT:
        sys.exit(f"{path}: more wake-ups than a report lists: record for a shorter time")

    tasks, reasons, problems = {}, Counter(), []
    for pid in sorted(set(perf) | set(ours)):
        row = tasks[pid] = Counter()
        starts, rows = sorted(events.ins[pid]), {}
        for start, delay in perf[pid]:
            # The row's switch-in, cut twice to a microsecond, among the exact ones.
            place = bisect_left(starts, (start - 1) * 1000)
            exact = starts[place] if place < len(starts) and starts[place] < (start + 2) * 1000 else None
            rows[exact if exact is not None else ("unknown", start)] = delay
        for start in sorted(set(rows) | set(ours[pid]), key=str):
            theirs, latency = rows.get(start, 0), ours[pid].get(start)
            if theirs == (latency or 0) // 1000:
                if latency is not None and start in rows:
                    row["same"] += 1
                    row["ours_ns"] += latency
                    row["perf_us"] += theirs
                    row["ours_max_ns"] = max(row["ours_max_ns"], latency)
                    row["perf_max_us"] = max(row["perf_max_us"], theirs)
                continue
            why = events.reason(pid, start) if isinstance(start, int) else "ran unseen"
            if why is None:
                problems.append(f"{names.get(pid, '?')} {pid} at {start}: perf {theirs} us, report {latency} ns")
            row[why] += 1
            reasons[why] += 1
    print(f"{'task':>22} {'wake-ups':>9} {'sum ms':>11} {'perf':>11} {'max us':>9} {'perf':>9}  differ")
    for pid, row in sorted(tasks.items(), key=lambda item: -item[1]["same"])[:25]:
        differ = ", ".join(f"{row[why]} {why}" for why in reasons if row[why])
        print(f"{names.get(pid, '?')[:15]:>15} {pid:>6} {row['same']:9} {row['ours_ns'] / 1e6:11.3f} {row['perf_us'] / 1e3:11.3f} "
              f"{row['ours_max_ns'] / 1e3:9.1f} {row['perf_max_us']:9}  {differ}")
    same, total = sum(row["same"] for row in tasks.values()), sum(row["ours_ns"] for row in tasks.values())
    print(f"{len(tasks)} tasks, {same} wake-ups the same, {total / 1e6:.3f} ms (perf "
          f"{sum(row['perf_us'] for row in tasks.values()) / 1e3:.3f} ms); "
          f"{sum(reasons.values())} differ: {dict(reasons)}; {len(problems)} without a reason")
    for problem in problems[:20]:
        print(problem)
    sys.exit(1 if problems or not same else 0)


main()
