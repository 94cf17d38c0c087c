"""The checks of a machine of vm-test.sh: check_X fills column X of the table that vm-judge.py prints."""
import csv
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from vm_machine import Counts, Impossible, first

# No device of these machines comes near it.
MOST_PER_SECOND = 1_000_000
# A recording may differ from the counts by what came while tracing was switched on and off: a few in each row, or a burst of
# RCU's callbacks.
NEARLY, FEW = 0.99, 5
# The statuses that are not 0 (../../man). Under lockdown nothing can be traced.
STATUSES = {"wrong-option": 64, "wrong-file": 1, "wrong-recording": 1, "fail-if": 2}
TRACING = ("load-record", "deep-record", "pipe-record", "flight-record", "sample", "sample-again", "sample-json")


def check_status(m):
    """Each command ends as its manual says; what is refused is told in one message."""
    for name in m.runs():
        seen, expected = int(m.text(f"{name}.status")), STATUSES.get(name, 0)
        if "alert" in name or name.startswith("unclaimed-") and name != "unclaimed-top":
            expected = json.loads(m.text(f"{name}.out"))["exit_status"]
        if name == "doctor-fail-on":
            warned = any(f["severity"] in ("warn", "crit") for f in m.document("doctor-mended")["findings"])
            expected = 2 if warned else 0
        if m.locked and name in TRACING:
            expected = 1
            lines = [line for line in m.text(f"{name}.err").splitlines() if line.startswith("irqscope: ")]
            told = [line for line in lines if "locked down" in line and "kernel_lockdown(7)" in line]
            # A pipe has two ends, and each tells.
            m.check("status", f"{name}: the message that it is refused", "one", f"{len(told)} of {len(lines)}",
                    len(told) == 1 and len(lines) <= (2 if name == "pipe-record" else 1))
        m.check("status", f"{name}: status", expected, f"{seen} {first(m.text(f'{name}.err')) if seen != expected else ''}",
                seen == expected)
        if expected not in (0, 2, seen) or name.startswith("wrong-"):
            m.check("status", f"{name}: nothing on standard output", 0, len(m.text(f"{name}.out")), not m.text(f"{name}.out"))
    # The kernel's own word says what the counters' commands cannot show.
    if m.locked:
        reasons = {d["tracing"]["reason"] for d in m.documents("exact-top")}
        m.check("status", "top's reason for no handlers", "locked down", "; ".join(map(str, reasons)),
                all(reason and "locked down" in reason for reason in reasons))


def check_json(m):
    """Documents are valid, and of the schema of their command."""
    for name in m.runs():
        words = m.text(f"{name}.command").split()
        if "--json" not in words or m.locked and name in TRACING:
            continue
        command = "report" if name == "pipe-record" else words[1]
        documents = m.documents(name) if command == "top" else [m.document(name)]
        seen = {d["schema"] for d in documents}
        expected = f"irqscope.{'affinity.show' if name == 'affinity-show' else command}.v1"
        m.check("json", f"{name}: schema", expected, " ".join(seen) or "no document", seen == {expected})


def check_tracefs(m):
    """Nothing of tracing remains after a command, and no mount."""
    m.need("statuses", not_locked=True)
    for path in sorted(m.dir.glob("*.left")):
        left = path.read_text().split("\n")[:-1]
        m.check("tracefs", f"{path.stem}: what it left", "nothing", "; ".join(left)[:80] or "nothing", not left)
    m.check("tracefs", "mounts", "as before", "", m.text("mounts.before") == m.text("mounts.after"))


def check_hangs(m):
    hung = [path.stem for path in sorted(m.dir.glob("*.hung"))]
    m.check("hangs", "commands that took longer than their limit", "none", " ".join(hung) or "none", not hung)


def check_log(m):
    log = m.text("dmesg")
    # These were asked for.
    log = re.sub(r"irq \d+: nobody cared.*?Disabling IRQ #\d+", "", log, flags=re.DOTALL)
    # A process that is killed while the kernel allocates the buffers of its tracing instance: the kernel gives up in
    # __rb_allocate_pages, as it has to, and warns of it.
    if "kills" in m.steps:
        log = re.sub(r"\[ cut here \](?:(?!\[ end trace)[\s\S])*?failed to allocate ring buffer on CPU"
                     r"(?:(?!\[ end trace)[\s\S])*?Comm: irqscope(?:(?!\[ end trace)[\s\S])*?\[ end trace", "", log)
    bad = [line for line in log.splitlines()
           if re.search(r"WARNING|BUG|Call Trace|Oops|INFO:|nobody cared|deadlock|general protection|segfault", line)]
    m.check("log", "the kernel's warnings", "none", bad[0][:90] if bad else "none", not bad)


