#!/usr/bin/env python3
"""Compares the spans of `irqscope export` with what `irqscope report` says of the same recording.

    export-compare.py BINARY FORMAT RECORDING [--exact ORACLE.json]

FORMAT is csv, jsonl or perfetto; the last needs the package perfetto of PyPI, whose classes decode the file. All spans are added up here: their number, total, own time, shortest and longest by kind, buffer, number and
name, and by CPU; each must be what `report --json` has. With --exact the numbers of trace-oracle.py stand in its place. Prints
each difference, and at the end how many values were compared. Exit status: 0 the same, 1 different.
"""
import collections
import csv
import io
import json
import re
import subprocess
import sys

TABLES = {
    "irqs": ("irq", "irq", "action"), "softirqs": ("softirq", "vector", "name"), "tasklets": ("tasklet", None, "function"),
    "vectors": ("vector", None, "vector"), "work": ("work", None, "function"),
}
FIELDS = ["kind", "number", "name", "cpu", "start_ns", "duration_ns", "self_ns", "pid", "task", "buffer"]


NAME = re.compile(r"(.*) \[(\w+)(?: (-?\d+))?\]", re.S)


class Timeline:
    """A trace of Perfetto, decoded as trace_processor does it: what each sequence of packets says, on which track, when."""

    def __init__(self, content):
        from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as pb

        self.tracks, self.spans, self.counters = {}, [], []
        # The arrows, and the open ones by number: one that has ended leaves its number to another, as in trace_processor.
        self.arrows, self.open_arrows, self.unmatched_arrows = [], {}, 0
        self.size, self.program = len(content), None
        trace = pb.Trace()
        trace.ParseFromString(content)
        assert trace.ByteSize() == len(content), "the file has fields that are not described, or has them twice"
        states, stacks, primary = {}, collections.defaultdict(list), None
        event_types = pb.TrackEvent
        for packet in trace.packet:
            if packet.HasField("system_info"):
                self.program = packet.system_info.tracing_service_version
                continue
            assert packet.trusted_packet_sequence_id > 0
            sequence = packet.trusted_packet_sequence_id
            if packet.sequence_flags & pb.TracePacket.SEQ_INCREMENTAL_STATE_CLEARED:
                assert sequence not in states and packet.first_packet_on_sequence
                states[sequence] = dict(defaults=None, clocks={}, names={})
            state = states.get(sequence)
            if packet.HasField("trace_packet_defaults"):
                state["defaults"] = packet.trace_packet_defaults
            if packet.HasField("clock_snapshot"):
                snapshot = packet.clock_snapshot
                trace_clock = [c for c in snapshot.clocks if c.clock_id == snapshot.primary_trace_clock][0]
                primary = primary or trace_clock.clock_id
                assert primary == trace_clock.clock_id
                for clock in snapshot.clocks:
                    if clock.clock_id >= 64:
                        assert clock.is_incremental
                        unit = clock.unit_multiplier_ns or 1
                        state["clocks"][clock.clock_id] = [trace_clock.timestamp, unit]
            if packet.HasField("interned_data"):
                for name in packet.interned_data.event_names:
                    assert name.iid not in state["names"]
                    state["names"][name.iid] = name.name
            if packet.HasField("track_descriptor"):
                track = packet.track_descriptor
                assert track.uuid not in self.tracks
                self.tracks[track.uuid] = track
            if not packet.HasField("track_event"):
                continue
            assert packet.HasField("timestamp")
            clock = state["clocks"][packet.timestamp_clock_id or state["defaults"].timestamp_clock_id]
            clock[0] += packet.timestamp * clock[1]
            now, event = clock[0], packet.track_event
            track = event.track_uuid or state["defaults"].track_event_defaults.track_uuid
            assert track in self.tracks, track
            if event.type == event_types.TYPE_SLICE_BEGIN:
                if stacks[track]:
                    assert now >= stacks[track][-1][1]
                stacks[track].append([state["names"][event.name_iid], now])
                assert not event.flow_ids and not event.terminating_flow_ids
                here = (track, now, state["names"][event.name_iid])
                for flow in event.terminating_flow_ids_old:
                    begin = self.open_arrows.pop(flow, None)
                    if begin:
                        self.arrows.append((begin, here))
                    else:
                        self.unmatched_arrows += 1
                for flow in event.flow_ids_old:
                    assert flow not in self.open_arrows
                    self.open_arrows[flow] = here
            elif event.type == event_types.TYPE_SLICE_END:
                name, start = stacks[track].pop()
                self.spans.append((track, name, start, now - start))
            else:
                assert event.type == event_types.TYPE_COUNTER and self.tracks[track].HasField("counter")
                self.counters.append((track, now, event.counter_value))
        assert not any(stacks.values()), "spans that never end"

    def place(self, track):
        """The buffer and the CPU of a track."""
        found = re.fullmatch(r"CPU (\d+)( work| waits| preempted)?", self.tracks[track].name)
        root = self.tracks[self.tracks[track].parent_uuid].name
        buffer = re.search(r" \(buffer (.*)\)$", root, re.S)
        return (buffer[1] if buffer else ""), int(found[1])


def timeline_spans(timeline):
    for track, name, start, duration in timeline.spans:
        buffer, cpu = timeline.place(track)
        text, kind, number = NAME.fullmatch(name).groups()
        if kind not in ("task", "gap"):
            yield kind, buffer, number or "", text, cpu, start, duration, None


