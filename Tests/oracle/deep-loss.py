#!/usr/bin/env python3
"""Loses pages of recordings at many places and looks whether a time becomes longer than it was.

    deep-loss.py IRQSCOPE ROUNDS SEED RECORDING.dat…

Each recording is a trace.dat of version 6, not packed, with one buffer (trace-cmd convert --file-version 6 --compression none).
A round drops some pages of one CPU or of two, from the beginning or in the midst; the page after them says that events are
missing, as the kernel marks it. No row of the key `deep` may then have a longer maximum than the whole recording
gave it, and a row that is new none above all of its kind. Exit status: 0 none had, 1 some had.
"""
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench"))
from multiply import PAGE, cpu_table  # noqa: E402

MISSED = 1 << 31
TIMES = {"threads": ("wake_latency", "irq_to_run", "run_time", "preempted_time", "blocked_time"), "wakes": ("latency",),
         "chains": ("irq_to_first_poll",), "tasklets": ("duration",), "timers": ("duration",),
         "work": ("duration", "queue_latency")}
IDENTITY = {"threads": ("pid",), "wakes": ("kind", "id", "action", "pid"), "chains": ("irq", "devices"),
            "tasklets": ("function",), "timers": ("kind", "function"), "work": ("function",)}


def maxima(irqscope, path):
    """The maximum of each row by its place."""
    out = subprocess.run([irqscope, "report", "--json", path], capture_output=True, check=True).stdout
    deep = json.loads(out)["deep"]
    found = {}
    if deep is None:
        return found
    for table, keys in TIMES.items():
        for row in deep[table]:
            for key in keys:
                if row[key] and row[key]["count"]:
                    found[(table, key) + tuple(row[k] for k in IDENTITY[table])] = row[key]["max_ns"]
    for row in deep["softirqs"]:
        for server, latency in row["raise_latency"].items():
            if latency and latency["count"]:
                found["softirqs", server, row["vector"]] = latency["max_ns"]
    for row in deep["ipis"]["functions"]:
        for key in ("duration", "queue_latency"):
            if row[key] and row[key]["count"]:
                found["functions", key, row["function"], row["local"]] = row[key]["max_ns"]
    return found


def lose(file, table, tables, losses, path):
    """Writes the recording without some pages: losses has (cpu, first, behind) of each."""
    parts = []
    for cpu, (offset, size) in enumerate(tables):
        pages = [bytearray(file[at:at + PAGE]) for at in range(offset, offset + size, PAGE)]
        for _, first, behind in sorted((x for x in losses if x[0] == cpu), reverse=True):
            if behind < len(pages):
                word = struct.unpack_from("<Q", pages[behind], 8)[0]
                struct.pack_into("<Q", pages[behind], 8, word | MISSED)
            del pages[first:behind]
        parts.append(b"".join(pages))
    start = min(offset for offset, _ in tables)
    out = bytearray(file[:start])
    at = start
    for cpu, part in enumerate(parts):
        struct.pack_into("<QQ", out, table + 16 * cpu, at, len(part))
        out += part
        at += len(part)
    with open(path, "wb") as f:
        f.write(out)


def main():
    irqscope, rounds, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    rng, bad, count = random.Random(seed), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for path in sys.argv[4:]:
            file = open(path, "rb").read()
            table, tables = cpu_table(file)
            whole = maxima(irqscope, path)
            most = {}
            for key, value in whole.items():
                most[key[:2]] = max(most.get(key[:2], 0), value)
            for n in range(rounds):
                losses = []
                for cpu in rng.sample(range(len(tables)), rng.choice((1, 1, min(2, len(tables))))):
                    pages = tables[cpu][1] // PAGE
                    if pages < 3:
                        continue
                    length = rng.randrange(1, max(2, pages // rng.choice((2, 10, 40))))
                    first = rng.choice((0, rng.randrange(0, pages - length)))
                    losses.append((cpu, first, first + length))
                cut = os.path.join(folder, "cut.dat")
                lose(file, table, tables, losses, cut)
                count += 1
                for key, value in maxima(irqscope, cut).items():
                    if value > whole.get(key, most.get(key[:2], 0)):
                        bad += 1
                        print(f"{os.path.basename(path)} without {losses}: {key} took {value}, before {whole.get(key)}")
    print(f"{count} recordings with losses, {bad} times became longer")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
