#!/usr/bin/env python3
"""Compares whatever irqscope prints with whole files below Fixtures/golden.

    golden.py [--binary FILE] [--accept] [--only REGEX]

Each case is a command line that prints the same at any time on any machine: recordings of Fixtures, saved copies of
/proc, and boxes that are written here. A difference is shown as a diff, JSON one value a line; --accept takes the new
output as right, and removes files that no case has any more. Exit status: 0 the same, 1 different, 2 it could not be run.
"""
import argparse
import concurrent.futures
import difflib
import fcntl
import json
import os
import pathlib
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "Fixtures/golden"
DIFF_LINES = 40
ENVIRONMENT = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": "/nonexistent", "TZ": "UTC"}


class Case:
    """A command line: its output goes into `name`; a terminal is (columns, locale, more environment)."""

    def __init__(self, name, words, terminal=None, environment=None, errors=False):
        self.name, self.words, self.terminal = name, words, terminal
        self.environment, self.errors = environment or {}, errors

    def output(self, binary):
        environment = {**ENVIRONMENT, **self.environment}
        words = [binary] + self.words
        if self.terminal:
            columns, locale, more = self.terminal
            out, status = on_terminal(words, columns, {**environment, "TERM": "xterm", "LANG": locale, **more})
        else:
            result = subprocess.run(
                words, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, timeout=120)
            out, status = result.stdout, result.returncode
            if self.errors:
                out += b"--- standard error\n" + result.stderr
        if self.errors or status != 0:
            out += b"--- status %d\n" % status
        return out


