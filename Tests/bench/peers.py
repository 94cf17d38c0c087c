#!/usr/bin/env python3
"""Each command beside what a user would take instead: peers.py IRQSCOPE [MARKDOWN]

CPU (user and system, with the start), wall time, peak memory and bytes written; what a program takes on disk; and what each
cannot tell. Needs root, perf, trace-cmd, bpftrace, lsirq, irqtop, mpstat and tuna (`make bench-tools`) and two minutes. What it
records and writes is in a directory of its own. `top` and `record` beside others, for longer, are parts of live.py.
"""
import datetime
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from processes import best, run
from results import Results

HISTOGRAM = """
tracepoint:irq:irq_handler_entry { @start[cpu] = nsecs; }
tracepoint:irq:irq_handler_exit /@start[cpu]/ { @irq[args->irq] = hist(nsecs - @start[cpu]); delete(@start[cpu]); }
tracepoint:irq:softirq_entry { @entry[cpu] = nsecs; }
tracepoint:irq:softirq_exit /@entry[cpu]/ { @softirq[args->vec] = hist(nsecs - @entry[cpu]); delete(@entry[cpu]); }
interval:s:1 { exit(); }
"""

# What a question needs, and who answers it. A cell is "yes", "no", or what is missing.
QUESTIONS = ["rates by CPU", "handler durations", "their percentiles", "raise latency", "who waited for a thread, and why",
             "the mask against delivery", "device, driver, node", "losses told", "what to do"]
ANSWERS = {
    "irqscope": ["yes"] * 9,
    "irqtop (Ruby; util-linux)": ["one of both", "no", "no", "no", "no", "no", "no", "no", "no"],
    "lsirq": ["sums", "no", "no", "no", "no", "no", "name only", "no", "no"],
    "mpstat -I ALL": ["yes", "no", "no", "no", "no", "no", "no", "no", "no"],
    "bpftrace, a program of one's own": ["yes", "yes", "powers of two", "if written", "if written", "no", "no", "yes", "no"],
    "perf kwork report": ["runs by CPU", "sum, maximum", "no", "latency, other run", "no", "no", "name only", "yes", "no"],
    "perf script": ["lines", "lines", "no", "lines", "lines", "no", "name only", "yes", "no"],
    "perf sched timehist": ["no", "no", "no", "no", "delay, no reason", "no", "no", "yes", "no"],
    "trace-cmd report": ["lines", "lines", "no", "lines", "lines", "no", "name only", "yes", "no"],
    "trace-cmd report --profile": ["no", "sum, extremes", "no", "no", "stacks", "no", "no", "no", "no"],
    "tuna": ["no", "no", "no", "no", "no", "mask only", "driver", "no", "moves it"],
    "irqbalance": ["no", "no", "no", "no", "no", "sets it", "node", "no", "moves it"],
}


def installed(package):
    """The kB on disk of a package with what it depends on, but for what libc6 and the shell's tools need."""
    def closure(names):
        words = ["apt-cache", "depends", "--recurse", "--installed", "--no-recommends", "--no-suggests", "--no-conflicts",
                 "--no-breaks", "--no-replaces", "--no-enhances", *names]
        text = subprocess.run(words, capture_output=True, text=True).stdout
        return {line.split(":")[0] for line in text.splitlines() if line and line[0] not in " <|"}

    found = closure([package]) - closure(["libc6", "dpkg", "coreutils"])
    if not found:
        return None
    text = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status} ${Installed-Size}\n", *sorted(found)],
                          capture_output=True, text=True).stdout
    return sum(int(words[1]) for words in map(str.split, text.splitlines()) if words[0] == "installed" and len(words) == 2)


