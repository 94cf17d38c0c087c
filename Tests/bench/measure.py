#!/usr/bin/env python3
"""The measuring part of bench.sh, which prepares the files.

  measure.py DIRECTORY [MARKDOWN]

Prints tables and a PASS or FAIL for each requirement, as Markdown into a file too. Each time is the least of several runs,
the commands taking turns; CPU time is user and system time of all threads.
"""
import datetime
import json
import os
import re
import subprocess
import sys

from allocations import Allocations
from processes import best, run
from results import Results

MIB = 1 << 20
work = sys.argv[1]
irqscope = os.environ["IRQSCOPE"]
sheet = Results()
say, table, verdict = sheet.say, sheet.table, sheet.verdict


def file(name):
    return os.path.join(work, name)


# --- the same numbers? ----------------------------------------------------------------------------

# The recording is of this machine since its start: its functions are where they were.
with open("/proc/kallsyms") as text:
    symbols = {int(words[0], 16): words[2] for words in map(str.split, text)}


def check(name):
    """Compares irqscope's JSON with what the C loop prints."""
    report = json.loads(subprocess.run([irqscope, "report", "-J", file(name)], capture_output=True, check=True).stdout)
    ours = {("events", ""): (report["events"]["total"],)}

    def add(kind, key, duration):
        if duration["count"] > 0:
            have = ours.get((kind, key))
            new = (duration["count"], duration["total_ns"], duration["min_ns"], duration["max_ns"])
            ours[kind, key] = new if have is None else (
                have[0] + new[0], have[1] + new[1], min(have[2], new[2]), max(have[3], new[3]))

    for row in report["irqs"]:
        add("irq", str(row["irq"]), row["duration"])
    for row in report["softirqs"]:
        add("softirq", str(row["vector"]), row["duration"])
        add("raise", str(row["vector"]), row["raise_latency"])
    for row in report["vectors"]:
        add("vector", row["vector"], row["duration"])
    for row in report["work"]:
        add("work", row["function"], row["duration"])
        add("queue", row["function"], row["queue_latency"])
    mine, different = ours, []
    for program in "pages", "pages-full":
        ours = {}
        text = subprocess.run([file(program), file(name)], capture_output=True, check=True, text=True).stdout
        for kind, key, *numbers in map(str.split, text.splitlines()):
            if kind == "events":
                ours["events", ""] = (int(key),)
            else:
                duration = dict(zip(("count", "total_ns", "min_ns", "max_ns"), map(int, numbers)))
                add(kind, symbols.get(int(key, 16), key) if kind in ("work", "queue") else key, duration)
        different += [key for key in ours.keys() | mine.keys() if ours.get(key) != mine.get(key)]
    return report, len(mine), different


cpu_model = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read())
report, rows, different = check("recording-v6.dat")
_, long_rows, long_different = check("long-v6.dat")
events = report["events"]["total"]
size = os.path.getsize(file("recording-v6.dat"))
say(f"# irqscope benchmark, {datetime.date.today()}")
say()
say(f"{cpu_model[1] if cpu_model else os.uname().machine}, {os.cpu_count()} cores, Linux {os.uname().release}; "
    f"a recording of {events:,} events, {size / MIB:.0f} MiB (zstd: {os.path.getsize(file('recording.dat')) / MIB:.0f} MiB).")
say()

# --- time -----------------------------------------------------------------------------------------

dump = subprocess.run(["trace-cmd", "dump", "--flyrecord", "-i", file("recording.dat")], capture_output=True, text=True)
offsets = re.findall(r"^ +\d+ (\d+)\t[1-9]", dump.stdout, re.M)
if not offsets:
    sys.exit("measure: trace-cmd dump does not tell where the CPUs' data are")
plain, packed, long = file("recording-v6.dat"), file("recording.dat"), file("long-v6.dat")
# The deep analysis of scheduler events, which no peer makes, is left out.
names = ["irqscope report", "irqscope report --jobs 1", "C loop (pages.c)", "irqscope report, zstd",
         "zstd decompression alone (unzstd.c)", "irqscope report, 10 times as long",
         "irqscope report --jobs 1, 10 times as long", "C loop, 10 times as long", "trace-cmd report --profile",
         "trace-cmd report", "trace-cmd report, 10 times as long"]
# The quick ones first, while the page cache is as bench.sh left it.
results = best(
    20, [irqscope, "report", "--no-deep", plain], [irqscope, "report", "--no-deep", "--jobs", "1", plain], [file("pages"), plain],
    [irqscope, "report", "--no-deep", packed], [file("unzstd"), packed] + offsets)
results += best(8, [irqscope, "report", "--no-deep", long], [irqscope, "report", "--no-deep", "--jobs", "1", long], [file("pages"), long])
results += best(3, ["trace-cmd", "report", "--profile", plain], ["trace-cmd", "report", plain])
results += best(1, ["trace-cmd", "report", long])
bases = [0] * 3 + [3] * 2 + [5] * 3 + [0] * 2 + [5]
table(["command", "wall s", "CPU s", "CPU to irqscope", "peak RSS MiB"],
      [[name, f"{wall:.3f}", f"{cpu:.3f}", f"{cpu / results[base][1]:.2f}", f"{rss:.0f}"]
       for name, base, (wall, cpu, rss, _, _) in zip(names, bases, results)])
say("Peak RSS counts the mapped pages of the file too; of what ends within a millisecond it may be missing.")
say()

# --- instructions ---------------------------------------------------------------------------------

