#!/usr/bin/env python3
"""The measuring part of live.sh, which prepares the files: live.py DIRECTORY PARTS [MARKDOWN].

Prints tables and a PASS or FAIL for each requirement, as Markdown into a file too. CPU is user and system time of all
threads, as the kernel accounts it when a process ends, so starting and ending are part of it. Memory is VmHWM.
"""
import contextlib
import datetime
import fcntl
import json
import os
import pty
import re
import select
import signal
import statistics
import struct
import subprocess
import sys
import termios
import threading
import time

from allocations import Allocations
from results import Results

MIB = 1 << 20
work, parts = sys.argv[1], sys.argv[2].split(",")
irqscope = os.environ["IRQSCOPE"]
tracing = next((p for p in ("/sys/kernel/tracing", "/sys/kernel/debug/tracing") if os.path.isdir(p + "/events")),
               "/sys/kernel/tracing")
sheet = Results()
say, table, verdict = sheet.say, sheet.table, sheet.verdict


def file(name):
    return os.path.join(work, name)


def note(text):
    print("live: " + text, file=sys.stderr, flush=True)


def median(values):
    return statistics.median(values)


def spread(values, form):
    """The median, and the least and the most if they differ."""
    text = form.format(median(values))
    low, high = form.format(min(values)), form.format(max(values))
    return text if low == high else f"{text} ({low} to {high})"


# --- processes ------------------------------------------------------------------------------------

class Run:
    """A process from its start to its end; `end` fills in what it cost."""
    everybody = []

    def __init__(self, command, screen=False, environment=None):
        self.command, self.output, self.chunks = command, b"", []
        environment = dict(os.environ, **(environment or {}))
        sides = pty.openpty() if screen else None
        self.errors = open(file("errors"), "w+b", buffering=0) if not screen else None
        if screen:
            environment.update(TERM="xterm-256color", LC_ALL="C.UTF-8")
            fcntl.ioctl(sides[1], termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
            self.begin = time.monotonic()
            self.process = subprocess.Popen(command, stdin=sides[1], stdout=sides[1], stderr=sides[1],
                                            env=environment, start_new_session=True)
            os.close(sides[1])
            self.reader = threading.Thread(target=self.read, args=(sides[0],))
        else:
            os.remove(file("errors"))
            self.begin = time.monotonic()
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                            stderr=self.errors, env=environment)
            self.reader = threading.Thread(target=self.read, args=(self.process.stdout.fileno(),))
        self.reader.start()
        Run.everybody.append(self)

    def read(self, descriptor):
        """Keeps what the process writes, and when."""
        while True:
            try:
                chunk = os.read(descriptor, 65536)
            except OSError:
                break
            if not chunk:
                break
            self.chunks.append((time.monotonic() - self.begin, chunk))

    def memory(self):
        """VmHWM and VmRSS in MiB."""
        with open(f"/proc/{self.process.pid}/status") as status:
            text = status.read()
        return tuple(int(re.search(rf"^{name}:\s+(\d+)", text, re.M)[1]) / 1024 for name in ("VmHWM", "VmRSS"))

    def cpu(self):
        """Seconds of all threads so far."""
        total = 0
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            with contextlib.suppress(OSError), open(f"/proc/{self.process.pid}/task/{thread}/schedstat") as text:
                total += int(text.read().split()[0])
        return total / 1e9

    def end(self, number=None, key=None, allow=(0,)):
        """Waits, after a signal if one is given."""
        if number is not None:
            if self.process.poll() is not None:
                text = b"".join(chunk for _, chunk in self.chunks)[-2000:].decode(errors="replace")
                sys.exit(f"live: {' '.join(self.command)} ended early: {text}")
            self.peak, self.resident = self.memory()
            self.process.send_signal(number)
            killer = threading.Timer(20, self.process.kill)
            killer.start()
        _, status, usage = os.wait4(self.process.pid, 0)
        if number is not None:
            killer.cancel()
        Run.everybody.remove(self)
        self.wall = time.monotonic() - self.begin
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.seconds = usage.ru_utime + usage.ru_stime
        self.reader.join()
        self.output = b"".join(chunk for _, chunk in self.chunks)
        self.message = ""
        if self.errors:
            self.errors.seek(0)
            self.message = self.errors.read().decode(errors="replace")
            self.errors.close()
        if self.process.returncode not in allow and self.process.returncode != -(number or 0):
            text = self.message or self.output[-2000:].decode(errors="replace")
            sys.exit(f"live: {' '.join(self.command)} failed with {self.process.returncode}: {text}")
        return self


