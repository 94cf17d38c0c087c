#!/usr/bin/env python3
"""Large boxes: what do commands cost, and are their counts the sums of the table?

  boxes.py WORK [CPUSxROWS…]

Makes a /proc and a /sys of each size below WORK (4096x2000 and 64x100000 if none is named; 4096x100000 takes 5 GB) in two
samples a minute apart. Each line has its masks in /proc/irq and is served by one to three CPUs; rows of the architecture have
counts on all. The model adds up what it writes, row by row and CPU by CPU.
"""
import csv
import io
import json
import os
import random
import shutil
import sys
import threading
import time

from sheet import IRQSCOPE, Run, Sheet

ARCHITECTURE = ["NMI Non-maskable interrupts", "LOC Local timer interrupts", "RES Rescheduling interrupts",
                "CAL Function call interrupts", "TLB TLB shootdowns", "MCP Machine check polls"]
SOFTIRQS = ["HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU"]
WHOLE_JSON = 50_000_000  # cells: Python needs 100 bytes and more for each


class Box:
    """A model of a box, in memory only where a line has counts."""

    def __init__(self, cpus, rows, folder):
        self.cpus, self.rows, self.folder = cpus, rows, folder
        chance = random.Random(cpus * 1_000_003 + rows)
        self.lines = []  # {cpu: (count before, count that comes)}
        for row in range(rows):
            line = {}
            for _ in range(1 + (row % 7 == 0) * 2):
                # Some counts are near 2**32, where the kernel's own begin anew.
                line[chance.randrange(cpus)] = (int(2 ** chance.uniform(0, 31.99)), chance.randrange(60_000) if row % 3 else 0)
            self.lines.append(line)
        self.dense = [[(chance.randrange(2**32), chance.randrange(30_000)) for _ in range(cpus)] for _ in ARCHITECTURE]
        self.soft = [[(chance.randrange(2**32), chance.randrange(30_000)) for _ in range(cpus)] for _ in SOFTIRQS]

    @staticmethod
    def now(count, is_later):
        return (count[0] + count[1] * is_later) % 2**32

    def table(self, is_later, path):
        with open(path, "w", buffering=4 << 20) as out:
            out.write(" " * 12 + "".join(f"CPU{cpu:<8}" for cpu in range(self.cpus)) + "\n")
            zeros = bytearray(b" %10u" % 0 * self.cpus)
            for row, line in enumerate(self.lines):
                cells = zeros[:]
                for cpu, count in line.items():
                    cells[11 * cpu:11 * cpu + 11] = b" %10u" % self.now(count, is_later)
                device = f"{row // 65536:04x}:{row // 256 % 256:02x}:{row // 8 % 32:02x}.{row % 8}"
                out.write(f"{row + 24:4}:{cells.decode()}  PCI-MSIX-{device} {row % 64:4}-edge      nic{row // 64}-{row % 64}\n")
            for words, counts in zip(ARCHITECTURE, self.dense):
                label, text = words.split(" ", 1)
                out.write(f"{label:>4}:" + "".join(f" {self.now(c, is_later):10}" for c in counts) + f"  {text}\n")
            out.write(" ERR:          0\n MIS:          0\n")

    def small(self, is_later, folder):
        with open(f"{folder}/softirqs", "w") as out:
            out.write(" " * 20 + "".join(f"CPU{cpu:<8}" for cpu in range(self.cpus)) + "\n")
            for name, counts in zip(SOFTIRQS, self.soft):
                out.write(f"{name:>12}:" + "".join(f" {self.now(c, is_later):10}" for c in counts) + "\n")
        with open(f"{folder}/stat", "w") as out:
            times = [(1000, 0, 1000, 60_000 + 5_000 * is_later, 0, 500 + 60 * is_later, 500 + 60 * is_later, 0, 0, 0)] * self.cpus
            out.write("cpu  " + " ".join(str(sum(column)) for column in zip(*times)) + "\n")
            out.write("".join(f"cpu{cpu} " + " ".join(map(str, t)) + "\n" for cpu, t in enumerate(times)) + "intr 0\nctxt 0\n")
        with open(f"{folder}/uptime", "w") as out:
            out.write(f"{7200 + 60 * is_later}.00 1.00\n")

    def write(self):
        proc, system = f"{self.folder}/proc", f"{self.folder}/sys/devices/system"
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(proc)
        self.table(0, f"{proc}/interrupts")
        self.table(1, f"{self.folder}/interrupts.later")
        self.small(0, proc)
        os.mkdir(f"{self.folder}/second")
        self.small(1, f"{self.folder}/second")
        texts = {"version": "Linux version 6.18.0 (made) #1 SMP\n", "cmdline": "root=/dev/sda1\n"}
        for name, text in texts.items():
            with open(f"{proc}/{name}", "w") as out:
                out.write(text)
        for row, line in enumerate(self.lines):
            cpu = max(line, key=lambda cpu: line[cpu][0])
            os.makedirs(f"{proc}/irq/{row + 24}")
            for name, text in (("smp_affinity_list", f"0-{self.cpus - 1}"), ("effective_affinity_list", cpu),
                               ("spurious", "count 0\nunhandled 0\nlast_unhandled 0 ms")):
                with open(f"{proc}/irq/{row + 24}/{name}", "w") as out:
                    out.write(f"{text}\n")
        os.makedirs(f"{system}/cpu")
        for name in ("online", "possible", "present"):
            with open(f"{system}/cpu/{name}", "w") as out:
                out.write(f"0-{self.cpus - 1}\n")
        nodes = 8
        for node in range(nodes):
            os.makedirs(f"{system}/node/node{node}")
            with open(f"{system}/node/node{node}/cpulist", "w") as out:
                out.write(f"{self.cpus * node // nodes}-{self.cpus * (node + 1) // nodes - 1}\n")

    def swap(self, is_later):
        """Puts the second sample in place of the first, or back."""
        if is_later:
            os.rename(f"{self.folder}/proc/interrupts", f"{self.folder}/interrupts.before")
            os.rename(f"{self.folder}/interrupts.later", f"{self.folder}/proc/interrupts")
        else:
            os.rename(f"{self.folder}/proc/interrupts", f"{self.folder}/interrupts.later")
            os.rename(f"{self.folder}/interrupts.before", f"{self.folder}/proc/interrupts")
        self.small(is_later, f"{self.folder}/proc")

    # What is right, computed here.

    def row_sums(self):
        sums = {str(row + 24): sum(count[0] for count in line.values()) for row, line in enumerate(self.lines)}
        for words, counts in zip(ARCHITECTURE, self.dense):
            sums[words.split(" ", 1)[0]] = sum(count[0] for count in counts)
        return sums | {"ERR": 0, "MIS": 0}

    def cpu_sums(self):
        sums = [sum(counts[cpu][0] for counts in self.dense) for cpu in range(self.cpus)]
        for line in self.lines:
            for cpu, count in line.items():
                sums[cpu] += count[0]
        return sums

    def deltas(self):
        result = {str(row + 24): sum(count[1] for count in line.values()) for row, line in enumerate(self.lines)}
        for words, counts in zip(ARCHITECTURE, self.dense):
            result[words.split(" ", 1)[0]] = sum(count[1] for count in counts)
        return result | {"ERR": 0, "MIS": 0}


