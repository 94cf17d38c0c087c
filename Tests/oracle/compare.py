#!/usr/bin/env python3
"""What `irqscope diff` should say, by another way.

    compare.py ranks                    reads [[a…], [b…]] pairs as JSON, prints for each p (all choices of ranks counted),
                                        the median of all differences, and Holm's correction of all p
    compare.py pair BINARY A B          z of each row and value: the histograms of 20 slices are asked of
                                        `report --json --time`, a slice each, and the jackknife is done here
"""
import itertools
import json
import math
import statistics
import subprocess
import sys

SLICES = 20


def ranks(values):
    """Mean ranks."""
    order = sorted(values)
    return [statistics.mean(i + 1 for i, v in enumerate(order) if v == value) for value in values]


def rank_test(a, b):
    """The share of all choices of len(a) ranks whose sum is as far from the mean or farther."""
    found = ranks(a + b)
    mean = len(a) * (len(found) + 1) / 2
    distance = abs(sum(found[: len(a)]) - mean)
    sums = [sum(choice) for choice in itertools.combinations(found, len(a))]
    return sum(abs(s - mean) >= distance - 1e-9 for s in sums) / len(sums)


def holm(ps):
    corrected, least = [0.0] * len(ps), 0.0
    for place, (p, index) in enumerate(sorted((p, i) for i, p in enumerate(ps))):
        least = max(least, min(1, p * (len(ps) - place)))
        corrected[index] = least
    return corrected


def report(binary, *words):
    return json.loads(subprocess.run([binary, "report", "--json", *words], capture_output=True, check=True).stdout)


KINDS = {
    "irqs": ("irq", "action"), "softirqs": ("softirq", "name"), "vectors": ("vector", "vector"), "work": ("work", "function"),
    "tasklets": ("tasklet", "function"),
}


def histograms(document):
    """The buckets of each row's duration: (kind, name) -> {low: (high, count)}."""
    rows = {}
    for key, (kind, name) in KINDS.items():
        for row in document[key]:
            rows[(kind, row[name])] = {
                bucket["low_ns"]: (bucket["high_ns"], bucket["count"]) for bucket in row["duration"]["histogram"]}
    return rows


def percentile(buckets, p):
    count = sum(n for _, n in buckets.values())
    if not count:
        return None
    rank, seen = max(1, math.ceil(round(p * count, 6))), 0
    for low in sorted(buckets):
        high, n = buckets[low]
        seen += n
        if seen >= rank:
            return low + (high - 1 - low) // 2


def without(whole, part):
    return {low: (high, n - part.get(low, (0, 0))[1]) for low, (high, n) in whole.items()}


def sides(binary, path):
    whole = report(binary, path)
    start, end = whole["window"]["start_ns"], whole["window"]["end_ns"]
    length = end - start + 1
    # Slice k holds the times t with floor((t - start) * 20 / length) = k.
    borders = [start + -(-k * length // SLICES) for k in range(SLICES)] + [end + 1]
    seconds = lambda ns: f"{ns // 10**9}.{ns % 10**9:09}"
    slices = [
        histograms(report(binary, path, "--time", f"{seconds(borders[k])},{seconds(borders[k + 1])}")) for k in range(SLICES)]
    return histograms(whole), slices, end - start


def errors(whole, slices, row):
    result = {}
    parts = [part.get(row, {}) for part in slices]
    count = sum(n for _, n in whole[row].values())
    for name, p, beyond in (("p50", 0.5, 0.5), ("p90", 0.9, 0.1), ("p99", 0.99, 0.01), ("p999", 0.999, 0.001)):
        value = percentile(whole[row], p)
        rest = [percentile(without(whole[row], part), p) for part in parts]
        if count * beyond < 50 - 1e-9 or not value or not all(rest):
            continue
        logs = [math.log(x) for x in rest]
        mean = sum(logs) / SLICES
        result[name] = (math.log(value), math.sqrt((SLICES - 1) / SLICES * sum((x - mean) ** 2 for x in logs)))
    counts = [sum(n for _, n in part.values()) for part in parts]
    mean = count / SLICES
    phi = max(1, sum((c - mean) ** 2 for c in counts) / ((SLICES - 1) * mean))
    result["per_s"] = (count, math.sqrt(phi / count))
    return result


def pair(binary, a, b):
    (whole_a, slices_a, window_a), (whole_b, slices_b, window_b) = sides(binary, a), sides(binary, b)
    found = []
    for row in sorted(set(whole_a) & set(whole_b)):
        if not whole_a[row] or not whole_b[row]:
            continue
        first, second = errors(whole_a, slices_a, row), errors(whole_b, slices_b, row)
        z = {}
        for name in set(first) & set(second):
            (va, sa), (vb, sb) = first[name], second[name]
            difference = math.log(vb / window_b) - math.log(va / window_a) if name == "per_s" else vb - va
            z[name] = difference / max(math.hypot(sa, sb), 1 / (64 * math.sqrt(12)))
        found.append({"kind": row[0], "key": row[1], "z": z})
    return found


if sys.argv[1] == "ranks":
    pairs = json.load(sys.stdin)
    ps = [rank_test(a, b) for a, b in pairs]
    shifts = [statistics.median(y - x for x in a for y in b) for a, b in pairs]
    json.dump({"p": ps, "shift": shifts, "holm": holm(ps)}, sys.stdout)
else:
    json.dump(pair(*sys.argv[2:5]), sys.stdout)
