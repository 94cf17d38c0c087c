"""What a machine of vm-test.sh left, read without irqscope, and the verdicts on it."""
import json
import re


class Impossible(Exception):
    """A check that this machine cannot have, with the reason."""


class Counts:
    """/proc/interrupts, read without irqscope: label to the counts of each CPU and the text behind them."""

    def __init__(self, path):
        lines = path.read_text().splitlines()
        width, self.rows = len(lines[0].split()), {}
        for line in lines[1:]:
            label, _, rest = line.partition(":")
            words = rest.split()
            counts = []
            while len(counts) < min(width, len(words)) and words[len(counts)].isdigit():
                counts.append(int(words[len(counts)]))
            self.rows[label.strip()] = counts, " ".join(words[len(counts):])

    def total(self, label):
        return sum(self.rows[label][0])


class Machine:
    def __init__(self, out, name):
        self.name, self.dir, self.rows, self.reasons = name, out / name, [], {}
        self.options = self.text("cmdline").split()
        self.kernel = self.text("uname").strip()
        self.steps = set(self.text("steps").split())
        self.locked = "lockdown=confidentiality" in self.options
        self.cpus = len(Counts(self.dir / "list-before.interrupts").rows["LOC"][0]) if "counts" in self.steps else 0
        self.threaded = "threadirqs" in self.options or "PREEMPT_RT" in self.kernel

    def text(self, name):
        return (self.dir / name).read_text(errors="replace")

    def documents(self, name):
        """The JSON documents that a run printed, one a line."""
        return [json.loads(line) for line in self.text(f"{name}.out").splitlines() if line.strip()]

    def document(self, name):
        return json.loads(self.text(f"{name}.out"))

    def check(self, column, name, expected, seen, ok):
        self.rows.append((column, name, str(expected), str(seen), bool(ok)))

    def need(self, step, not_locked=False, cpus=1):
        """Raises Impossible if a check has nothing to look at."""
        if step not in self.steps:
            raise Impossible("its step is not run there")
        if not_locked and self.locked:
            raise Impossible("locked down: nothing can be traced")
        if self.cpus < cpus:
            raise Impossible("one CPU")

    def runs(self):
        return sorted(path.stem for path in self.dir.glob("*.status") if path.stem != "terminal")

    def given_up(self):
        """The lines that the kernel disabled because nobody claimed them: it goes on to call their handlers, uncounted."""
        return {int(number) for number in re.findall(r"Disabling IRQ #(\d+)", self.text("dmesg"))}


def first(text):
    return (text.strip().splitlines() or ["nothing"])[0]
