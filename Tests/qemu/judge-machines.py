#!/usr/bin/env python3
"""Judges what irqscope said on the machines of check-machines.sh: a line for each check, status 1 if one failed.

    judge-machines.py IRQSCOPE OUTDIR MACHINE...
"""
import json
import pathlib
import re
import subprocess
import sys

irqscope, out = sys.argv[1], pathlib.Path(sys.argv[2])
rows = []
# No device of these machines comes near it.
MOST_PER_SECOND = 1_000_000
# A recording may differ from the counts by what came while tracing was switched on and off: a few in each row.
NEARLY, FEW = 0.99, 5


def check(machine, name, expected, seen, ok):
    rows.append((machine, name, expected, seen, "yes" if ok else "NO"))


def documents(machine, name):
    """The JSON documents that a run printed, one a line."""
    return [json.loads(line) for line in (out / machine / f"{name}.out").read_text().splitlines() if line.strip()]


def report(machine, name):
    run = subprocess.run([irqscope, "report", "--json", out / machine / f"{name}.dat"], capture_output=True, text=True)
    if run.returncode != 0:
        return None, run.stderr.strip()
    return json.loads(run.stdout), None


def unhandled(machine, name):
    """The lines that a run of alert calls unhandled."""
    found = documents(machine, name)[-1]
    return sorted(f["label"] for f in found["findings"] if f["verdict"] == "unhandled")


def marked(machine, name):
    """The lines that top marks as unhandled in any interval."""
    return sorted({row["label"] for d in documents(machine, name) for row in d["interrupts"]
                   if "unhandled" in row["marks"]})


def check_load(machine):
    status = [(out / machine / f"alert-{n}.status").read_text().strip() for n in (1, 2)]
    check(machine, "alert ran twice under load", "0 to 2", " ".join(status), all(s in "012" for s in status))
    storms = [f for f in documents(machine, "alert-2")[-1]["findings"] if f["verdict"] == "storm"]
    looked = [f for f in storms if f["handler_calls"]]
    check(machine, "storms whose handlers it looked at", "all of them", f"{len(looked)} of {len(storms)}",
          storms and len(looked) == len(storms))
    check(machine, "lines that alert calls unhandled", "none", " ".join(unhandled(machine, "alert-2")) or "none",
          not unhandled(machine, "alert-2"))
    # Without threads the kernel's count is exact, and on a shared line some are nobody's indeed.
    if machine != "plain-nomsi":
        check(machine, "lines that top marks unhandled", "none", " ".join(marked(machine, "load-top")) or "none",
              not marked(machine, "load-top"))
    check_coverage(machine, "load", "recording under load", away=None)


def log_of(machine):
    return (out / machine / "dmesg").read_text()


def given_up(machine):
    """The lines that the kernel disabled because nobody claimed them: it goes on to call their handlers, uncounted."""
    return {int(number) for number in re.findall(r"Disabling IRQ #(\d+)", log_of(machine))}


def check_coverage(machine, name, title, away):
    """The coverage of a recording; `away` is the CPU that was not there at one end."""
    seen, problem = report(machine, name)
    if not seen:
        check(machine, title, "a report", problem, False)
        return
    coverage = seen["coverage"]
    counted, traced = coverage["counted"], coverage["traced"]
    polled = given_up(machine)
    shares = [(c["traced"], c["counted"]) for r in coverage["rows"] for c in r["cpus"]
              if r["irq"] not in polled and c["traced"] is not None and c["counted"] is not None]
    worst = max((t - c for t, c in shares), default=0)
    check(machine, f"{title}: coverage", "99 % or more", f"{traced} of {counted}, {seen['events']['lost']} lost",
          counted > 100 and NEARLY <= traced / counted)
    check(machine, f"{title}: calls above the count of a row and CPU", f"{FEW} or less", worst, worst <= FEW)
    named = [c["cpu"] for c in coverage["uncompared_cpus"]]
    check(machine, f"{title}: CPUs not compared", away if away is not None else "none", " ".join(map(str, named)) or "none",
          named == ([away] if away is not None else []))