def between(m, name):
    """The interrupts of each row between two readings within a command's run, and between two around it."""
    reading = {when: Counts(m.dir / f"{name}-{when}.interrupts") for when in ("before", "inner-before", "inner-after", "after")}
    least = {label: reading["inner-after"].total(label) - reading["inner-before"].total(label) for label in reading["before"].rows}
    most = {label: reading["after"].total(label) - reading["before"].total(label) for label in reading["before"].rows}
    return least, most


def compare(m, title, told, name):
    """Told numbers against the kernel's: not below what was read within, not above what was read around; so they are exact
    for a row that had all of its interrupts within."""
    least, most = between(m, name)
    outside = {label: (least[label], told.get(label, 0), most[label]) for label in {*told, *least}
               if label in least and (label in told or label.isdigit()) and not least[label] <= told.get(label, 0) <= most[label]}
    m.check("counts", f"{title}: rows between what was read within and around", "all", outside or f"{len(told)} rows", not outside)
    exact = [label for label in told if label.isdigit() and 0 < least.get(label, 0) == most[label]]
    # Without messages both disks have one line.
    wanted = 1 if "pci=nomsi" in m.options else 2
    m.check("counts", f"{title}: lines of devices for which that is exact", f"{wanted} or more",
            f"{len(exact)} lines, {sum(most[label] for label in exact)} interrupts", len(exact) >= wanted)


def check_counts(m):
    m.need("counts")
    before, after = Counts(m.dir / "list-before.interrupts"), Counts(m.dir / "list-after.interrupts")
    listed = {row["label"]: row["counts"] for row in m.document("list")["interrupts"] if row["counts"]}
    missing = [label for label in before.rows if before.rows[label][0] and label not in listed]
    m.check("counts", "list: rows", f"all {len(before.rows)}", " ".join(missing) or "all", not missing)
    outside = [label for label, counts in listed.items()
               if len(counts) != len(before.rows[label][0])
               or not all(a <= c <= b for a, c, b in zip(before.rows[label][0], counts, after.rows[label][0]))]
    m.check("counts", "list: each row and CPU", "between two readings of /proc/interrupts", " ".join(outside) or "yes", not outside)
    deltas = {}
    for document in m.documents("exact-top"):
        for row in document["interrupts"]:
            if row["delta"] is not None:
                deltas[row["label"]] = deltas.get(row["label"], 0) + row["delta"]
    compare(m, "top", deltas, "top")
    if m.locked:
        return
    seen = m.document("exact-report")
    rows = [row for row in seen["coverage"]["rows"] if row["table"] == "interrupts"]
    compare(m, "report, counted", {row["label"]: row["counted"] for row in rows}, "record")
    # A handler of a line that several share is called at each of its interrupts.
    least, most = between(m, "record")
    calls = {}
    for row in seen["irqs"]:
        calls.setdefault(str(row["irq"]), set()).add(row["calls"])
    wrong = {label: (calls.get(label, 0), most[label]) for label in least
             if label.isdigit() and 0 < least[label] == most[label] and calls.get(label) != {most[label]}}
    m.check("counts", "report, calls of handlers of those lines", "exact", wrong or "yes", not wrong)


def check_terminal(m):
    """The session of top on a serial line."""
    m.need("terminal")
    for result in json.loads(m.text("terminal.json")):
        m.check("terminal", result["name"], "yes", result["seen"] or "yes", result["ok"])
    m.check("terminal", "status of top", 0, m.text("terminal.status").strip(), m.text("terminal.status").strip() == "0")
    m.check("terminal", "settings of the line", "as before", "", m.text("terminal.before") == m.text("terminal.after"))


