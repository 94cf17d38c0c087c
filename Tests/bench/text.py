#!/usr/bin/env python3
"""Measures irqscope report on traces as text and, packed, on the same: the text part of bench.sh.

  text.py RECORDING DIRECTORY [MARKDOWN]

RECORDING is a trace.dat; DIRECTORY takes its text. CPU time is user and system time, the least of several runs, the
commands taking turns. Prints a PASS or FAIL for each requirement; exits with 1 if one is not met.
"""
import itertools
import os
import re
import subprocess
import sys

from allocations import Allocations
from results import Results

recording, work = sys.argv[1:3]
irqscope = os.environ["IRQSCOPE"]
here = os.path.dirname(os.path.abspath(__file__))
sheet = Results()
LINES = 2_000_000
LINE = re.compile(r"^(.{16})-(\d+) +(\[\d+\]) +(?:\S{4,9} +)?(\d+\.\d+): (\w+:) +(.*)$")


def file(name):
    return os.path.join(work, name)


def cpu(command):
    """The CPU seconds of a command whose output nobody reads."""
    pid = os.fork()
    if pid == 0:
        null = os.open("/dev/null", os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        os.execvp(command[0], command)
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        sys.exit("text: %s ended with %d" % (" ".join(command), status))
    return usage.ru_utime + usage.ru_stime


def best(times, *commands):
    """Runs the commands in turns; the least CPU seconds of each."""
    turns = [[cpu(command) for command in commands] for _ in range(times)]
    return [min(turn[index] for turn in turns) for index in range(len(commands))]


# The same events in the layouts of trace-cmd report and of tracefs.
with subprocess.Popen(["trace-cmd", "report", recording], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                      errors="replace") as process, \
        open(file("report.txt"), "w") as report, open(file("trace.txt"), "w") as trace, \
        open(file("tenth.txt"), "w") as tenth:
    lines = 0
    for line in itertools.islice(process.stdout, 1, LINES + 1):
        found = LINE.match(line)
        if not found:
            continue
        lines += 1
        report.write(line)
        if lines <= LINES // 10:
            tenth.write(line)
        name, pid, place, time, event, rest = found.groups()
        trace.write("%s-%-7s %s d.h1. %12s: %s %s\n" % (name, pid, place, time, event, rest))
    process.kill()
has_flags = bool(re.search(r"\] +\S{4,9} +\d+\.", open(file("report.txt")).readline()))
packed = {"gzip": ["gzip", "-1c"], "zstd": ["zstd", "-qc"], "xz": ["xz", "-0c"]}
for name, command in packed.items():
    with open(file("trace.txt." + name), "wb") as out:
        subprocess.run(command + [file("trace.txt")], stdout=out, check=True)

rows = []
for layout, name, column in (("trace", "trace.txt", "5"), ("trace-cmd report", "report.txt", "5" if has_flags else "4")):
    ours, script = best(5, [irqscope, "report", "--no-deep", file(name)],
                        ["mawk", "-v", "cpu=" + column, "-f", os.path.join(here, "pair.awk"), file(name)])
    size = os.path.getsize(file(name)) / 1e6
    rows.append((layout, size, ours, script))
sheet.say()
sheet.table(["%d events as text" % lines, "MB", "CPU s", "MB/s", "mawk that pairs, CPU s"],
            [[layout, f"{size:.0f}", f"{ours:.3f}", f"{size / ours:.0f}", f"{script:.3f}"]
             for layout, size, ours, script in rows])
alone, plain = {}, rows[0][2]
for name in packed:
    path = file("trace.txt." + name)
    alone[name] = best(5, [irqscope, "report", "--no-deep", path], [name, "-dc", path])
sheet.table(["packed", "MB", "CPU s", "unpacking alone, CPU s", "to that"],
            [[name, f"{os.path.getsize(file('trace.txt.' + name)) / 1e6:.0f}", f"{ours:.3f}", f"{unpack:.3f}",
              f"{ours / unpack:.2f}"] for name, (ours, unpack) in alone.items()])

with Allocations(irqscope) as allocations:
    counts = []
    for name in ("tenth.txt", "report.txt"):
        # Names of one length.
        os.replace(file(name), file("allocated"))
        counts.append(min(allocations.count("report", "--no-deep", "--storm-rate", "1000000000", "--filter", "^$", file("allocated"))
                          for _ in range(5)))
for layout, size, ours, script in rows:
    sheet.verdict(f"text: 500 MB/s or more, {layout}", size / ours >= 500, f"{size / ours:.0f} MB/s")
    sheet.verdict(f"text: not slower than mawk that only pairs, {layout}", ours <= script, f"{script / ours:.1f} times less")
for name, (ours, unpack) in alone.items():
    sheet.verdict(f"text packed with {name}: within 1.5 times of unpacking alone", ours <= 1.5 * unpack,
                  f"{ours / unpack:.2f} times")
sheet.verdict("text: allocations do not grow with the lines", counts[1] <= counts[0] * 1.02,
              f"{counts[0]:,} and {counts[1]:,} for {lines - LINES // 10:,} more lines")
if len(sys.argv) > 3:
    sheet.write(sys.argv[3])
sys.exit(1 if sheet.failed else 0)
