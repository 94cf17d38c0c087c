#!/usr/bin/env python3
"""Writes the section CHECKS of man/irqscope-doctor.1 from what the checks say of themselves.

usage: docs/doctor-checks.py --binary IRQSCOPE [--accept]

Without --accept it says whether the manual tells the truth, and ends with 1 if not."""
import argparse
import json
import pathlib
import re
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parent.parent / "man" / "irqscope-doctor.1"


def roff(text):
    """Text as it may stand in a line of a manual page."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^(['.])", r"\\&\1", text)


def entry(check):
    lines = [".TP", f".B {roff(check['name'])}", roff(check["title"][0].upper() + check["title"][1:]) + "."]
    lines += [roff(check["meaning"]), ".br", f"Judged by: {roff(check['rule'].rstrip('.'))}."]
    if check["exceptions"]:
        lines += [".br", f"Not when: {roff(check['exceptions'].rstrip('.'))}."]
    lines += [".br", f"Trust: {roff(check['trust'].rstrip('.'))}."]
    return "\n".join(lines) + "\n"


parser = argparse.ArgumentParser()
parser.add_argument("--binary", required=True)
parser.add_argument("--accept", action="store_true")
options = parser.parse_args()
told = subprocess.run([options.binary, "doctor", "--explain", "all", "-J"], capture_output=True, check=True).stdout
section = "".join(entry(check) for check in json.loads(told)["checks"])
page = PAGE.read_text()
begin, end = page.index(".\\\" checks: begin"), page.index(".\\\" checks: end")
begin = page.index("\n", begin) + 1
wanted = page[:begin] + section + page[end:]
if wanted == page:
    sys.exit(0)
if not options.accept:
    sys.exit("man/irqscope-doctor.1 does not say what the checks say of themselves: docs/doctor-checks.py --accept")
PAGE.write_text(wanted)
