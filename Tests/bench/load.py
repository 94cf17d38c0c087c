#!/usr/bin/env python3
"""Keeps two cores busy with interrupts until it is killed: load.py SCRATCH [READERS [BLOCK [FLOODS]]].

Readers of SCRATCH past the page cache (two, a disk interrupt for each block of 4k), and one flood of datagrams over
loopback. Many readers of large blocks make fewer interrupts, whose handlers have more to do.
"""
import ctypes
import os
import signal
import socket
import sys


def child(work):
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: nothing outlives us
    if os.getppid() != parent:
        os._exit(1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    work()
    os._exit(1)


def read():
    while True:
        pid = child(lambda: os.execvp(
            "dd", ["dd", f"if={sys.argv[1]}", "of=/dev/null", "iflag=direct", f"bs={block}", "status=none"]))
        os.waitpid(pid, 0)


def flood():
    near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    near.bind(("127.0.0.1", 0))
    near.connect(near.getsockname())
    data = bytes(64)
    while True:
        for _ in range(16):
            near.send(data)
        for _ in range(16):
            near.recv(64)


readers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
block = sys.argv[3] if len(sys.argv) > 3 else "4k"
floods = int(sys.argv[4]) if len(sys.argv) > 4 else 1
pids = [child(read) for _ in range(readers)] + [child(flood) for _ in range(floods)]
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
signal.pause()
