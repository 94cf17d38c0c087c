#!/usr/bin/env python3
"""The user at the second serial line of a machine of vm-test.sh: types into irqscope top there, and looks at the screen.

    vm-terminal.py SOCKET OUTDIR

SOCKET is QEMU's end of the line. tmux is the terminal. OUTDIR gets terminal.json, a list of name, ok and what was seen, and
the screens.
"""
import json
import os
import pathlib
import re
import select
import socket
import subprocess
import sys
import time
import tty

ROWS, COLUMNS = 24, 80
# A machine may take so long until it comes to its session of top, and so long to answer a key.
UNTIL_BEGIN_SECONDS, UNTIL_ANSWER_SECONDS = 850, 60


def bridge(path):
    """Copies between this terminal and the line, until the machine ends."""
    line = socket.socket(socket.AF_UNIX)
    for _ in range(1200):
        try:
            line.connect(path)
            break
        except OSError:
            time.sleep(0.1)
    tty.setraw(0)
    while True:
        for source in select.select([0, line], [], [])[0]:
            data = os.read(0, 4096) if source == 0 else line.recv(4096)
            if not data:
                return
            line.sendall(data) if source == 0 else os.write(1, data)


class Session:
    def __init__(self, path, out):
        self.out, self.results = out, []
        self.tmux = ["tmux", "-S", f"{path}.tmux", "-f", "/dev/null"]
        command = [sys.executable, __file__, "--bridge", path]
        subprocess.run([*self.tmux, "new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS), *command], check=True)
        # The foot of tmux would take a row.
        subprocess.run([*self.tmux, "set", "-g", "status", "off"], check=True)

    def screen(self):
        seen = subprocess.run([*self.tmux, "capture-pane", "-p"], capture_output=True, text=True)
        return seen.stdout if seen.returncode == 0 else None

    def wait(self, name, expected, absent=None, seconds=UNTIL_ANSWER_SECONDS):
        """Waits for a screen that has one expression and not another, and keeps it."""
        end, screen = time.monotonic() + seconds, ""
        ok = False
        while not ok and time.monotonic() < end:
            time.sleep(0.25)
            screen = self.screen()
            if screen is None:
                break
            ok = bool(re.search(expected, screen)) and not (absent and re.search(absent, screen))
        seen = (screen or "").rstrip()
        self.results.append({"name": name, "ok": ok, "seen": "" if ok else seen.strip().splitlines()[-1:] or ["nothing"]})
        (self.out / f"terminal-{len(self.results)}.screen").write_text(f"{name}\n{seen}\n")
        (self.out / "terminal.json").write_text(json.dumps(self.results))
        return ok

    def type(self, key):
        subprocess.run([*self.tmux, "send-keys", key], capture_output=True)

    def play(self):
        if not self.wait("the session begins", "TERMINAL-BEGIN", seconds=UNTIL_BEGIN_SECONDS):
            return
        self.type("Enter")
        self.wait("top shows interrupts", r"(?s)Local timer.*F1 ?Help", "TERMINAL-BEGIN")
        self.type("F1")
        self.wait("F1 shows the help", "again goes back")
        self.type("F1")
        self.wait("F1 again goes back", r"Local timer", "again goes back")
        self.type("2")
        self.wait("2 shows softirqs", r"TIMER", "Local timer")
        self.type("3")
        self.wait("3 shows CPUs", r"softirq/s")
        self.type("1")
        self.wait("1 shows interrupts again", r"Local timer")
        # Meanwhile a CPU goes and comes.
        time.sleep(14)
        self.wait("top is still there", r"(?s)Local timer.*F1 ?Help")
        self.type("q")
        self.wait("q leaves, and the screen is as before", r"(?s)TERMINAL-BEGIN.*TERMINAL-END", "Local timer|F1 ?Help")
        self.type("Enter")


if sys.argv[1] == "--bridge":
    bridge(sys.argv[2])
else:
    session = Session(sys.argv[1], pathlib.Path(sys.argv[2]))
    try:
        session.play()
    finally:
        subprocess.run([*session.tmux, "kill-server"], capture_output=True)
