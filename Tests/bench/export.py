#!/usr/bin/env python3
"""What exports and samples cost: export.py IRQSCOPE [FILE]

Of a recording (without one: a million events, made of one in Fixtures) the CPU time, the memory and the bytes a span of each
format of `export`, beside `report`; and, as root, what one `sample` takes.
"""
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import page
from processes import best, run


def main():
    binary = sys.argv[1]
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp")) as name:
        folder = pathlib.Path(name)
        path = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else next(page.made(binary, folder))
        output = folder / "output"
        ways = {
            "report": ["report", path], "csv": ["export", "--format", "csv", path], "jsonl": ["export", "--format", "jsonl", path],
            "perfetto": ["export", "--format", "perfetto", path],
            "perfetto, gzip": ["export", "--format", "perfetto", "--gzip", path],
        }
        run([binary, *ways["csv"]], output=output)
        spans = sum(1 for _ in open(output, "rb")) - 1
        print(f"{path.name}: {spans:,} spans")
        for way, words in ways.items():
            [cost] = best(3, [binary, *words], output=output)
            of_each = f" {cost.size / spans:6.1f} a span" if way != "report" else ""
            print(f"  {way:16} {cost.cpu:7.3f} s {cost.rss:6.1f} MiB {cost.size:12,} bytes{of_each}")
        if os.geteuid() == 0:
            cost = run([binary, "sample"], output=output)
            print(f"  {'sample of 1 s':16} {cost.cpu:7.3f} s {cost.rss:6.1f} MiB {cost.size:12,} bytes")


if __name__ == "__main__":
    main()
