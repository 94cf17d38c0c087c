"""Counts the heap allocations of a static executable, into which no library can be preloaded: by probes of the kernel."""
import os
import subprocess
import tempfile

GROUP = "irqscope_bench"


class Allocations:
    """The probes, which are there as long as this is used: `with Allocations(PROGRAM) as allocations:`."""

    def __init__(self, program):
        self.program = program

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.copy = os.path.join(self.folder.name, "irqscope")
        # The symbols are enough.
        subprocess.run(["strip", "-g", "-o", self.copy, self.program], check=True)
        self.remove()
        for name in ("malloc", "calloc", "realloc", "memalign"):
            subprocess.run(["perf", "probe", "-q", "-x", self.copy, "--add", f"{GROUP}:{name}={name}"], check=True,
                           stdout=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self.remove()
        self.folder.cleanup()

    def remove(self):
        """Takes the probes out of the kernel."""
        subprocess.run(["perf", "probe", "-q", "--del", f"{GROUP}:*"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def count(self, *arguments):
        """The allocations of one run. Swift's hashing is seeded at random: so the seed is fixed."""
        with tempfile.NamedTemporaryFile("r") as out:
            subprocess.run(["perf", "stat", "-x,", "-o", out.name, "-e", f"{GROUP}:*", self.copy, *arguments], check=True,
                           env=dict(os.environ, SWIFT_DETERMINISTIC_HASHING="1"), stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            return self.sum(out.read())

    def watch(self, pid, seconds):
        """Counts from now on in a process; what it returns waits for the end and tells the number."""
        out = tempfile.NamedTemporaryFile("r")
        process = subprocess.Popen(["perf", "stat", "-x,", "-o", out.name, "-e", f"{GROUP}:*", "-p", str(pid), "--",
                                    "sleep", str(seconds)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def result():
            process.wait()
            with out:
                return self.sum(out.read())

        return result

    @staticmethod
    def sum(text):
        counts = [line.split(",")[0] for line in text.splitlines() if f"{GROUP}:" in line]
        if not counts or not all(count.isdigit() for count in counts):
            raise RuntimeError("perf stat does not count: " + text)
        return sum(map(int, counts))
