"""What the parts of `make scale` have in common: running irqscope and measuring it, tables, verdicts."""
import os
import re
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench"))
from results import Results  # noqa: E402

IRQSCOPE = os.environ.get("IRQSCOPE") or os.path.join(os.path.dirname(__file__), "..", "..", ".build", "release", "irqscope")


class Sheet(Results):
    """Results, and the differences from what was computed in another way."""

    def __init__(self):
        super().__init__()
        self.differences = []

    def check(self, is_right, text):
        if not is_right:
            self.differences.append(text)
            print(f"different: {text}", flush=True)

    def end(self):
        """Writes what there is to the file of SCALE_OUT; the exit status."""
        if out := os.environ.get("SCALE_OUT"):
            self.write(out)
        return 1 if self.failed else 0


class Run:
    """A run of a command: its output or the size of it, wall and CPU seconds, memory in MiB."""

    def __init__(self, command, feeder=None, keeps=True, environment=None, statuses=(0,)):
        feed = subprocess.Popen(feeder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) if feeder else None
        begin = time.monotonic()
        child = subprocess.Popen(
            ["nice", "-n", "10", *command], stdin=feed.stdout if feed else subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=dict(os.environ, **(environment or {})))
        if feed:
            feed.stdout.close()
        self.anonymous = self.peak = 0
        watching = threading.Thread(target=self._watch, args=(child.pid,))
        watching.start()
        errors = []
        complaining = threading.Thread(target=lambda: errors.append(child.stderr.read()))
        complaining.start()
        pieces, self.size, self.lines = [], 0, 0
        while piece := os.read(child.stdout.fileno(), 1 << 20):
            self.size += len(piece)
            self.lines += piece.count(b"\n")
            if keeps:
                pieces.append(piece)
        _, status, usage = os.wait4(child.pid, 0)
        self.wall = time.monotonic() - begin
        child.returncode = self.status = os.waitstatus_to_exitcode(status)
        watching.join()
        complaining.join()
        if feed:
            feed.wait()
        self.cpu = usage.ru_utime + usage.ru_stime
        self.output, self.errors = b"".join(pieces), errors[0].decode(errors="replace")
        if self.status not in statuses:
            sys.exit(f"scale: {' '.join(command)} ended with {self.status}: {self.errors[:500]}")

    def _watch(self, pid):
        """The most memory, and the most that is no file's; not of what ran there before the program."""
        program = os.path.basename(IRQSCOPE)
        while True:
            try:
                with open(f"/proc/{pid}/status") as status:
                    text = status.read()
            except OSError:
                return
            if "VmHWM" not in text:
                return
            if text.startswith(f"Name:\t{program}\n"):
                self.peak = max(self.peak, int(re.search(r"^VmHWM:\s+(\d+)", text, re.M)[1]) / 1024)
                self.anonymous = max(self.anonymous, int(re.search(r"^RssAnon:\s+(\d+)", text, re.M)[1]) / 1024)
            time.sleep(0.002)
