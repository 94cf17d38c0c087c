"""What a command costs: time, CPU and memory."""
import collections
import os
import re
import subprocess
import sys
import threading
import time

# Wall and CPU seconds; the most resident memory, and the most of it that is no file's, in MiB; bytes written.
Cost = collections.namedtuple("Cost", "wall cpu rss anonymous size")


def run(command, environment=None, stdin=None, output=os.devnull, allow=(0,), number=None, after=None, first=None):
    """Runs a command with its output in a file.

    `number` is a signal that ends it `after` seconds. `first` asks for the seconds until these bytes are written instead of
    the wall time. Memory is VmHWM, looked at again and again: what the kernel counts of a child begins with that of the
    Python it was forked from.
    """
    peak, seen, done = [0, 0], [], threading.Event()

    def watch():
        while not done.is_set():
            try:
                with open(f"/proc/{process.pid}/status") as status:
                    text = status.read()
            except OSError:
                return
            # Before exec it is still this Python, and at its end it has no memory any more.
            if os.path.exists(f"/proc/{process.pid}/exe") and is_ours():
                for index, name in enumerate(("RssAnon", "VmHWM")):
                    found = re.search(rf"^{name}:\s+(\d+)", text, re.M)
                    if found:
                        peak[index] = max(peak[index], int(found[1]) / 1024)
            if first and not seen and first in open(output, "rb").read():
                seen.append(time.monotonic() - begin)
            if number and time.monotonic() - begin >= after:
                process.send_signal(number)
                return
            time.sleep(0.0002 if time.monotonic() - begin < 0.05 else 0.002)

    def is_ours():
        try:
            return os.readlink(f"/proc/{process.pid}/exe") != own
        except OSError:
            return False

    own = os.readlink("/proc/self/exe") if command[0] != sys.executable else ""
    with open(os.devnull, "rb") as null, open(output, "wb") as out:
        begin = time.monotonic()
        process = subprocess.Popen([str(word) for word in command], stdin=stdin or null, stdout=out, stderr=subprocess.DEVNULL,
                                   env=dict(os.environ, **(environment or {})))
        watcher = threading.Thread(target=watch)
        watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        done.set()
        watcher.join()
    if process.returncode not in allow and not (number and process.returncode == -number):
        sys.exit(f"bench: {' '.join(map(str, command))} failed with {process.returncode}")
    return Cost(seen[0] if seen else wall, usage.ru_utime + usage.ru_stime, peak[1], peak[0],
                os.path.getsize(output) if os.path.isfile(output) else 0)


def best(times, *commands, **options):
    """Runs the commands in turns, each so many times; of each quantity the least, but of memory the most."""
    results = [[run(command, **options) for command in commands] for _ in range(times)]

    def of(costs):
        wall, cpu, rss, anonymous, size = zip(*costs)
        return Cost(min(wall), min(cpu), max(rss), max(anonymous), max(size))

    return [of([turn[index] for turn in results]) for index in range(len(commands))]