def spans(binary, form, path):
    """All spans as (kind, buffer, number, name, cpu, start, duration, self)."""
    if form == "perfetto":
        content = subprocess.run([binary, "export", "--format", form, path], capture_output=True, check=True).stdout
        yield from timeline_spans(Timeline(content))
        return
    out = subprocess.run([binary, "export", "--format", form, path], capture_output=True, check=True).stdout
    if form == "csv":
        reader = csv.DictReader(io.StringIO(out.decode("utf-8", "strict"), newline=""))
        rows = list(reader)
        assert reader.fieldnames == FIELDS, reader.fieldnames
        number = int
    else:
        rows = [json.loads(line) for line in out.decode("utf-8", "strict").splitlines()]
        for row in rows:
            assert sorted(row) == sorted(FIELDS), row
        number = lambda value: value
    last = 0
    for row in rows:
        start = number(row["start_ns"])
        assert start >= last, "spans are not in the order of time"
        last = start
        shown = "" if row["number"] is None else str(row["number"])
        yield (row["kind"], row["buffer"], shown, row["name"], number(row["cpu"]), start, number(row["duration_ns"]),
               number(row["self_ns"]))


def add(sums, key, duration, own):
    count, total, self_ns, least, most = sums.get(key, (0, 0, 0, None, 0))
    least = duration if least is None else min(least, duration)
    sums[key] = (count + 1, total + duration, self_ns + (own or 0), least, max(most, duration))


def reported(binary, path):
    """What the report says: sums by row, and by row and CPU."""
    report = json.loads(subprocess.run([binary, "report", "-J", path], capture_output=True, check=True).stdout)
    rows, cpus = {}, {}
    for table, (kind, number, name) in TABLES.items():
        for row in report[table]:
            end = (row["buffer"], "" if number is None else str(row[number]), row[name])
            duration = row["duration"]
            if duration["count"]:
                rows[(kind, *end)] = (
                    duration["count"], duration["total_ns"], duration["self_ns"], duration["min_ns"], duration["max_ns"])
            for latency in ("raise_latency", "queue_latency"):
                waits = row.get(latency)
                if waits and waits["count"]:
                    rows[(latency, *end)] = (
                        waits["count"], waits["total_ns"], waits["total_ns"], waits["min_ns"], waits["max_ns"])
            for share in row["cpus"]:
                if share["max_ns"] is not None:
                    cpus[(kind, *end, share["cpu"])] = (share["total_ns"], share["self_ns"], share["max_ns"])
    return rows, cpus


def exact(path):
    """The same of the sums that trace-oracle.py has, which knows neither buffers nor CPUs."""
    oracle = json.load(open(path))
    rows = {}
    for table, (kind, number, name) in TABLES.items():
        for row in oracle.get(table, []):
            end = ("", "" if number is None else str(row[number]), row[name])
            if row["count"]:
                own = row.get("self_ns", row["total_ns"])
                rows[(kind, *end)] = (row["count"], row["total_ns"], own, row["min_ns"], row["max_ns"])
            if row.get("raise_count"):
                total = row["raise_total_ns"]
                rows[("raise_latency", *end)] = (row["raise_count"], total, total, None, row["raise_max_ns"])
    return rows


def facts(timeline):
    """What a timeline shows beside the spans of rows."""
    arrows = timeline.arrows
    threads = [(a, b) for a, b in arrows if re.match(r"irq/\d+-", b[2])]
    return {
        "program": timeline.program, "arrows": len(arrows),
        "unmatched_arrows": timeline.unmatched_arrows,
        "backward_arrows": sum(1 for a, b in arrows if b[1] < a[1]),
        "thread_arrows": len(threads),
        "stray_thread_arrows": sum(
            1 for a, b in threads if f"[irq {re.match(r'irq/([0-9]+)-', b[2])[1]}]" not in a[2]),
        "tracks_preempted": sum(1 for span in timeline.spans if timeline.tracks[span[0]].name.endswith("preempted")),
        "bytes_per_span": timeline.size / max(len(timeline.spans), 1),
    }


def main():
    binary, form, path = sys.argv[1:4]
    if "--facts" in sys.argv:
        content = subprocess.run([binary, "export", "--format", form, path], capture_output=True, check=True).stdout
        print(json.dumps(facts(Timeline(content))))
        return 0
    sums, shares = {}, {}
    for kind, buffer, number, name, cpu, start, duration, own in spans(binary, form, path):
        add(sums, (kind, buffer, number, name), duration, own)
        add(shares, (kind, buffer, number, name, cpu), duration, own)
    problems, compared = [], 0

    def compare(mine, theirs):
        nonlocal compared
        for key in sorted(set(mine) | set(theirs), key=str):
            compared += 1
            if mine.get(key) != theirs.get(key):
                problems.append(f"{key}: {mine.get(key)} for {theirs.get(key)}")

    if "--exact" in sys.argv:
        right = exact(sys.argv[sys.argv.index("--exact") + 1])
        sums = {
            key: value[:3] + ((None,) if key[0] == "raise_latency" else (value[3],)) + value[4:]
            for key, value in sums.items() if key[0] != "queue_latency"}
        compare(sums, right)
    else:
        rows, cpus = reported(binary, path)
        if form == "perfetto":  # a timeline does not tell a span's own time
            sums, rows = ({k: v[:2] + v[3:] for k, v in table.items()} for table in (sums, rows))
        compare(sums, rows)
        shares = {k: (v[1], v[2], v[4]) for k, v in shares.items() if not k[0].endswith("latency")}
        if form == "perfetto":
            shares, cpus = ({k: (v[0], v[2]) for k, v in table.items()} for table in (shares, cpus))
        compare(shares, cpus)
    for problem in problems:
        print(problem)
    print(compared, "compared")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