def check_coverage(m, column, name, title, away=None):
    """The coverage of a recording; `away` is the CPU that was not there at one end."""
    seen = m.document(f"{name}-report")
    coverage, polled = seen["coverage"], m.given_up()
    counted, traced = coverage["counted"], coverage["traced"]
    shares = [(c["traced"], c["counted"]) for r in coverage["rows"] for c in r["cpus"]
              if r["irq"] not in polled and c["traced"] is not None and c["counted"] is not None]
    most = max((c - t for t, c in shares), default=0)
    above = [(t, c) for t, c in shares if t - c > max(FEW, FEW / 100 * c)]
    m.check(column, f"{title}: coverage", f"99 % or more, or {FEW} less in a row and CPU at most",
            f"{traced} of {counted}, {most} less, {seen['events']['lost']} lost",
            counted > 100 and (NEARLY <= traced / counted or most <= FEW))
    m.check(column, f"{title}: calls above the count of a row and CPU", f"{FEW}, or {FEW} %, or less",
            "; ".join(f"{t} of {c}" for t, c in above) or "none", not above)
    named = [c["cpu"] for c in coverage["uncompared_cpus"]]
    m.check(column, f"{title}: CPUs not compared", away if away is not None else "none", " ".join(map(str, named)) or "none",
            named == ([away] if away is not None else []))


def check_record(m):
    m.need("recordings", not_locked=True)
    check_coverage(m, "record", "load", "under load")
    for name in ("pipe-record", "flight-report"):
        seen = m.document(name)
        window = (seen["window"]["end_ns"] - seen["window"]["start_ns"]) / 1e9
        m.check("record", f"{name}: events, seconds", "some", f"{seen['events']['used']} in {window:.1f} s",
                seen["events"]["used"] > 100 and 0.3 < window < 10)
    m.check("record", "text of report", "Coverage", "", "Coverage" in m.text("load-report-text.out"))


def check_deep(m):
    m.need("recordings", not_locked=True)
    seen = m.document("deep-report")
    deep = seen["deep"]
    m.check("deep", "threads, wake-ups, softirqs", "some of each", [len(deep[key]) for key in ("threads", "wakes", "softirqs")],
            all(deep[key] for key in ("threads", "wakes", "softirqs")))
    entries = {row["name"]: row["entries"] for row in seen["softirqs"]}
    m.check("deep", "lost", 0, seen["events"]["lost"], seen["events"]["lost"] == 0)
    m.check("deep", "softirqs with entries", "some", sum(entries.values()), sum(entries.values()) > 0)
    check_coverage(m, "deep", "deep", "with --deep")
    m.check("deep", "text", "some", len(m.text("deep-report-text.out")), "Coverage" in m.text("deep-report-text.out"))
    m.check("deep", "page", "complete", "", m.text("deep-report-html.out").rstrip().endswith("</html>"))


ORACLES = pathlib.Path(__file__).parent.parent / "oracle"


def plain_numbers(recording, oracle):
    """What a slow and plain program finds in the text that trace-cmd makes of a recording here."""
    text = subprocess.run(["trace-cmd", "report", "-t", "-R", recording], capture_output=True)
    return subprocess.run([sys.executable, oracle], input=text.stdout, capture_output=True, check=True).stdout


def check_oracle(m):
    """The numbers of report against those of plain programs, which read the recordings on the host. ORACLE names the one for
    --deep, as for ../oracle/make-deep.sh; without it only the rest is compared."""
    m.need("recordings", not_locked=True)
    for name in ("load", "deep"):
        seen, right = m.document(f"{name}-report"), json.loads(plain_numbers(m.dir / f"{name}.dat", ORACLES / "trace-oracle.py"))
        told = {("irq", r["irq"], r["action"]): (r["calls"], r["unhandled"], r["wake_thread"], *durations(r["duration"])) for r in seen["irqs"]}
        told |= {("softirq", r["vector"]): (r["entries"], *durations(r["duration"])) for r in seen["softirqs"] if r["entries"]}
        true = {("irq", r["irq"], r["action"]): (r["calls"], r["unhandled"], r["wake_thread"], *durations(r)) for r in right["irqs"]}
        true |= {("softirq", r["vector"]): (r["entries"], *durations(r)) for r in right["softirqs"] if r["entries"]}
        wrong = {key: (true.get(key), told.get(key)) for key in {*told, *true} if told.get(key) != true.get(key)}
        m.check("oracle", f"{name}.dat: rows that differ from trace-cmd's text, read plainly", f"none of {len(true)}", wrong or "none",
                true and not wrong)
    if os.environ.get("ORACLE"):
        with tempfile.NamedTemporaryFile() as expected:
            expected.write(plain_numbers(m.dir / "deep.dat", os.environ["ORACLE"]))
            expected.flush()
            run = subprocess.run([sys.executable, ORACLES / "deep-compare.py", expected.name, m.dir / "deep-report.out"],
                                 capture_output=True, text=True)
            m.check("oracle", "deep.dat: the key deep", "0 differences", run.stdout.strip().splitlines()[-1:], run.returncode == 0)