class Load:
    """Interrupts as many as the machine has; see load.py."""

    def __init__(self, *options):
        self.options = options

    def __enter__(self):
        here = os.path.dirname(os.path.abspath(__file__))
        self.process = subprocess.Popen([sys.executable, os.path.join(here, "load.py"), file("scratch"), *self.options])
        time.sleep(2)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        time.sleep(0.5)


def interrupts():
    """All interrupts so far: the sum that /proc/stat has of them, and of those that have a number and handlers."""
    with open("/proc/stat") as text:
        total = int(re.search(r"^intr (\d+)", text.read(), re.M)[1])
    devices = 0
    with open("/proc/interrupts") as text:
        cpus = len(text.readline().split())
        for words in map(str.split, text):
            if words[0][:-1].isdigit():
                devices += sum(map(int, words[1:1 + cpus]))
    return total, devices


def tracefs():
    """What must be as before: the events of the top level, and whether BPF programs are timed."""
    state = {}
    for name in ("events/enable", "tracing_on", "current_tracer", "trace_clock"):
        with contextlib.suppress(OSError), open(f"{tracing}/{name}") as text:
            state[name] = text.read()
    return state


def instances_of(pids):
    with contextlib.suppress(OSError):
        return [name for name in os.listdir(f"{tracing}/instances")
                if re.match(r"irqscope-(\d+)-", name) and int(name.split("-")[1]) in pids]
    return []


pids = set()


def top(*options, screen=True, program=None):
    run = Run([program or irqscope, "top", *options], screen=screen)
    pids.add(run.process.pid)
    return run


# --- parts ----------------------------------------------------------------------------------------

def part_proc():
    with open(file("proc")) as text:
        found = [line.strip() for line in text]
    say("Reading /proc (proc.sh):")
    say()
    for line in found:
        mark, _, rest = line.partition(" ")
        if mark in ("PASS", "FAIL"):
            what, _, measured = rest.rpartition(": ")
            verdict(what, mark == "PASS", measured)
        elif line.startswith(("parse", "C loop")) or " GB/s" in line or "a sample" in line:
            say("    " + line)
    say()


def part_allocations():
    """How many from one moment to another in the middle of a run; all at once, for these are counts."""
    kinds = {"batch text": (False, ["-b", "--no-trace"]), "batch text, tracing": (False, ["-b"]),
             "full screen": (True, ["--no-trace"]), "full screen, tracing": (True, [])}
    first, last, rounds, counts = 2, 8, 3, {}
    for load in ("no load", "direct reads and floods"):
        with Load() if load != "no load" else contextlib.nullcontext(), Allocations(irqscope) as allocations:
            for _ in range(rounds):
                begun = time.monotonic()
                runs = [top(*options, "-d", "0.1", "-n", str((last + 1) * 10), screen=screen, program=allocations.copy)
                        for screen, options in kinds.values()]
                time.sleep(begun + first - time.monotonic())
                counters = [allocations.watch(run.process.pid, last - first) for run in runs]
                for kind, counter in zip(kinds, counters):
                    counts.setdefault((kind, load), []).append(counter())
                for run in runs:
                    run.end()
    intervals = (last - first) * 10
    rows = []
    for (kind, load), found in sorted(counts.items()):
        rows.append([f"{kind}, {load}", " ".join(map(str, found)), f"{median(found) / intervals:.2f}"])
        verdict(f"no allocation per interval: {kind}, {load}", median(found) == 0, f"{max(found)} at most in {intervals} intervals")
    table(["allocations of irqscope top, 3 runs", f"{intervals} intervals", "per interval"], rows)


