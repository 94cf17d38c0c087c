#!/usr/bin/env python3
"""Make a recording longer: the same pages again and again, with time going on.

  multiply.py IN-v6.dat OUT-v6.dat COPIES

IN is an uncompressed little-endian trace.dat of version 6 with one buffer, as make-recording.sh writes it. Changed are the
time in each page's header, from which its events count on, and the few absolute times among these.
"""
import mmap
import os
import struct
import sys

PAGE = 4096
ABSOLUTE = 31  # type_len of an absolute time: 59 bits, 27 of them in this word and 32 in the next


def cpu_table(file):
    """Where the table of CPU data stands, and its (offset, size) pairs."""
    def u(form, at):
        return struct.unpack_from("<" + form, file, at)[0]

    assert file[:12] == b"\x17\x08\x44tracing6\0"[:12] and file[12:14] == b"\0\x08", "not a little-endian version 6 file"
    assert u("I", 14) == PAGE
    at = 18
    for name in (b"header_page\0", b"header_event\0"):
        at += len(name)
        at += 8 + u("Q", at)
    count, at = u("I", at), at + 4
    for _ in range(count):
        at += 8 + u("Q", at)
    count, at = u("I", at), at + 4
    for _ in range(count):
        at = file.find(b"\0", at) + 1
        events, at = u("I", at), at + 4
        for _ in range(events):
            at += 8 + u("Q", at)
    at += 4 + u("I", at)  # kallsyms
    at += 4 + u("I", at)  # printk formats
    at += 8 + u("Q", at)  # saved command lines
    cpus, at = u("I", at), at + 4
    if file[at:at + 10] == b"options  \0":
        at += 10
        while u("H", at):
            at += 6 + u("I", at + 2)
        at += 2
    assert file[at:at + 10] == b"flyrecord\0"
    at += 10
    return at, [struct.unpack_from("<QQ", file, at + 16 * cpu) for cpu in range(cpus)]


def absolute_times(file, start, size):
    """The places, from `start` on, of the absolute times in a CPU's pages."""
    found = []
    for page in range(0, size, PAGE):
        words = memoryview(file)[start + page:start + page + PAGE].cast("I")
        at, end = 4, 4 + (words[2] & 0x7FFFFFF) // 4
        while at < end:
            kind = words[at] & 31
            if kind == ABSOLUTE:
                found.append(page + at * 4)
            if kind == 29 and words[at] >> 5 == 0:
                break
            if kind == 0:
                at += 1 + (words[at + 1] + 3) // 4
            elif kind == 29:
                at += 1 + words[at + 1] // 4
            else:
                at += 2 if kind > 29 else 1 + kind
    return found


def main():
    source, target, copies = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with open(source, "rb") as opened:
        file = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    table, sections = cpu_table(file)
    times = [struct.unpack_from("<Q", file, at)[0] for start, size in sections for at in range(start, start + size, PAGE)]
    shift = max(times) - min(times) + 1_000_000_000  # a second: more than the last page can span
    with open(target, "wb", buffering=4 << 20) as out:
        begin = (table + 16 * len(sections) + PAGE - 1) // PAGE * PAGE
        out.write(file[:table])
        offset = begin
        for _, size in sections:
            out.write(struct.pack("<QQ", offset, size * copies))
            offset += size * copies
        out.write(bytes(begin - out.tell()))
        for start, size in sections:
            absolute = absolute_times(file, start, size)
            for copy in range(copies):
                pages = bytearray(file[start:start + size])
                for at in absolute:
                    low, high = struct.unpack_from("<II", pages, at)
                    time = (high << 27 | low >> 5) + copy * shift
                    struct.pack_into("<II", pages, at, (time & 0x7FFFFFF) << 5 | ABSOLUTE, time >> 27)
                for at in range(0, size, PAGE):
                    time, = struct.unpack_from("<Q", pages, at)
                    struct.pack_into("<Q", pages, at, time + copy * shift)
                out.write(pages)
        out.flush()
        os.fsync(out.fileno())


if __name__ == "__main__":
    main()