def instructions(*command):
    """The instructions that a command takes: a number that the machine's other work does not change."""
    if command[0] == irqscope:
        # valgrind 3.19 gives up on the debugging information of a static executable.
        stripped = file("irqscope-stripped")
        subprocess.run(["strip", "-g", "-o", stripped, irqscope], check=True)
        command = (stripped, *command[1:])
    result = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command],
                            capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", result.stderr)
    if result.returncode != 0 or not found:
        sys.exit(f"measure: valgrind {' '.join(command)} failed: {result.stderr[-500:]}")
    return int(found[1])


counted = {
    names[1]: instructions(irqscope, "report", "--no-deep", "--jobs", "1", plain),
    "irqscope report --jobs 1 --json": instructions(irqscope, "report", "--no-deep", "--jobs", "1", "--json", plain),
    "irqscope report --jobs 1, with the deep analysis": instructions(irqscope, "report", "--jobs", "1", plain),
    names[2]: instructions(file("pages"), plain),
    "C loop that counts the same (pages.c, -DFULL)": instructions(file("pages-full"), plain),
}
table(["instructions (valgrind --tool=callgrind)", "all", "for each event"],
      [[name, f"{count:,}", f"{count / events:.1f}"] for name, count in counted.items()])
say("Both C loops pair hardirqs, softirqs, vectors and work items. The plain one counts and sums, with a bucket for each power "
    "of two; the other also has what each row of a report has: counts per CPU, time without what was nested, squares, 64 buckets "
    "a power of two, storms, unhandled interrupts, actions by name, and it checks the bounds of records. What irqscope takes "
    "more than that is: reading any layout of fields, pages and byte order (the C loop knows one), the time window and CPUs "
    "asked for, losses and spans cut by them, counts of events that nobody reads, by name, and its start and its text.")
say()

# --- allocations ----------------------------------------------------------------------------------

# Storms and rows are findings, and longer numbers take longer text: none is printed here. The names are of one length.
# Swift's hashing is seeded at random, and arrays take what room malloc happens to leave behind them, which threads
# disturb: so the seed is fixed, and the least of some runs counts.
recordings = {"recording": "alloc-01.dat", "tenfold": "alloc-10.dat"}
os.link(plain, file("alloc-01.dat"))
os.link(long, file("alloc-10.dat"))
counts = {}
with Allocations(irqscope) as allocations:
    for _ in range(7):
        for is_single in (True, False):
            for name in recordings:
                count = allocations.count("report", "--no-deep", "--storm-rate", "1000000000", "--filter", "^$",
                                          *["--jobs", "1"] * is_single, file(recordings[name]))
                counts[is_single, name] = min(count, counts.get((is_single, name), count))
table(["allocations of irqscope report", "recording", "10 times as long"],
      [[title, *(f"{counts[is_single, name]:,}" for name in recordings)]
       for title, is_single in (("--jobs 1", True), ("one thread for each core", False))])

# --- memory ---------------------------------------------------------------------------------------

big = file("big-v6.dat")
from_file = run([irqscope, "report", big])
cat = subprocess.Popen(["cat", big], stdout=subprocess.PIPE)
from_pipe = run([irqscope, "report"], stdin=cat.stdout, environment={"TMPDIR": work})
cat.stdout.close()
cat.wait()
table([f"memory, {os.path.getsize(big) / (1 << 30):.2f} GiB", "wall s", "CPU s", "peak RSS MiB", "without file pages MiB"],
      [[name, f"{wall:.2f}", f"{cpu:.2f}", f"{rss:.1f}", f"{anonymous:.1f}"]
       for name, (wall, cpu, rss, anonymous, _) in (("irqscope report FILE", from_file), ("cat FILE \\| irqscope report", from_pipe))])

# --- verdicts -------------------------------------------------------------------------------------

cpu = [result[1] for result in results]
verdict("at least 3 M events", events >= 3_000_000, f"{events:,}")
verdict("the same numbers as the C loop", not different and not long_different,
        f"{rows} and {long_rows} rows, {len(different)} and {len(long_different)} differ")
for single, title in ((True, "--jobs 1"), (False, "one thread for each core")):
    short, tenfold = counts[single, "recording"], counts[single, "tenfold"]
    verdict(f"allocations do not grow with the events ({title})", short == tenfold,
            f"{short:,} and {tenfold:,} for {9 * events:,} more events")
verdict("20 times less CPU than trace-cmd report --profile", cpu[8] >= 20 * cpu[0], f"{cpu[8] / cpu[0]:.1f} times")
verdict("150 times less CPU than trace-cmd report", cpu[9] >= 150 * cpu[0],
        f"{cpu[9] / cpu[0]:.1f} times; on the long recording {cpu[10] / cpu[5]:.1f}")
single, whole = counted[names[1]], list(counted.values())[4]
verdict("at most 2 times the instructions of the C loop that counts the same", single <= 2 * whole,
        f"{single / whole:.2f} times; {single / counted[names[2]]:.2f} of the plain one's")
verdict("within 2 times of the C loop", cpu[0] <= 2 * cpu[2], f"{cpu[0] / cpu[2]:.2f} times")
verdict("zstd within 1.5 times of decompression alone", cpu[3] <= 1.5 * cpu[4], f"{cpu[3] / cpu[4]:.2f} times")
if os.cpu_count() > 1:
    verdict("CPUs are decoded in parallel", results[5][0] < 0.75 * results[6][0],
            f"{results[6][0] / results[5][0]:.2f} times as fast as --jobs 1 on the long recording")
for name, result in (("file", from_file), ("pipe", from_pipe)):
    verdict(f"less than 64 MiB for 1 GiB from a {name}", max(result[2], result[3]) < 64 and os.path.getsize(big) >= 1 << 30,
            f"{result[2]:.1f} MiB, file pages counted in")
if len(sys.argv) > 2:
    sheet.write(sys.argv[2])
sys.exit(1 if sheet.failed else 0)
