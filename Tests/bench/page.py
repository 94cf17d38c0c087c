#!/usr/bin/env python3
"""What a page costs beside the text: page.py IRQSCOPE [FILE...]

Of each recording (without any: copies of one in Fixtures, of one and of six million events) the CPU time, the memory and the
bytes of `report` and of `report --format html`. Limits: 1 s and 2 MB up to a million events, twice the CPU of the text and 3 MB
beyond. Exit status 1 if one is exceeded.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from processes import best

ROOT = pathlib.Path(__file__).resolve().parents[2]


def made(binary, folder):
    """Recordings of at least one and six million events."""
    source = folder / "one.dat"
    subprocess.run(["trace-cmd", "convert", "--file-version", "6", "--compression", "none",
                    "-i", ROOT / "Fixtures/deep/plain-6.12.dat", "-o", source], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    for copies in (18, 107):
        path = folder / f"x{copies}.dat"
        subprocess.run([ROOT / "Tests/bench/multiply.py", source, path, str(copies)], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
        yield path


def main():
    binary, status = sys.argv[1], 0
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp")) as name:
        folder = pathlib.Path(name)
        print(f"{'recording':24} {'events':>12} {'text':>8} {'page':>8} {'ratio':>6} {'memory':>10} {'bytes':>12}")
        for path in [pathlib.Path(file) for file in sys.argv[2:]] or made(binary, folder):
            runs = {}
            for form in ("text", "html"):
                [runs[form]] = best(3, [binary, "report", "--format", form, path], output=folder / form)
            events = int(re.search(r"([\d,]+) events read", (folder / "text").read_text()).group(1).replace(",", ""))
            text, page, memory, size = runs["text"].cpu, runs["html"].cpu, runs["html"].rss, runs["html"].size
            print(f"{path.name:24} {events:12,} {text:7.3f}s {page:7.3f}s {page / text:6.2f} {memory:6.1f} MiB {size:12,}")
            small = events <= 1_050_000
            if size > (2_000_000 if small else 3_000_000) or (page > 1 if small else page > 2 * text):
                status = 1
                print("page: more than the limits")
    sys.exit(status)


if __name__ == "__main__":
    main()