def part_top():
    seconds = 30
    runs = {"top --no-trace": top("--no-trace"), "top": top()}
    time.sleep(seconds)
    for run in runs.values():
        run.end(signal.SIGINT)
    table([f"full screen, 120x40, {seconds} s, no load", "CPU s", "% of a core", "peak RSS MiB"],
          [[name, f"{run.seconds:.3f}", f"{100 * run.seconds / run.wall:.2f}", f"{run.peak:.1f}"]
           for name, run in runs.items()])
    plain = runs["top --no-trace"]
    share = 100 * plain.seconds / plain.wall
    verdict("top --no-trace takes less than 0.5 % of a core", share < 0.5, f"{share:.2f} % (with its start)")
    verdict("top --no-trace stays below 20 MiB", plain.peak < 20, f"{plain.peak:.1f} MiB")

    times = {"top": [], "top --no-trace": []}
    for _ in range(10):
        for name, options in (("top", []), ("top --no-trace", ["--no-trace"])):
            run = top(*options)
            time.sleep(0.4)
            run.end(signal.SIGINT)
            # The first frame is all that comes before the first pause.
            last, text = 0, b""
            for when, chunk in run.chunks:
                if text and when - last > 0.05:
                    break
                last, text = when, text + chunk
            if b"LOC" not in text or b"virtio" not in text and b"NET_RX" not in text and b"timer" not in text:
                sys.exit("live: the first frame of top is not what was expected")
            times[name].append(last * 1000)
            time.sleep(0.1)
    table(["first whole screen after the start", "least ms", "median ms", "most ms"],
          [[name, f"{min(t):.1f}", f"{median(t):.1f}", f"{max(t):.1f}"] for name, t in times.items()])
    for name, found in times.items():
        verdict(f"first screen of {name} within 100 ms", median(found) < 100, f"{median(found):.1f} ms, most {max(found):.1f}")


def part_peers():
    seconds = 20
    runs = [("irqscope top", top()), ("irqscope top --no-trace", top("--no-trace")),
            ("irqscope top -b --no-trace", top("-b", "--no-trace", screen=False))]
    version = subprocess.run(["irqtop", "--version"], capture_output=True, text=True).stdout
    kind = "util-linux" if "util-linux" in version else "ruby"
    runs.append((f"irqtop ({kind})", Run(["irqtop"] + ([] if kind == "util-linux" else ["-d", "1"]), screen=True)))
    runs.append(("mpstat -I ALL 1", Run(["mpstat", "-I", "ALL", "1"])))
    time.sleep(seconds)
    for name, run in runs:
        run.end(signal.SIGINT, allow=(0, 1, 130))
    base = runs[1][1].seconds
    table([f"side by side, the same {seconds} s", "CPU s", "CPU to top --no-trace", "peak RSS MiB"],
          [[name, f"{run.seconds:.3f}", f"{run.seconds / base:.2f}", f"{run.peak:.1f}"] for name, run in runs])
    if kind != "util-linux":
        say("util-linux's irqtop is not in this machine's packages.")
        say()


def record(name, seconds, *options):
    target = file(name)
    run = Run([irqscope, "record", "-o", target, "--duration", f"{seconds}s", *options])
    pids.add(run.process.pid)
    before = interrupts()
    run.end()
    run.rates = [(b - a) / run.wall for a, b in zip(before, interrupts())]
    run.size = os.path.getsize(target)
    report = subprocess.run([irqscope, "report", "-J", target], capture_output=True, check=True, text=True)
    run.report = json.loads(report.stdout)
    run.events = run.report["events"]["total"]
    return run


def part_record():
    rows, lost, rates = [], [], []
    for turn in range(3):
        run = record("record.dat", 10, "--events", "irq,softirq,irq_vectors")
        events = run.report["events"]
        lost.append((events.get("lost"), "none lost" in run.message))
        rates.append(run.rates)
        rows.append([f"record, irq, softirq, irq_vectors, run {turn + 1}", f"{run.events / 10:,.0f}", f"{run.rates[0]:,.0f}",
                     f"{run.rates[1]:,.0f}", str(events.get("lost")), f"{100 * run.seconds / run.wall:.1f}"])
    table(["10 s at default settings", "events/s", "interrupts/s", "of devices", "lost", "CPU %"], rows)
    verdict("record loses nothing", all(count == 0 and is_told for count, is_told in lost),
            ", ".join(f"{count} in report, {'none' if is_told else 'some'} in the message" for count, is_told in lost))


def perf(seconds):
    target = file("perf.data")
    run = Run(["perf", "record", "-e", "irq:*", "-a", "-o", target, "--", "sleep", str(seconds)]).end()
    run.size = os.path.getsize(target)
    text = subprocess.run(["perf", "report", "--stats", "-i", target], capture_output=True, text=True).stdout
    run.events = int(re.search(r"SAMPLE events:\s+(\d+)", text)[1])
    return run