class Bench:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.sheet = Results()
        self.output = folder / "output"

    def compare(self, title, ways, times=5, **options):
        """A table: the first way is ours, and the others' CPU is told by its."""
        costs = best(times, *ways.values(), output=self.output, **options)
        ours = costs[0].cpu
        self.sheet.table([title, "CPU ms", "CPU to irqscope", "wall ms", "peak RSS MiB", "bytes written"],
                         [[name, f"{cost.cpu * 1e3:.1f}", f"{cost.cpu / max(ours, 1e-4):.2f}", f"{cost.wall * 1e3:.1f}",
                           f"{cost.rss:.1f}", f"{cost.size:,}"] for name, cost in zip(ways, costs)])
        return dict(zip(ways, costs))

    def record(self):
        """One perf.data and one trace.dat of the same events, while the disk is read."""
        scratch, self.data, self.trace = (self.folder / name for name in ("scratch", "perf.data", "trace.dat"))
        scratch.write_bytes(os.urandom(64 << 20))
        load = f"for i in 1 2 3 4 5 6 7 8; do dd if={scratch} of=/dev/null iflag=direct bs=4k status=none; done"
        events = "irq:*,sched:sched_switch,sched:sched_wakeup,sched:sched_waking,sched:sched_wakeup_new"
        run(["perf", "record", "-q", "-a", "-m", "8M", "-e", events, "-o", self.data, "--", "sh", "-c", load])
        subprocess.run([HERE / "make-recording.sh", self.trace, "1500000"], check=True, stdout=subprocess.DEVNULL)

    def all(self):
        perf, irqscope, data = "perf", self.binary, self.data
        say = self.sheet.say
        self.compare("starting, and telling the version", {
            "irqscope --version": [irqscope, "--version"], "lsirq --version": ["lsirq", "--version"],
            "mpstat -V": ["mpstat", "-V"], "trace-cmd --version": ["trace-cmd", "--version"],
            "perf --version": [perf, "--version"], "bpftrace --version": ["bpftrace", "--version"],
            "tuna --version": ["tuna", "--version"]}, times=10, allow=(0, 1, 129, 255))
        self.compare("counts since boot", {
            "irqscope list": [irqscope, "list"], "irqscope list --format json": [irqscope, "list", "--format", "json"],
            "lsirq": ["lsirq"], "lsirq --json": ["lsirq", "--json"], "cat /proc/interrupts": ["cat", "/proc/interrupts"]}, times=10)
        self.compare("masks", {
            "irqscope affinity show": [irqscope, "affinity", "show"], "tuna --show_irqs": ["tuna", "--show_irqs"]})
        # Of those with a screen for each second: live.py has them for longer, and beside each other.
        self.compare("counts of 5 s, each second", {
            "irqscope top -b --no-trace": [irqscope, "top", "-b", "--no-trace", "-n", "5"],
            "irqscope top -b": [irqscope, "top", "-b", "-n", "5"],
            "mpstat -I ALL 1": ["mpstat", "-I", "ALL", "1", "5"]}, times=1)
        self.compare("irqscope sample --duration 1s and the like", {
            "irqscope sample": [irqscope, "sample", "--state", self.folder / "state"],
            "bpftrace, histograms": ["bpftrace", "-e", HISTOGRAM],
            "perf kwork record": [perf, "kwork", "record", "-o", self.folder / "kwork.data", "--", "sleep", "1"]}, times=3)
        dat = self.compare(f"trace.dat, {self.trace.stat().st_size / 1e6:.1f} MB", {
            "irqscope report --no-deep": [irqscope, "report", "--no-deep", self.trace],
            "irqscope report": [irqscope, "report", self.trace],
            "irqscope report --format html": [irqscope, "report", "--format", "html", self.trace],
            "trace-cmd report": ["trace-cmd", "report", self.trace],
            "trace-cmd report --profile": ["trace-cmd", "report", "--profile", self.trace]}, times=3)
        deep = self.compare(f"perf.data, {data.stat().st_size / 1e6:.1f} MB", {
            "irqscope report": [irqscope, "report", data],
            "irqscope report --no-deep": [irqscope, "report", "--no-deep", data],
            "perf kwork report": [perf, "kwork", "report", "-i", data],
            "perf kwork report -k softirq": [perf, "kwork", "report", "-k", "softirq", "-i", data],
            "perf sched timehist": [perf, "sched", "timehist", "-i", data],
            "perf script": [perf, "script", "-i", data]}, times=3)
        self.compare("its spans for other programs", {
            "irqscope export --format jsonl": [irqscope, "export", "--format", "jsonl", data],
            "irqscope export --format csv": [irqscope, "export", "--format", "csv", data],
            "perf script, to a file": [perf, "script", "-i", data]}, times=2)
        sizes = {"irqscope, stripped": os.path.getsize(self.stripped()) // 1000}
        for package in ("trace-cmd", "linux-perf", "bpftrace", "sysstat", "util-linux-extra", "irqtop", "tuna"):
            sizes[package] = installed(package)
        self.sheet.table(["on disk, with what it depends on", "kB"],
                         [[name, f"{size:,}" if size else "not installed"] for name, size in sizes.items()])
        say("What each can tell of a recording or a running box:")
        say()
        self.sheet.table(["", *QUESTIONS], [[name, *cells] for name, cells in ANSWERS.items()])
        judge = self.sheet.verdict
        for title, costs in (("report", dat), ("deep report", deep)):
            ours = costs["irqscope report"].cpu
            for name, cost in costs.items():
                if not name.startswith("irqscope"):
                    judge(f"{title}: no more CPU than {name}", ours <= cost.cpu, f"{cost.cpu / ours:.1f} times less")

    def stripped(self):
        path = self.folder / "stripped"
        subprocess.run(["strip", "-o", path, self.binary], check=True)
        return path


def main():
    binary = os.path.abspath(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp"), prefix="irqscope-peers.") as name:
        bench = Bench(binary, pathlib.Path(name))
        bench.sheet.say(f"# irqscope beside its peers, {datetime.date.today()}")
        bench.sheet.say()
        bench.sheet.say(f"{os.cpu_count()} cores, Linux {os.uname().release}. Times are the least of some runs in turn, memory the most.")
        bench.sheet.say()
        bench.record()
        bench.all()
    if len(sys.argv) > 2:
        bench.sheet.write(sys.argv[2])
    sys.exit(1 if bench.sheet.failed else 0)


if __name__ == "__main__":
    main()