def on_terminal(words, columns, environment):
    """Runs a command whose standard output is a terminal of so many columns, which changes no byte."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    modes = termios.tcgetattr(slave)
    modes[1] &= ~termios.OPOST
    termios.tcsetattr(slave, termios.TCSANOW, modes)
    child = subprocess.Popen(
        words, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.DEVNULL)
    os.close(slave)
    out = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # the other side is closed
            break
        if not part:
            break
        out += part
    os.close(master)
    return out, child.wait(timeout=120)


UTF8_80 = (80, "C.UTF-8", {})
PLAIN_80 = (80, "C", {"NO_COLOR": "1"})
UTF8_120 = (120, "C.UTF-8", {"NO_COLOR": "1"})
PLAIN_120 = (120, "C", {})
TERMINALS = [("80.txt", UTF8_80), ("80-plain.txt", PLAIN_80), ("120.txt", UTF8_120), ("120-plain.txt", PLAIN_120)]

# What people ask of a recording, beside the plain report.
OPTION_SETS = {
    "histogram": ["--histogram"],
    "per-cpu": ["--per-cpu"],
    "slow": ["--slow", "10"],
    "irq": ["--irq", "10-40", "--slow", "3"],
    "cpu": ["--cpu", "0", "--per-cpu"],
    "filter": ["--filter", "^(virtio|NET|nvme)", "--slow", "5"],
    "time": ["--time", "+0.5,+1", "--histogram"],
    "sort-p99": ["--sort", "p99"],
    "sort-name-reversed": ["--sort", "name", "-r"],
    "storms": ["--storm-rate", "500"],
    "fail-if-held": ["--fail-if", "max>1ns"],
}
BUDGETS = {
    "rt": ["--budget", "rt"],
    "kept": ["--budget", "hardirq=10s,softirq=10s"],
    "wake": ["--budget", "windows,wake=1ms,raise=1ms,tasklet=1ms"],
}
OPTION_RECORDINGS = ["amd64-v7", "amd64-nomsi-v7", "ppc64el-lost", "s390x-instances"]


TEXTS = [
    "a.default.txt.xz", "a.fields.txt.xz", "a.raw.txt.xz", "a.bin.txt.xz", "a.nocontext.txt.xz", "l.default.txt.xz",
    "l.pipe.txt.xz", "c-counter.tgid.txt.xz", "report-al.3.1.6.two-files.txt.xz", "report-a.3.3.1.t-R.txt.xz",
    "script-default.txt.xz", "script-lost-events.txt.xz", "script-group-read.txt.xz", "script-deltatime.txt.xz",
    "sysrq-z.dmesg.txt.xz", "babeltrace2.txt.xz", "field/dwc3_storm_tgid.txt", "field/funcgraph_event_comment.txt",
]


def report_cases():
    for path in sorted((ROOT / "Fixtures/recordings").glob("*.dat")):
        file = str(path.relative_to(ROOT))
        for ending, terminal in TERMINALS:
            yield Case(f"report/{path.stem}.{ending}", ["report", file], terminal)
        yield Case(f"report/{path.stem}.json", ["report", file, "--json"])
        yield Case(f"report/{path.stem}.csv", ["report", file, "--format", "csv"])
        if path.stem not in OPTION_RECORDINGS:
            continue
        for name, words in OPTION_SETS.items():
            yield Case(f"report/{path.stem}.{name}.txt", ["report", file] + words)
            if name in ("irq", "cpu", "filter", "time"):
                yield Case(f"report/{path.stem}.{name}.json", ["report", file, "--json"] + words)
    for name in TEXTS:
        file = f"Fixtures/texts/{name}"
        yield Case(f"report/text-{pathlib.Path(name).name}.out", ["report", file], errors=True)
        if name.startswith(("a.default", "l.pipe", "report-al", "babeltrace2")):
            yield Case(f"report/text-{pathlib.Path(name).name}.json", ["report", file, "--json"])
    for name, words in BUDGETS.items():
        file = ["report", "Fixtures/deep/rt-6.12.dat"] + words
        yield Case(f"report/budget-{name}.txt", file + ["--fail-if", "budget"], errors=True)
    yield Case("report/budget-seed.csv", ["report", "Fixtures/deep/rt-6.12.dat", "--budget", "seed", "--csv",
                                          "--section", "budgets"])
    for name in ["plain-6.12", "rt-6.12"]:
        yield Case(f"report/late-{name}.txt", ["report", f"Fixtures/deep/{name}.dat", "--slow", "2"])
        yield Case(f"report/late-{name}.120.txt", ["report", f"Fixtures/deep/{name}.dat", "--slow", "2"], UTF8_120)
    # A page of a real recording, of names that are HTML, and of none that has time.
    for name, path in [("perf-group-read", "perf/group-read.perf.data.xz"), ("hostile-names", "texts/hostile-names.txt.xz"),
                       ("ticks", "texts/c-counter.tgid.txt.xz")]:
        yield Case(f"report/{name}.html", ["report", f"Fixtures/{path}", "--format", "html"], errors=True)
    yield Case("report/late-task.txt", ["report", "Fixtures/deep/rt-6.12.dat", "--task", "^cyclictest$"])
    yield Case("report/text-every.txt", ["report", "Fixtures/texts/a.default.txt.xz", "--every", "10ms"])
    for name in ["many", "lost", "overwrite", "group-read", "s390x-pipe-zstd"]:
        file = f"Fixtures/perf/{name}.perf.data.xz"
        yield Case(f"report/perf-{name}.120-plain.txt", ["report", file], PLAIN_120)
        yield Case(f"report/perf-{name}.json", ["report", file, "--json"])
    yield Case("report/perfetto.120-plain.txt", ["report", "Fixtures/perfetto/a.pftrace.xz"], PLAIN_120)
    yield Case("report/perfetto.json", ["report", "Fixtures/perfetto/a.pftrace.xz", "--json"])
    yield Case("report/perf-killed.txt", ["report", "Fixtures/perf/killed.perf.data.xz"], errors=True)
    yield Case("report/perf-oddname.slow.txt", ["report", "Fixtures/perf/oddname.perf.data.xz", "--slow", "5"])
    several = ["Fixtures/recordings/amd64-tsc.dat", "Fixtures/recordings/amd64-v7.dat"]
    yield Case("report/pipe-of-nothing.txt", ["report", "/dev/null"], errors=True)
    yield Case("report/two-files.txt", ["report"] + several, errors=True)
    several = ["Fixtures/recordings/amd64-v7.dat", "Fixtures/recordings/amd64-rt-v7.dat", "Fixtures/texts/a.default.txt.xz"]
    for name, words in {"several": [], "by-file": ["--by", "file"]}.items():
        yield Case(f"report/{name}.txt", ["report"] + several + words + ["--slow", "3"], errors=True)
        yield Case(f"report/{name}.json", ["report"] + several[1:] + words + ["--json"])
        yield Case(f"report/{name}.csv", ["report"] + several + words + ["--csv", "--section", "rows,cpus,events"])


def diff_cases():
    """Pairs, sets and conditions of `diff`."""
    first, second = (f"Fixtures/recordings/amd64-{name}v7.dat" for name in ("", "rt-"))
    for ending, terminal in TERMINALS:
        yield Case(f"diff/pair.{ending}", ["diff", first, second], terminal)
    yield Case("diff/pair.json", ["diff", first, second, "--json"])
    yield Case("diff/pair.csv", ["diff", first, second, "--csv"])
    yield Case("diff/pair.html", ["diff", first, second, "--format", "html"])
    sets = [first, second, first, second, "--", second, first, second, first]
    counts = ["Fixtures/proc/amd64/s0", "Fixtures/proc/amd64/s5"]
    yield Case("diff/counts.txt", ["diff"] + counts)
    yield Case("diff/counts.json", ["diff", "--json"] + counts)
    yield Case("diff/sets.txt", ["diff"] + sets)
    yield Case("diff/sets.json", ["diff", "--json"] + sets)
    yield Case("diff/fail-if.txt", ["diff", "--fail-if", "irq=none p99>+5%", "--no-test", first, second], errors=True)


def list_cases():
    for box in sorted((ROOT / "Fixtures/proc").iterdir()):
        for moment in sorted(box.iterdir()):
            if not (moment / "interrupts").exists():
                continue
            name = f"list/{box.name}-{moment.name}"
            words = ["list", "--proc-root", str(moment.relative_to(ROOT))]
            if (box / "sys").exists():
                words += ["--sys-root", str((box / "sys").relative_to(ROOT))]
            for ending, terminal in TERMINALS[:1] + TERMINALS[3:]:
                yield Case(f"{name}.{ending}", words, terminal)
            yield Case(f"{name}.json", words + ["--json"])
            yield Case(f"{name}.csv", words + ["--format", "csv"])
    first = ["list", "--proc-root", "Fixtures/proc/amd64/s0"]
    yield Case("list/sort-total.txt", first + ["--sort", "total", "-r"])
    yield Case("list/filter.txt", first + ["--filter", "virtio", "--cpu", "1"])


def doctor_cases():
    """What doctor says of saved boxes: as text with all there is, as JSON, for monitoring, as a page."""
    for path in sorted((ROOT / "Fixtures/doctor").iterdir()):
        box = path.name.removesuffix(".tar.zst")
        words = ["doctor", "--root", f"Fixtures/doctor/{path.name}"]
        yield Case(f"doctor/{box}.txt", words + ["-v"])
        yield Case(f"doctor/{box}.json", words + ["-J"])
    yield Case("doctor/one-cpu-nic.nagios", ["doctor", "--root", "Fixtures/doctor/one-cpu-nic.tar.zst", "--format", "nagios"])
    yield Case("doctor/one-cpu-nic.html", ["doctor", "--root", "Fixtures/doctor/one-cpu-nic.tar.zst", "--format", "html"])
    yield Case("doctor/explain.txt", ["doctor", "--explain", "storm-acpi"])


def affinity_cases():
    """Plans for saved boxes, as text, JSON and a script; nothing of them is written anywhere."""
    for box, words in [("one-cpu-nic", ["spread", "--device", "ens192"]), ("irqaffinity-all", ["isolate", "--xps"])]:
        copy = ["--root", f"Fixtures/doctor/{box}.tar.zst"]
        yield Case(f"affinity/{box}.txt", ["affinity", "plan"] + words + copy)
        yield Case(f"affinity/{box}.json", ["affinity", "plan"] + words + copy + ["-J"])
        yield Case(f"affinity/{box}.sh", ["affinity", "plan"] + words + copy + ["--script"])
        yield Case(f"affinity/{box}.show.txt", ["affinity", "show"] + copy)
    yield Case("affinity/persist.txt", ["affinity", "plan", "spread", "--root", "Fixtures/doctor/one-cpu-nic.tar.zst", "--persist"])


def export_cases():
    """The first spans, and those around the slowest ones; that all of them add up to the report, ExportTests hold."""
    window = ["--time", "+0.1,+0.104"]
    for name, file in [("rt", "Fixtures/deep/rt-6.12.dat"), ("instances", "Fixtures/recordings/ppc64el-instances.dat"),
                       ("text", "Fixtures/texts/l.default.txt.xz"), ("ticks", "Fixtures/texts/c-uptime.tgid.txt.xz")]:
        words = window if name in ("rt", "instances") else ["--cpu", "0", "--slow", "1", "--around", "1us"]
        yield Case(f"export/{name}.csv", ["export", file, "--format", "csv"] + words, errors=True)
        yield Case(f"export/{name}.jsonl", ["export", file, "--format", "jsonl"] + words, errors=True)


def help_cases():
    yield Case("help/irqscope.txt", ["--help"])
    for command in ["top", "list", "record", "report", "diff", "alert", "doctor", "snapshot", "affinity", "export", "sample"]:
        yield Case(f"help/{command}.txt", [command, "--help"])
    yield Case("help/no-command.txt", [], errors=True)
    yield Case("help/unknown-option.txt", ["report", "--nonsense"], errors=True)


# --- alert: boxes at two moments, a clock that is told ---------------------------------------------------------------

SOFTIRQS = ["HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU"]


class Box:
    """A machine of four CPUs: rows of (label, tail), counts by CPU; what is not told stands still."""

    def __init__(self, folder):
        self.proc = pathlib.Path(folder) / "proc"
        self.state = pathlib.Path(folder) / "alert.state"
        self.boot, self.wall = 1000, 1_790_000_000
        self.rows = {
            "9": ["IO-APIC   9-fasteoi   acpi", [5] * 4],
            "36": ["PCI-MSIX-0000:00:02.0   1-edge      gadget0", [5000] * 4],
            "40": ["PCI-MSIX-0000:00:03.0   0-edge      eth0-rx-0", [5000] * 4],
            "NMI": ["Non-maskable interrupts", [0] * 4],
            "LOC": ["Local timer interrupts", [900] * 4],
            "ERR": ["", [0]],
        }
        self.softirqs = {name: [1000] * 4 for name in SOFTIRQS}
        self.masks, self.spurious = {"40": "3"}, {"9": (0, 0)}

    def write(self):
        self.proc.mkdir(exist_ok=True)
        head = "           " + "".join(f"CPU{cpu}       " for cpu in range(4)) + "\n"
        text = head
        for label, (tail, counts) in self.rows.items():
            text += f"{label:>3}: " + " ".join(f"{count:>10}" for count in counts) + f"  {tail}\n"
        (self.proc / "interrupts").write_text(text)
        text = "         " + head
        for name, counts in self.softirqs.items():
            text += f"{name:>12}: " + " ".join(f"{count:>10}" for count in counts) + "\n"
        (self.proc / "softirqs").write_text(text)
        lines = ["cpu  1 1 1 1 1 1 1 0 0 0"] + [f"cpu{cpu} 10 0 10 {self.boot * 99} 0 5 5 0 0 0" for cpu in range(4)]
        (self.proc / "stat").write_text("\n".join(lines) + "\nintr 5000000 1 2 3\n")
        self.file("sys/kernel/random/boot_id", "11111111-2222-3333-4444-555555555555\n")
        for irq, mask in self.masks.items():
            self.file(f"irq/{irq}/smp_affinity", mask + "\n")
            self.file(f"irq/{irq}/effective_affinity", mask + "\n")
        for irq, (count, unhandled) in self.spurious.items():
            self.file(f"irq/{irq}/spurious", f"count {count}\nunhandled {unhandled}\nlast_unhandled {4000 + count} ms\n")

    def file(self, name, text):
        path = self.proc / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def pass_time(self, seconds, rates, softirqs=()):
        self.boot += seconds
        self.wall += seconds
        for label, cpu, rate in [("LOC", 0, 250), ("LOC", 1, 250)] + list(rates):
            self.rows[label][1][cpu] += rate * seconds
        for name, cpu, rate in softirqs:
            self.softirqs[name][cpu] += rate * seconds


def quiet(box):
    box.pass_time(60, [("36", 0, 100)])


def storm(box):
    box.pass_time(60, [("36", 1, 90_000)])


def many(box):
    box.spurious = {"9": (90_000, 89_990)}
    box.pass_time(60, [("36", 1, 200_000), ("40", 3, 4_000), ("9", 0, 1_500), ("ERR", 0, 2)], [("NET_RX", 3, 4_000)])
    box.file("net/softnet_stat", "0000ffff 00000000 00000000 " + "00000000 " * 9 + "\n")


ALERTS = {"quiet": quiet, "storm": storm, "many": many}


def alert_cases(folder):
    for name, change in ALERTS.items():
        for ending, words in {
            "txt": ["--always"], "nagios": ["--format", "nagios"], "json": ["--json"], "prom": ["--format", "prometheus"],
        }.items():
            place = pathlib.Path(folder) / f"{name}-{ending}"
            place.mkdir()
            yield AlertCase(f"alert/{name}.{ending}", place, change, words)


class AlertCase(Case):
    """Three runs of alert with time in between; the output is that of all."""

    def __init__(self, name, folder, change, words):
        super().__init__(name, words)
        self.folder, self.change = folder, change

    def output(self, binary):
        box = Box(self.folder)
        out = b""
        # Twice: a placement must be seen at two looks.
        for change in (lambda box: None, self.change, self.change):
            change(box)
            box.write()
            times = f"{box.boot},{box.boot},{box.wall}"
            case = Case(
                self.name, ["alert", "--proc-root", str(box.proc), "--state", str(box.state)] + self.words,
                environment={"IRQSCOPE_TEST_CLOCK": times}, errors=True)
            out += case.output(binary)
        return out.replace(str(self.folder).encode(), b"BOX")


# --- comparing --------------------------------------------------------------------------------------------------------


def readable(name, content):
    """Lines of what a case printed: JSON is spread out, a value a line."""
    text = content.decode("utf-8", "backslashreplace")
    if not name.endswith(".json"):
        return text.splitlines()
    lines = []
    for line in text.splitlines():
        try:
            lines += json.dumps(json.loads(line), indent=1, ensure_ascii=False).splitlines()
        except ValueError:
            lines.append(line)
    return lines


def difference(name, before, after):
    lines = list(difflib.unified_diff(
        readable(name, before), readable(name, after), f"golden/{name}", "now", lineterm="", n=2))
    if not lines:
        lines = ["the same values, other bytes: white space, the order of keys, or how numbers are written"]
    more = len(lines) - DIFF_LINES
    return "\n".join(lines[:DIFF_LINES] + ([f"… {more} more lines"] if more > 0 else []))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(ROOT / ".build/debug/irqscope"))
    parser.add_argument("--accept", action="store_true")
    parser.add_argument("--only", default="")
    choice = parser.parse_args()
    if not os.access(choice.binary, os.X_OK):
        print(f"golden.py: {choice.binary} is not there: build it, or name another --binary", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        cases = list(report_cases()) + list(diff_cases()) + list(list_cases()) + list(doctor_cases()) + list(affinity_cases()) + list(export_cases()) + list(help_cases()) + list(alert_cases(folder))
        chosen = [case for case in cases if re.search(choice.only, case.name)]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            outputs = list(pool.map(lambda case: case.output(choice.binary), chosen))
    different = 0
    for case, now in zip(chosen, outputs):
        path = GOLDEN / case.name
        before = path.read_bytes() if path.exists() else b""
        if before == now and path.exists():
            continue
        different += 1
        print(difference(case.name, before, now))
        if choice.accept:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(now)
    known = {case.name for case in cases}
    # The screens of `top` are files of Tests/RenderingTests/GoldenScreenTests.swift.
    for path in sorted(GOLDEN.rglob("*")):
        name = str(path.relative_to(GOLDEN))
        if path.is_file() and not name.startswith("top/") and name not in known:
            different += 1
            print(f"golden/{name}: no case has this file")
            if choice.accept:
                path.unlink()
    print(f"{len(chosen)} outputs, {different} differ" + (", accepted" if different and choice.accept else ""))
    return 1 if different and not choice.accept else 0


if __name__ == "__main__":
    sys.exit(main())