def part_perf():
    seconds, rounds = 5, 3
    attempt = subprocess.run(["trace-cmd", "record", "-e", "irq", "-o", file("trace-cmd.dat"), "sleep", "1"],
                             capture_output=True, text=True)
    can_trace = attempt.returncode == 0
    results = {"irqscope record --events irq": [], "irqscope record (irq, softirq)": [], "perf record -e 'irq:*' -a": []}
    if can_trace:
        results["trace-cmd record -e irq"] = []
    for _ in range(rounds):
        results["irqscope record --events irq"].append(record("handlers.dat", seconds, "--events", "irq"))
        results["irqscope record (irq, softirq)"].append(record("both.dat", seconds))
        results["perf record -e 'irq:*' -a"].append(perf(seconds))
        if can_trace:
            target = file("trace-cmd.dat")
            run = Run(["trace-cmd", "record", "-e", "irq", "-o", target, "sleep", str(seconds)]).end()
            run.size = os.path.getsize(target)
            run.events = json.loads(subprocess.run([irqscope, "report", "-J", target], capture_output=True,
                                                   check=True).stdout)["events"]["total"]
            results["trace-cmd record -e irq"].append(run)
    table([f"windows of {seconds} s in turn, {rounds} each", "CPU s", "events", "CPU ns/event", "bytes/event"],
          [[name, spread([run.seconds for run in runs], "{:.3f}"), f"{median([run.events for run in runs]):,.0f}",
            f"{median([run.seconds / run.events * 1e9 for run in runs]):.0f}",
            f"{median([run.size / run.events for run in runs]):.1f}"] for name, runs in results.items()])
    if not can_trace:
        reason = (attempt.stderr.strip().splitlines() or ["without a word"])[-1].strip()
        say(f"trace-cmd record is refused on this machine: {reason}. perf's event group has tasklets besides.")
        say()
    for peer in list(results)[2:]:
        for ours in list(results)[:2]:
            cpu = [median([run.seconds for run in results[name]]) for name in (ours, peer)]
            size = [median([run.size / run.events for run in results[name]]) for name in (ours, peer)]
            verdict(f"CPU of {ours} at most that of {peer}", cpu[0] <= cpu[1], f"{cpu[0] / cpu[1]:.2f} times")
            verdict(f"file of {ours} no larger than that of {peer}", size[0] <= size[1],
                    f"{size[0]:.1f} and {size[1]:.1f} bytes an event")


PROGRAM = """
tracepoint:irq:irq_handler_entry { @start[cpu] = nsecs; }
tracepoint:irq:irq_handler_exit /@start[cpu]/ { @ns[args->irq] = hist(nsecs - @start[cpu]); delete(@start[cpu]); }
"""


# The same with as little as possible between its two looks at the clock.
LEAN_PROGRAM = """
tracepoint:irq:irq_handler_entry { @start[cpu] = nsecs; }
tracepoint:irq:irq_handler_exit { $now = nsecs; $start = @start[cpu]; if ($start > 0) { @ns[args->irq] = stats($now - $start); }
    delete(@start[cpu]); }
"""


def bpftrace(program):
    run = Run(["bpftrace", "-e", program])
    while run.process.poll() is None and b"Attaching" not in b"".join(chunk for _, chunk in run.chunks):
        time.sleep(0.01)
    # It says so before it does.
    time.sleep(0.5)
    return run


