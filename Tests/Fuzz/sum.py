#!/usr/bin/python3
"""Adds runs of the fuzz targets to Fixtures/fuzz/SUM.tsv, and prints the sums: sum.py [RUNS]

RUNS is the file that fuzz.sh appends to where FUZZ_RUNS names it; add it once, and begin another one. Runs of a target on one day
and of one commit are one line: executions, seconds and findings are added, of edges the most. Below them stand the sums.
"""
import pathlib
import sys

TITLE = "date commit target executions seconds cpu_seconds edges found".split()
place = pathlib.Path(__file__).resolve().parents[2] / "Fixtures/fuzz/SUM.tsv"


def read(path, runs):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        cells = line.split("\t")
        if cells == TITLE or cells[0] == "sum":
            continue
        if len(cells) != len(TITLE):
            sys.exit(f"{path}:{number}: {len(TITLE)} cells are needed: {line}")
        add(runs, tuple(cells[:3]), [float(cell) for cell in cells[3:]])


def add(sums, key, numbers):
    old = sums.get(key, [0] * 5)
    sums[key] = [max(a, b) if index == 3 else a + b for index, (a, b) in enumerate(zip(old, numbers))]


def lines(table):
    return "".join("\t".join([*key, *(str(round(number)) for number in table[key])]) + "\n" for key in table)


runs, sums = {}, {}
if place.exists():
    read(place, runs)
if len(sys.argv) > 1:
    read(pathlib.Path(sys.argv[1]), runs)
runs = dict(sorted(runs.items()))
for (_, _, target), numbers in sorted(runs.items(), key=lambda run: run[0][2]):
    add(sums, ("sum", "", target), numbers)
for numbers in runs.values():
    # Edges of different targets are partly the same ones.
    add(sums, ("sum", "", "all"), [*numbers[:3], 0, numbers[4]])
if len(sys.argv) > 1:
    place.write_text("\t".join(TITLE) + "\n" + lines(runs) + lines(sums))
print("\t".join(TITLE), lines(sums), sep="\n", end="")
executions, seconds, cpu, _, _ = sums.get(("sum", "", "all"), [0] * 5)
print(f"{executions:,.0f} executions in {seconds / 3600:.1f} hours of running, {cpu / 3600:.2f} hours of CPU time")
