#!/usr/bin/env python3
"""Turns the text of `trace-cmd report -t -R` on standard input into a trace of Perfetto on standard output.

    make-perfetto.py [plain|zlib|compact|described|addresses|unnamed]

Field numbers are those of protos/perfetto/trace in Perfetto's repository. As traced_probes does it, the kernel's buffers
are read every 50 ms, one CPU after the other; in place of addresses stand indexes, which start over with each reading,
and the names of functions follow in the packet. Without a field of its own an event is a GenericFtraceEvent.

    zlib        packets are packed, as with compression_type: COMPRESSION_TYPE_DEFLATE
    compact     sched_switch and sched_waking are packed by columns, as with compact_sched
    described   events without a field of their own are described, as with denser_generic_event_encoding
    addresses   addresses as they are, as versions before 2021 wrote them
    unnamed     without the names of functions, as without symbolize_ksyms
"""
import re
import sys
import zlib

# event: field of FtraceEvent, {the kernel's field: number in the message}
FIELDS = {
    "irq_handler_entry": (36, {"irq": 1, "name": 2}), "irq_handler_exit": (37, {"irq": 1, "ret": 2}),
    "softirq_entry": (24, {"vec": 1}), "softirq_exit": (25, {"vec": 1}), "softirq_raise": (26, {"vec": 1}),
    "local_timer_entry": (559, {"vector": 1}), "local_timer_exit": (560, {"vector": 1}),
    "workqueue_activate_work": (56, {"work": 1, "function": 2}),
    "workqueue_execute_end": (57, {"work": 1, "function": 2}),
    "workqueue_execute_start": (58, {"work": 1, "function": 2}),
    "workqueue_queue_work": (59, {"work": 1, "function": 2, "req_cpu": 4, "cpu": 5, "workqueue": 6}),
    "sched_switch": (4, {"prev_comm": 1, "prev_pid": 2, "prev_prio": 3, "prev_state": 4, "next_comm": 5, "next_pid": 6,
                         "next_prio": 7}),
    "sched_wakeup": (17, {"comm": 1, "pid": 2, "prio": 3, "success": 4, "target_cpu": 5}),
    "sched_waking": (20, {"comm": 1, "pid": 2, "prio": 3, "success": 4, "target_cpu": 5}),
    "sched_migrate_task": (491, {"comm": 1, "pid": 2, "prio": 3, "orig_cpu": 4, "dest_cpu": 5}),
    "hrtimer_start": (551, {"hrtimer": 1, "function": 2, "expires": 3, "softexpires": 4, "mode": 5}),
    "hrtimer_expire_entry": (553, {"hrtimer": 1, "now": 2, "function": 3}),
    "hrtimer_expire_exit": (554, {"hrtimer": 1}),
    "timer_expire_entry": (557, {"timer": 1, "now": 2, "function": 3, "baseclk": 4}),
    "timer_expire_exit": (558, {"timer": 1}),
    "ipi_raise": (23, {"target_cpus": 1, "reason": 2}),
}
# Events that are written as generic ones: their system, and those of their fields that are read.
GENERIC = {
    "napi_poll": ("napi", ["napi", "dev_name", "work", "budget"]), "tasklet_entry": ("irq", ["tasklet", "func"]),
    "tasklet_exit": ("irq", ["tasklet", "func"]), "ipi_send_cpu": ("ipi", ["cpu", "callsite", "callback"]),
    "ipi_send_cpumask": ("ipi", ["callsite", "callback"]), "csd_queue_cpu": ("csd", ["cpu", "callsite", "func", "csd"]),
    "csd_function_entry": ("csd", ["func", "csd"]), "csd_function_exit": ("csd", ["func", "csd"]),
    "page_fault_user": ("exceptions", ["address"]), "page_fault_kernel": ("exceptions", ["address"]),
    "softirq_unknown": ("irq", []),
}
VECTORS = "spurious_apic error_apic x86_platform_ipi irq_work reschedule call_function call_function_single"
for vector in VECTORS.split():
    GENERIC[vector + "_entry"] = GENERIC[vector + "_exit"] = ("irq_vectors", ["vector"])
POINTERS = {"work", "function", "hrtimer", "timer", "tasklet", "func", "csd", "callsite", "callback", "napi"}
TEXTS = {"name", "prev_comm", "next_comm", "comm", "workqueue", "dev_name", "reason"}
LINE = re.compile(r"^(.*)-(\d+)\s+\[(\d+)\](?:\s*\S*)?\s+(\d+)\.(\d{9}):\s+(\w+):\s*(.*)$")
LOST = re.compile(r"CPU:(\d+) \[(\d+ )?EVENTS DROPPED\]")
TICK = 50_000_000
mode = sys.argv[1] if len(sys.argv) > 1 else "plain"


def varint(number):
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def values(name, text):
    """The event's fields as trace-cmd prints them."""
    if name == "napi_poll" and "=" not in text:
        found = re.search(r"struct (\S+) for device (.*) work (\d+) budget (\d+)", text)
        return {"napi": found[1], "dev_name": found[2], "work": found[3], "budget": found[4]} if found else {}
    if name == "ipi_raise":
        found = re.search(r"target_mask=(\S+) \((.*)\)", text)
        return {"target_cpus": "1", "reason": found[2]} if found else {}
    # A name may hold anything: it ends at the next field's.
    found = dict(re.findall(r"(\w+)=(.*?)(?=,? (?:==> )?\w+=|\s*$)", text))
    # trace-cmd prints where in a function a call stands, and the function of an hrtimer's expiry as an address; Perfetto names
    # functions alone.
    for key in ("callsite", "callback"):
        if key in found:
            found[key] = re.sub(r"\+0x[0-9a-f]+$", "", found[key])
    if name == "hrtimer_start":
        hrtimers[found["hrtimer"]] = found["function"]
    elif name == "hrtimer_expire_entry" and mode != "addresses":
        found["function"] = hrtimers.get(found["hrtimer"], found["function"])
    return found