def part_bpftrace():
    seconds, rounds = 20, 2
    makers = {
        "irqscope top": lambda: top(),
        "irqscope top --events irq": lambda: top("--events", "irq"),
        "bpftrace, a histogram per IRQ": lambda: bpftrace(PROGRAM),
    }
    results = {name: [] for name in makers}
    for _ in range(rounds):
        for name, make in makers.items():
            run = make()
            time.sleep(seconds - 15)
            warm, before = run.cpu(), time.monotonic()
            device = interrupts()[1]
            time.sleep(15)
            run.steady = (run.cpu() - warm) / (time.monotonic() - before)
            run.rate = (interrupts()[1] - device) / (time.monotonic() - before)
            results[name].append(run.end(signal.SIGINT, allow=(0, 130)))
    table([f"windows of {seconds} s in turn, {rounds} each", "CPU s", "of it % of a core once started",
           "device interrupts/s", "peak RSS MiB"],
          [[name, spread([run.seconds for run in runs], "{:.3f}"),
            spread([100 * run.steady for run in runs], "{:.2f}"), f"{median([run.rate for run in runs]):,.0f}",
            f"{max(run.peak for run in runs):.1f}"] for name, runs in results.items()])
    say("The programs that bpftrace loads run as part of the interrupt, as the kernel's writing of trace events does: neither is "
        "anybody's CPU time here.")
    say()
    names = list(makers)
    for ours in names[:2]:
        cpu = [median([run.seconds for run in results[name]]) for name in (ours, names[2])]
        verdict(f"CPU of {ours} at most that of {names[2]}, over {seconds} s", cpu[0] <= cpu[1],
                f"{cpu[0]:.3f} and {cpu[1]:.3f} s, {cpu[0] / cpu[1]:.2f} times")
    peak = [max(run.peak for run in results[name]) for name in (names[0], names[2])]
    verdict("memory of top at most a quarter of bpftrace's", peak[0] <= peak[1] / 4, f"{peak[0]:.1f} and {peak[1]:.1f} MiB")
    verdict("memory of top at most a quarter of 100 MiB", peak[0] <= 25, f"{peak[0]:.1f} MiB")


def handlers_of_top(run):
    """[ns, calls] by IRQ."""
    sums = {}
    for line in run.output.splitlines():
        for row in json.loads(line)["interrupts"]:
            if row.get("handler"):
                entry = sums.setdefault(row["irq"], [0, 0])
                entry[0] += row["handler"]["total_ns"]
                entry[1] += row["handler"]["calls"]
    return sums


def handlers_of_report(report):
    durations = {}
    for row in report["irqs"]:
        entry = durations.setdefault(row["irq"], [0, 0])
        entry[0] += row["duration"]["total_ns"]
        entry[1] += row["duration"]["count"]
    return durations


def handlers_of_bpftrace(run):
    return {int(irq): [int(total), int(count)] for irq, count, total in
            re.findall(r"@ns\[(\d+)\]: count (\d+), average \d+, total (\d+)", run.output.decode())}


def disk_line():
    """The interrupt that came most often since boot, and the CPU that serves it."""
    with open("/proc/interrupts") as text:
        cpus = [int(name[3:]) for name in text.readline().split()]
        rows = [words for words in map(str.split, text) if words[0][:-1].isdigit()]
    counts = {int(words[0][:-1]): list(map(int, words[1:1 + len(cpus)])) for words in rows}
    irq = max(counts, key=lambda irq: sum(counts[irq]))
    with contextlib.suppress(OSError, ValueError), open(f"/proc/irq/{irq}/effective_affinity_list") as text:
        return irq, int(re.match(r"\d+", text.read())[0])
    return irq, cpus[counts[irq].index(max(counts[irq]))]


def watch_at_once(names, seconds):
    """What the tools of `names` see of the same handlers: the load begins after all of them and ends before.

    bpftrace comes last, so that what its program does at the end of a handler is in nobody's number.
    """
    found, runs = {}, {}
    if "top" in names:
        runs["top"] = top("-b", "--format", "json", "-d", "0.5", screen=False)
    if "record" in names:
        runs["record"] = Run([irqscope, "record", "-o", file("means.dat")])
        pids.add(runs["record"].process.pid)
    time.sleep(0.7)
    if "bpftrace" in names:
        runs["bpftrace"] = bpftrace(LEAN_PROGRAM)
    with Load(str(disk_line()[1])):
        time.sleep(seconds)
    time.sleep(0.6)
    if "bpftrace" in names:
        found["bpftrace"] = handlers_of_bpftrace(runs["bpftrace"].end(signal.SIGINT))
    if "record" in names:
        runs["record"].end(signal.SIGINT)
        report = subprocess.run([irqscope, "report", "-J", file("means.dat")], capture_output=True, check=True).stdout
        found["record"] = handlers_of_report(json.loads(report))
    if "top" in names:
        found["top"] = handlers_of_top(runs["top"].end(signal.SIGINT))
    return found