def examine(sheet, box):
    size = os.path.getsize(f"{box.folder}/proc/interrupts")
    name = f"{box.cpus:,} CPUs x {box.rows:,} rows"
    cells = box.cpus * box.rows
    proc = ["--proc-root", f"{box.folder}/proc", "--sys-root", f"{box.folder}/sys"]
    root = ["--root", box.folder]
    table = []

    def run(title, *arguments, keeps=True, environment=None, statuses=(0,)):
        done = Run([IRQSCOPE, *arguments], keeps=keeps, environment=environment, statuses=statuses)
        table.append([title, f"{done.cpu:.2f}", f"{done.wall:.2f}", f"{done.peak:,.0f}", f"{done.peak * 2**20 / size:.2f}",
                      f"{done.size:,}", done.status])
        print(" | ".join(map(str, table[-1])), (done.errors or done.output[-300:].decode(errors="replace") if done.status else
                                              done.errors)[:600], flush=True)
        return done

    print(f"{name}: /proc/interrupts has {size:,} bytes", flush=True)
    sums = box.row_sums()
    # list
    done = run("list", "list", *proc)
    # list: CSV, one line for each count.
    found, columns = {}, [0] * box.cpus
    if cells <= WHOLE_JSON:
        done = run("list --csv", "list", "--csv", *proc)
        for line in csv.reader(io.StringIO(done.output.decode())):
            if line[0] == "interrupts":
                found[line[1]] = found.get(line[1], 0) + int(line[4])
                if line[3]:
                    columns[int(line[3])] += int(line[4])
        sheet.check(found == sums, f"list --csv, {name}: the sums of rows")
        sheet.check(columns == box.cpu_sums(), f"list --csv, {name}: the sums of CPUs")
        done = run("list --json", "list", "--json", *proc)
        report = json.loads(done.output)
        del done
        sheet.check({row["label"]: row["total"] for row in report["interrupts"]} == sums, f"list --json, {name}: totals")
        columns = [sum(column) for column in zip(*(r["counts"] for r in report["interrupts"] if r["kind"] == "per_cpu"))]
        sheet.check(columns == box.cpu_sums(), f"list --json, {name}: the sums of CPUs")
        del report, columns
    else:
        run("list --csv", "list", "--csv", *proc, keeps=False)
        run("list --json", "list", "--json", *proc, keeps=False)
    # top: the second sample comes while it runs.
    for title, options in (("top -b, 6 intervals", []), ("top -b --json, 6 intervals", ["--json"])):
        if options and cells > WHOLE_JSON // 4:
            continue
        swapping = threading.Timer(3, box.swap, (1,))
        swapping.start()
        seconds = max(1, size / 4e8)
        done = run(title, "top", "-b", "-n", "6", "-d", f"{seconds:.1f}", *options, *proc)
        swapping.join()
        box.swap(0)
        if options:
            moved = dict.fromkeys(sums, 0)
            for line in done.output.splitlines():
                for row in json.loads(line)["interrupts"]:
                    moved[row["label"]] += row["delta"]
            sheet.check(moved == box.deltas(), f"{title}, {name}: what came in all intervals")
    # alert: two runs a minute apart.
    state = f"{box.folder}/state"
    for number in (0, 1):
        if number:
            box.swap(1)
        done = run(f"alert --json, run {number + 1}", "alert", "--json", "--no-trace", "--state", state, *proc, statuses=(0, 1, 2),
                   environment={"IRQSCOPE_TEST_CLOCK": f"{7200 + 60 * number},{7200 + 60 * number},1790000000"})
        report = json.loads(done.output)
        sheet.check(report["rows"] == box.rows + len(ARCHITECTURE) + 2, f"alert, {name}: {report['rows']} rows")
        if number:
            devices = sum(count[1] for line in box.lines for count in line.values()) / 60
            sheet.check(abs(report["device_per_s"] - devices) < 1e-6 * devices,
                        f"alert, {name}: {report['device_per_s']} interrupts of devices a second, not {devices}")
            box.swap(0)
        for problem in report["problems"]:
            print("alert says:", problem)
    run("doctor", "doctor", *root, statuses=(0, 1, 2, 3))
    for title, options in (("affinity show", []), ("affinity show --json", ["--json"])):
        done = run(title, "affinity", "show", *options, *root)
    lines = json.loads(done.output)["lines"]
    sheet.check(len(lines) == box.rows, f"affinity show --json, {name}: {len(lines)} lines")
    for goal in ("spread",):
        run(f"affinity plan {goal}", "affinity", "plan", goal, *root, statuses=(0, 1))
        run(f"affinity plan {goal} --json", "affinity", "plan", goal, "--json", *root, statuses=(0, 1))
    sheet.say(f"{name}, {size / 1e6:,.0f} MB of /proc/interrupts, {3 * box.rows:,} files of /proc/irq:")
    sheet.say()
    sheet.table(["command", "CPU s", "wall s", "peak RSS MiB", "by the table's size", "bytes written", "status"], table)


def main():
    work = sys.argv[1]
    sheet = Sheet()
    for size in sys.argv[2:] or ["4096x2000", "64x100000"]:
        cpus, rows = map(int, size.split("x"))
        begin = time.monotonic()
        box = Box(cpus, rows, f"{work}/box")
        box.write()
        print(f"made in {time.monotonic() - begin:.0f} s", flush=True)
        examine(sheet, box)
        shutil.rmtree(box.folder)
    sheet.verdict("counts, sums and differences are those of the model", not sheet.differences,
                  "; ".join(sheet.differences[:5]) or "all")
    sys.exit(sheet.end())


if __name__ == "__main__":
    main()