def number(value):
    found = re.match(r"-?0x[0-9a-f]+|-?\d+", value)
    return int(found[0], 16 if "0x" in found[0] else 10) if found else None


class Reading:
    """One reading of the kernel's buffers."""

    def __init__(self):
        self.indexes, self.named, self.events, self.lost = {}, 0, {}, set()

    def pointer(self, value):
        if mode == "addresses":
            return number(value) if number(value) is not None else 0xFFFF_FFFF_8000_0000 + hash(value) % 2**20 * 16
        return self.indexes.setdefault(value, len(self.indexes) + 1)

    def value(self, key, value, name):
        if key in TEXTS:
            return value
        if key in POINTERS and not (name == "napi_poll" and key == "work"):
            return self.pointer(value)
        return number(value) or 0

    def event(self, time, pid, name, text):
        inner = values(name, text)
        head = field(1, time) + field(2, pid)
        if name in FIELDS:
            place, known = FIELDS[name]
            return head + field(place, b"".join(
                field(known[key], self.value(key, value, name)) for key, value in inner.items() if key in known))
        system, known = GENERIC[name]
        if mode == "described":
            return head + field(described.setdefault((system, name), 70_000 + len(described)), b"".join(
                field(place + 1, self.value(key, inner[key], name)) for place, key in enumerate(known) if key in inner))
        parts = b""
        for key, value in inner.items():
            value = self.value(key, value, name)
            parts += field(2, field(1, key) + field(3 if isinstance(value, str) else 5, value))
        return head + field(327, field(1, name) + parts)

    def names(self):
        """Those of new indexes, which are names in the text."""
        new = [(text, index) for text, index in self.indexes.items() if index > self.named]
        self.named = len(self.indexes)
        return b"".join(
            field(26, field(1, index) + field(2, text)) for text, index in new if not re.match(r"0x|\d", text))


described, task, packets, hrtimers = {}, {}, [], {}


def columns(events):
    """sched_switch and sched_waking by columns; the rest."""
    names, rest, out = {}, [], {}
    last = {1: 0, 7: 0}

    def add(place, value):
        out.setdefault(place, bytearray()).extend(varint(value))

    for time, pid, name, text in events:
        inner = values(name, text)
        if name == "sched_switch":
            row = [(1, time - last[1]), (2, number(inner["prev_state"])), (3, number(inner["next_pid"])),
                   (4, number(inner["next_prio"])), (6, names.setdefault(inner["next_comm"], len(names)))]
        elif name == "sched_waking":
            row = [(7, time - last[7]), (8, number(inner["pid"])), (9, number(inner["target_cpu"])),
                   (10, number(inner["prio"])), (11, names.setdefault(inner["comm"], len(names))), (12, 0)]
        else:
            rest.append((time, pid, name, text))
            continue
        last[row[0][0]] = time
        for place, value in row:
            add(place, value)
    body = b"".join(field(5, name) for name in names) + b"".join(field(place, bytes(out[place])) for place in sorted(out))
    return rest, field(4, body) if out else b""


def flush(reading):
    isFirst = True
    for cpu in sorted(set(reading.events) | reading.lost):
        events, extra = reading.events.get(cpu, []), b""
        if mode == "compact":
            events, extra = columns(events)
        known = len(described)
        bundle = field(1, cpu) + b"".join(field(2, reading.event(*event)) for event in events)
        bundle += (field(3, 1) if cpu in reading.lost else b"") + extra
        for (system, name), place in list(described.items())[known:]:
            fields = b"".join(field(2, field(1, key) + field(3, at + 1)) for at, key in enumerate(GENERIC[name][1]))
            bundle += field(11, field(1, place) + field(2, field(1, name) + fields) + field(3, system))
        packet = field(1, bundle)
        names = reading.names() if mode not in ("addresses", "unnamed") else b""
        if names:
            packet += field(12, names) + (field(13, 1) if isFirst else b"")
            isFirst = False
        packets.append(field(1, packet + field(10, 7)))


reading, border, lost = Reading(), None, set()
for line in sys.stdin:
    found = LOST.search(line)
    if found:
        lost.add(int(found[1]))
    found = LINE.search(line)
    if not found or found[6] not in FIELDS and found[6] not in GENERIC:
        continue
    pid, cpu, time = int(found[2]), int(found[3]), int(found[4]) * 10**9 + int(found[5])
    border = border or time + TICK
    # Events are lost at the end of a reading.
    if time > border or cpu in lost:
        flush(reading)
        reading, border = Reading(), time + TICK
    if cpu in lost:
        reading.lost.add(cpu)
        lost.discard(cpu)
    reading.events.setdefault(cpu, []).append((time, pid, found[6], found[7].rstrip("\n")))
flush(reading)
# The kernel's counts of lost events at the start and at the end; the machine.
packets.insert(0, field(1, field(34, field(1, 1) + field(2, field(1, 0) + field(3, 5))) + field(10, 7)))
packets.append(field(1, field(34, field(1, 2) + field(2, field(1, 0) + field(3, 12))) + field(10, 7)))
packets.append(field(1, field(45, field(1, field(1, "Linux") + field(3, "6.1-test")))))
if mode == "zlib":
    groups = [packets[i:i + 3] for i in range(0, len(packets), 3)]
    packets = [field(1, field(50, zlib.compress(b"".join(group)))) for group in groups]
sys.stdout.buffer.write(b"".join(packets))