def program_time(seconds):
    """What bpftrace's program at the entry of a handler takes, in ns a call, as the kernel measures it."""
    path = "/proc/sys/kernel/bpf_stats_enabled"
    with open(path) as text:
        before = text.read()
    try:
        with open(path, "w") as out:
            out.write("1")
        run = bpftrace(LEAN_PROGRAM)
        with Load(str(disk_line()[1])):
            time.sleep(seconds)
            listed = json.loads(subprocess.run(["bpftool", "prog", "show", "-j"], capture_output=True, check=True).stdout)
        run.end(signal.SIGINT)
    finally:
        with open(path, "w") as out:
            out.write(before)
    # The kernel cuts names after 15 characters.
    programs = [entry for entry in listed if entry.get("name") == "irq_handler_ent" and entry.get("run_cnt")]
    return sum(entry["run_time_ns"] for entry in programs) / sum(entry["run_cnt"] for entry in programs)


def part_means():
    """How far the tools agree on what a handler takes, and what they add to it themselves."""
    seconds, rounds = 1, 9
    groups = [("top",), ("record",), ("bpftrace",), ("top", "record"), ("record", "bpftrace")]
    irq = disk_line()[0]
    means, calls, own = {}, {}, []
    for _ in range(rounds):
        for group in groups:
            for name, handlers in watch_at_once(group, seconds).items():
                means.setdefault((group, name), []).append(handlers[irq][0] / handlers[irq][1])
                calls[group, name] = calls.get((group, name), 0) + handlers[irq][1]
        own.append(program_time(seconds))
    rows = []
    for group, name in means:
        other = " beside " + [n for n in group if n != name][0] if len(group) > 1 else " alone"
        rows.append([name + other, f"{calls[group, name]:,}", spread(means[group, name], "{:,.0f}")])
    rows.append(["bpftrace's own program at the entry", "", spread(own, "{:,.0f}")])
    table([f"handlers of IRQ {irq}, {rounds} times {seconds} s or more in turn", "calls", "mean ns"], rows)
    say("The load begins after the tools and ends before them. bpftrace reads the clock at the head of its program and then "
        "updates a map: what the program takes (kernel.bpf_stats_enabled, which adds some 150 ns) is in the durations that it "
        "prints, with what perf prepares for it, and in those of anybody beside it.")
    say()
    # Round by round: the machine is not the same for minutes.
    top_, record_, bpftrace_ = (means[(name,), name] for name in ("top", "record", "bpftrace"))

    def apart(left, right):
        return 100 * (median([a / b for a, b in zip(left, right)]) - 1)

    for other in ("top", "bpftrace"):
        group = ("record", "bpftrace") if other == "bpftrace" else ("top", "record")
        say(f"For record a handler takes {apart(means[group, 'record'], record_):+.0f} % while {other} is there too.")
    say("That much of a trace's own work at the entry is in the numbers of others; a part of it is in its own.")
    say()
    for name, found in (("top", top_), ("bpftrace", bpftrace_)):
        figure = apart(found, record_)
        verdict(f"{name} sees the same mean duration as record within 5 %", abs(figure) <= 5, f"{figure:+.1f} %")


# --- all ------------------------------------------------------------------------------------------

def stop(*_):
    sys.exit(143)


for number in (signal.SIGTERM, signal.SIGINT):  # SIGINT also so that it is not ignored in what we start
    signal.signal(number, stop)
cpu_model = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read())
before = tracefs()
try:
    say(f"# irqscope live benchmark, {datetime.date.today()}")
    say()
    say(f"{cpu_model[1] if cpu_model else os.uname().machine}, {os.cpu_count()} cores, Linux {os.uname().release}. "
        "CPU is user and system time of the process, its start and end included; medians, and the least and most in brackets.")
    say()
    loaded = ("record", "perf", "bpftrace")
    for part in ("proc", "allocations", "top", "peers"):
        if part in parts:
            note(part)
            globals()["part_" + part]()
    if set(loaded) & set(parts):
        with Load():
            for part in loaded:
                if part in parts:
                    note(part)
                    globals()["part_" + part]()
    if "means" in parts:
        note("means")
        part_means()
    left = instances_of(pids)
    verdict("nothing is left in tracefs", not left and tracefs() == before, ", ".join(left) or "as before")
finally:
    for run in list(Run.everybody):
        run.process.terminate()
        with contextlib.suppress(Exception):
            run.process.wait(5)
            continue
        run.process.kill()
    if len(sys.argv) > 3:
        sheet.write(sys.argv[3])
sys.exit(1 if sheet.failed else 0)
