#!/usr/bin/env python3
"""Makes the outputs in docs/cookbook.md, or tells which no longer fit: cookbook.py [--binary FILE] [--accept]

In front of each block of output a comment says what makes it, and which of its lines are kept:

    <!-- irqscope report Fixtures/recordings/amd64-v7.dat --slow 3
         keep 6 from ^Slowest
         keep 1 from ^Quality -->

The first line of the block is what a reader types, and stays. `box NAME` in place of `irqscope …` is the last of three
runs of `irqscope alert` over a box of Tests/golden/golden.py. Exit status: 0 all fit, 1 some do not, 2 it could not be run.
"""
import argparse
import difflib
import html
import importlib.util
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[1]
BOOK = ROOT / "docs/cookbook.md"
BLOCK = re.compile(r"<!-- ((?:irqscope|box) [^>]*?)-->\n```\n(.*?)```\n", re.S)
WIDEST = 130


def printed(binary, words):
    """Everything that the command prints, as on a terminal without colours."""
    if words[0] == "box":
        specification = importlib.util.spec_from_file_location("golden", ROOT / "Tests/golden/golden.py")
        golden = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(golden)
        with tempfile.TemporaryDirectory() as folder:
            case = golden.AlertCase("", pathlib.Path(folder), golden.ALERTS[words[1]], words[2:])
            runs = case.output(binary).decode().split("--- standard error\n")
        return re.sub("(?m)^--- status .*\n", "", runs[-2])
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": "/nonexistent", "TZ": "UTC", "NO_COLOR": "1"}
    result = subprocess.run(
        [binary] + words[1:], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=120)
    text = re.sub(r"Fixtures/(recordings|deep)/[^ :]*", "trace.dat", result.stdout.decode())
    if result.returncode != 0:
        text += f"(exit status {result.returncode})\n"
    return text


def kept(text, rules, problem):
    """The lines of `text` that the rules keep; an ellipsis stands for those in between."""
    lines = text.splitlines()
    if not rules:
        rules = [(len(lines), "")]
    chosen, end = [], 0
    for count, pattern in rules:
        place = next((i for i in range(end, len(lines)) if re.search(pattern, lines[i])), None)
        if place is None:
            problem(f"no line has {pattern}")
            continue
        if place > end and chosen:
            chosen.append("…")
        end = min(place + count, len(lines))
        for line in lines[place:end]:
            chosen += textwrap.wrap(line, WIDEST, subsequent_indent="    ") if len(line) > WIDEST else [line.rstrip()]
    while chosen and not chosen[-1]:
        chosen.pop()
    return "".join(line + "\n" for line in chosen)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(ROOT / ".build/debug/irqscope"))
    parser.add_argument("--accept", action="store_true")
    choice = parser.parse_args()
    binary = str(pathlib.Path(choice.binary).resolve())
    if not os.access(binary, os.X_OK):
        print(f"cookbook.py: {binary} is not there: build it, or name another --binary", file=sys.stderr)
        return 2
    book, problems = BOOK.read_text(), []

    def renewed(match):
        head, *rest = match[1].strip().splitlines()
        rules = [(int(words[1]), words[3]) for words in (line.split(maxsplit=3) for line in rest)]
        typed = match[2].splitlines()[0]
        made = kept(printed(binary, shlex.split(html.unescape(head))), rules, lambda words: problems.append(f"{head}: {words}"))
        return match[0][:match.start(2) - match.start()] + typed + "\n" + made + "```\n"

    count = len(BLOCK.findall(book))
    if count != book.count("<!--") or count == 0:
        problems.append("a comment is not followed by its block")
    new = BLOCK.sub(renewed, book)
    if new != book:
        if choice.accept:
            BOOK.write_text(new)
        else:
            sys.stdout.writelines(difflib.unified_diff(
                book.splitlines(True), new.splitlines(True), "docs/cookbook.md", "now", n=2))
            problems.append("outputs differ: make cookbook takes them as right; read the words around them then")
    for problem in problems:
        print(f"cookbook.md: {problem}")
    print(f"{count} outputs")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