def check_hotplug(machine):
    for name, title, away in (("away", "CPU 1 away and back", None), ("gone", "CPU 1 goes", 1), ("came", "CPU 1 comes", 1)):
        check_coverage(machine, f"hotplug-{name}", title, away)
    intervals = documents(machine, "hotplug-top")
    rates = [r for d in intervals for row in d["interrupts"] + d["softirqs"]
             for r in [row["per_s"], *(row["per_cpu_per_s"] or [])] if r is not None]
    check(machine, "top across hotplug: intervals", 12, len(intervals), len(intervals) == 12)
    check(machine, "top across hotplug: CPUs seen", "0-1, 0, 0-1",
          ", ".join("-".join(map(str, c)) for c in dedupe([d["cpus"] for d in intervals])), dedupe([d["cpus"] for d in intervals])
          == [[0, 1], [0], [0, 1]])
    check(machine, "top across hotplug: rates", f"0 to {MOST_PER_SECOND}", f"{min(rates):.0f} to {max(rates):.0f}",
          0 <= min(rates) and max(rates) <= MOST_PER_SECOND)


def dedupe(values):
    return [v for i, v in enumerate(values) if i == 0 or v != values[i - 1]]


def check_unclaimed(machine):
    """A line that nobody claims is told where the network shares it: everywhere without MSI. Each raise becomes hundreds
    of interrupts there, for the CPU that takes them keeps the other one from lowering the line."""
    if "nomsi" not in machine:
        return
    counts = (out / machine / "unclaimed.interrupts").read_text()
    label = re.search(r"^ *(\d+):.*eth0$", counts, re.MULTILINE).group(1)
    told = unhandled(machine, "unclaimed-2")
    check(machine, "unclaimed interrupts: alert", label, " ".join(told) or "none", told == [label])
    # A line that is disabled has no counts any more.
    if int(label) not in given_up(machine):
        told = marked(machine, "unclaimed-top")
        check(machine, "unclaimed interrupts: top's mark", label, " ".join(told) or "none", told == [label])


def check_killed(machine):
    for name in ("kill-record", "kill-top", "term-record", "term-top"):
        left = (out / machine / f"{name}.left").read_text().split()
        after = (out / machine / f"{name}.after").read_text().split()
        top_level = (out / machine / f"{name}.top-level").read_text().split()
        signal, command = name.split("-")
        if signal == "term":
            check(machine, f"{command} ended by SIGTERM, 8 times: instances", 0, len(left), not left)
        else:
            check(machine, f"{command} killed 8 times: instances before and after the next run", "0 after",
                  f"{len(set(left))}, {len(after)}", not after)
        check(machine, f"{name}: tracing outside of instances", "1 nop", " ".join(top_level), top_level == ["1", "nop"])


def check_log(machine):
    log = log_of(machine)
    if "nomsi" in machine:
        log = re.sub(r"irq \d+: nobody cared.*?Disabling IRQ #\d+", "", log, flags=re.DOTALL)  # asked for
    bad = [line for line in log.splitlines() if re.search(r"WARNING|BUG|Call Trace|Oops|INFO:|nobody cared|deadlock", line)]
    check(machine, "kernel log: warnings", "none", bad[0][:60] if bad else "none", not bad)


for machine in sys.argv[3:]:
    for judge in (check_load, check_unclaimed, check_hotplug, check_killed, check_log):
        try:
            judge(machine)
        except (OSError, ValueError, KeyError, AttributeError, IndexError) as error:
            check(machine, judge.__name__, "results", f"{type(error).__name__}: {error}", False)

for machine in sys.argv[3:]:
    print(f"{machine}: {(out / machine / 'uname').read_text().strip()}; {(out / machine / 'cmdline').read_text().strip()}")
print()
lines = [("machine", "check", "expected", "seen", "ok"), *[tuple(map(str, row)) for row in rows]]
widths = [max(len(line[i]) for line in lines) for i in range(5)]
for line in lines:
    print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
failed = sum(row[4] == "NO" for row in rows)
print(f"\n{len(rows)} checks, {failed} failed")
sys.exit(failed > 0)