def durations(row):
    return tuple(row.get(key) if row["count"] else None for key in ("count", "total_ns", "self_ns", "max_ns"))


def packets(data):
    """The packets of a Perfetto trace, whose top level is a repeated field 1 of bytes."""
    position = count = 0
    while position < len(data):
        if data[position] != 0x0a:
            raise ValueError(f"no packet at byte {position}")
        position, shift, size = position + 1, 0, 0
        while True:
            size |= (data[position] & 0x7f) << shift
            shift, position = shift + 7, position + 1
            if data[position - 1] < 0x80:
                break
        position, count = position + size, count + 1
    if position != len(data):
        raise ValueError("the last packet is cut")
    return count


def check_export(m):
    m.need("recordings")
    rows = list(csv.reader(io.StringIO(m.text("export-csv.out"))))
    m.check("export", "csv: rows of equal width", "many", len(rows), len(rows) > 100 and len({len(row) for row in rows}) == 1)
    lines = m.documents("export-jsonl")
    m.check("export", "jsonl: a row for each of csv's", len(rows) - 1, len(lines), abs(len(lines) - len(rows)) <= 2)
    count = packets((m.dir / "export-perfetto.out").read_bytes())
    m.check("export", "perfetto: packets", "many", count, count > 100)
    seen = m.document("diff")
    m.check("export", "diff: rows", "some", len(seen["rows"]), seen["rows"])


def unhandled(m, name):
    """The lines that a run of alert calls unhandled."""
    return sorted(f["label"] for f in m.document(name)["findings"] if f["verdict"] == "unhandled")


def check_alert(m):
    m.need("alerts")
    one, two = m.document("alert-healthy-1"), m.document("alert-healthy-2")
    m.check("alert", "first run", "OK, a baseline", f"{one['status']}, {one['collecting_baseline']}",
            one["status"] == "OK" and one["collecting_baseline"])
    told = [f"{f['verdict']} {f['label']}" for f in two["findings"]]
    m.check("alert", "second run of a machine that is well", "OK", f"{two['status']} {', '.join(told)}", two["status"] == "OK")
    two = m.document("alert-storm-2")
    storms = [f for f in two["findings"] if f["verdict"] == "storm"]
    looked = [f for f in storms if f["handler_calls"] is not None]
    m.check("alert", "under load and a low limit", "storms, 1 or 2", f"{len(storms)}, {two['exit_status']}",
            storms and two["exit_status"] in (1, 2))
    if not m.locked:
        m.check("alert", "storms whose handlers it looked at", "all of them", f"{len(looked)} of {len(storms)}",
                len(looked) == len(storms))
    m.check("alert", "lines that it calls unhandled", "none", " ".join(unhandled(m, "alert-storm-2")) or "none",
            not unhandled(m, "alert-storm-2"))
    m.need("recordings")
    # The serial line's handler does leave one alone now and then.
    marked = {row["label"] for d in m.documents("load-top") for row in d["interrupts"]
              if "unhandled" in row["marks"] and "ttyS" not in row["text"]}
    m.check("alert", "lines that top marks as unhandled under load", "none", " ".join(sorted(marked)) or "none", not marked)


def check_doctor(m):
    m.need("doctors")
    found = {name: {f["check"]: f["severity"] for f in m.document(f"doctor-{name}")["findings"]} for name in ("healthy", "mended")}
    grave = [check for check, severity in found["healthy"].items() if severity == "crit"]
    m.check("doctor", "critical findings of a machine that is well", "none", " ".join(grave) or "none", not grave)
    broken = [name for name in ("rps-mask", "move-pending", "irq-thread-prio") if (m.dir / f"doctor-{name}.out").exists()]
    m.check("doctor", "set-ups that were broken", "one or more", " ".join(broken), broken)
    for name in broken:
        seen = {f["check"] for f in m.document(f"doctor-{name}")["findings"]}
        m.check("doctor", f"broken: {name}", "found then, not before and not after",
                " ".join(w for w, has in (("before", name in found["healthy"]), ("then", name in seen), ("after", name in found["mended"])) if has),
                name in seen and name not in found["healthy"] and name not in found["mended"])


