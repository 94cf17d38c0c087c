#!/usr/bin/env python3
"""Keeps two cores busy with interrupts until it is killed: load.py SCRATCH [CPU].

Two readers of SCRATCH past the page cache (a disk interrupt for each 4 KiB), and a flood of datagrams over loopback. With a
CPU: one reader alone, which stays there, so that each interrupt finds the box as the one before.
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
            "dd", ["dd", f"if={sys.argv[1]}", "of=/dev/null", "iflag=direct", "bs=4k", "status=none"]))
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


if len(sys.argv) > 2:
    os.sched_setaffinity(0, [int(sys.argv[2])])
    pids = [child(read)]
else:
    pids = [child(read), child(read), child(flood)]
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
signal.pause()