def check_affinity(m):
    m.need("affinities")
    lines = m.document("affinity-show")["lines"]
    m.check("affinity", "show: lines", "some", len(lines), lines)
    plan = m.document("affinity-plan")
    m.check("affinity", "plan: lines", "all", f"{len(plan['lines'])} and {len(plan['left_alone'])} left alone",
            plan["lines"] or plan["left_alone"])
    m.need("affinities", cpus=2)
    if not (m.dir / "masks.before").exists():
        return
    masks = {when: m.text(f"masks.{when}") for when in ("before", "applied", "after")}
    m.check("affinity", "apply: masks", "changed", "", masks["applied"] != masks["before"])
    m.check("affinity", "undo: masks", "as before", "", masks["after"] == masks["before"])


def check_sample(m):
    m.need("files", not_locked=True)
    seen = m.document("sample-json")
    m.check("sample", "runs that were added up", 3, seen["samples"], seen["samples"] == 3)
    m.check("sample", "metrics", "some", "", "irqscope_softirq_calls_total{" in m.text("sample.prom"))


def check_snapshot(m):
    m.need("files")
    release, seen = m.kernel.split()[0], m.document("snapshot-doctor")["kernel"]
    m.check("snapshot", "kernel of the archive", release, seen, seen == release)
    m.check("snapshot", "plan of the archive", "some", "", m.document("snapshot-affinity")["left_alone"] is not None)


def dedupe(values):
    return [v for i, v in enumerate(values) if i == 0 or v != values[i - 1]]


def check_hotplug(m):
    m.need("hotplug", cpus=2)
    if (m.dir / "hotplug.refused").exists():
        raise Impossible("the kernel refuses to take CPU 1 away")
    everyone = list(range(m.cpus))
    others = [cpu for cpu in everyone if cpu != 1]
    m.check("hotplug", "list while CPU 1 is away: CPUs", others, m.document("offline-list")["cpus"],
            m.document("offline-list")["cpus"] == others)
    intervals = m.documents("hotplug-top")
    rates = [r for d in intervals for row in d["interrupts"] + d["softirqs"]
             for r in [row["per_s"], *(row["per_cpu_per_s"] or [])] if r is not None]
    m.check("hotplug", "top: intervals", 10, len(intervals), len(intervals) == 10)
    seen = dedupe([d["cpus"] for d in intervals])
    m.check("hotplug", "top: CPUs", "all, without 1, all", seen, seen == [everyone, others, everyone])
    m.check("hotplug", "top: rates", f"0 to {MOST_PER_SECOND}", f"{min(rates):.0f} to {max(rates):.0f}",
            0 <= min(rates) and max(rates) <= MOST_PER_SECOND)
    if not m.locked:
        for name, title, away in (("away", "CPU 1 away and back", None), ("gone", "CPU 1 goes", 1), ("came", "CPU 1 comes", 1)):
            check_coverage(m, "hotplug", f"hotplug-{name}", title, away)


def check_killed(m):
    m.need("kills", not_locked=True)
    for name in ("kill-record", "kill-top", "term-record", "term-top"):
        left = m.text(f"{name}.remaining").split()
        if name.startswith("term"):
            m.check("killed", f"{name}, 4 times: instances", 0, len(left), not left)
        after = m.text(f"{name}-next.left").split()
        m.check("killed", f"{name}: instances before and after the next run", "0 after", f"{len(set(left))}, {len(after)}", not after)


def check_unclaimed(m):
    """A line that nobody claims is told where the network shares it: everywhere without MSI. Each raise becomes hundreds
    of interrupts there, for the CPU that takes them keeps the other one from lowering the line. Where handlers are threads
    the kernel judges an interrupt when the next one comes, and begins to count anew after a pause of 100 ms: then it may be
    too little to be certain, and no other line may be told."""
    m.need("unclaimed", not_locked=True)
    if "pci=nomsi" not in m.options:
        raise Impossible("no line is shared with MSI: the device without a driver has none")
    counts = Counts(m.dir / "unclaimed.interrupts")
    label = next(label for label, (_, text) in counts.rows.items() if text.endswith("eth0"))
    right = ([], [label]) if m.threaded else ([label],)
    expected = f"{label} or nothing: threads are judged late" if m.threaded else label
    told = unhandled(m, "unclaimed-2")
    m.check("unclaimed", "alert", expected, " ".join(told) or "none", told in right)
    # A line that is disabled has no counts any more.
    if int(label) not in m.given_up():
        told = sorted({row["label"] for d in m.documents("unclaimed-top") for row in d["interrupts"] if "unhandled" in row["marks"]})
        m.check("unclaimed", "top's mark", expected, " ".join(told) or "none", told in right)
