#!/usr/bin/env python3
"""The textfiles of a fleet: series a host, bytes, and do histograms add up over hosts?

  fleet.py WORK [HOSTS]

Draws HOSTS (10,000) hosts of twelve kinds with devices of their own, gives `report --format prometheus` a trace of each, and
compares the sums of all buckets with the durations that were drawn. Of each kind, well and sick, `alert` writes a textfile.
promtool (PROMTOOL, or .build/tools) checks files of each kind, adds up the buckets of some hosts and fires the rules.
"""
import collections
import concurrent.futures
import os
import random
import re
import statistics
import subprocess
import sys

from sheet import IRQSCOPE, Sheet

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.join(here, "..", "..")
PROMTOOL = os.environ.get("PROMTOOL") or os.path.join(root, ".build", "tools", "usr", "bin", "promtool")
SOFTIRQS = ["HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU"]

# Kind: share of the fleet, CPUs, and what stands on the box: words with a count, {n} is the number and {q} the queue.
KINDS = {
    "web VM": (20, (2, 4, 8), ["virtio{n}-input.{q}", "virtio{n}-output.{q}", "virtio{n}-req.{q}"], 1),
    "web server": (15, (16, 32), ["eth{n}-TxRx-{q}", "nvme{n}q{q}", "ahci[0000:00:1f.2]", "xhci_hcd"], 2),
    "database": (10, (32, 64, 128), ["nvme{n}q{q}", "mlx5_comp{q}@pci:0000:{n:02x}:00.0", "xhci_hcd"], 4),
    "storage server": (8, (32,), ["mpt3sas{n}-msix{q}", "ice-ens{n}f0-TxRx-{q}", "ahci[0000:{n:02x}:00.0]"], 3),
    "router": (5, (8, 16), ["eth{n}-rx-{q}", "eth{n}-tx-{q}", "i2c_designware.{n}"], 6),
    "GPU box": (5, (64, 128), ["nvidia", "nvme{n}q{q}", "mlx5_comp{q}@pci:0000:{n:02x}:00.0", "mlx5_async@pci:0000:{n:02x}:00.0"], 8),
    "virtual hosts": (8, (64, 128, 256), ["vfio-msix[0](0000:{n:02x}:{q:02x}.0)", "i40e-eth{n}-TxRx-{q}", "megasas{n}-msix{q}"], 8),
    "laptop": (10, (4, 8), ["i8042", "acpi", "i915", "iwlwifi:queue_{q}", "snd_hda_intel:card{n}", "nvme{n}q{q}", "rtc0"], 1),
    "desktop": (7, (8, 16), ["xhci_hcd", "amdgpu", "enp{n}s0", "nvme{n}q{q}", "snd_hda_intel:card{n}", "AMD-Vi"], 2),
    "board": (7, (4,), ["ff{n:06x}.ethernet", "mmc{n}", "ff{n:06x}.i2c", "ttyS{n}", "gpio-keys"], 3),
    "ARM server": (4, (64, 96), ["hns3-eth{n}-TxRx-{q}", "arm-smmu-v3-evtq", "nvme{n}q{q}", "hisi_sas_v3_hw cq"], 2),
    "cloud instance": (1, (2, 96), ["ena-mgmnt@pci:0000:00:05.0", "eth{n}-Tx-Rx-{q}", "nvme{n}q{q}", "blkif{n}"], 2),
}


def make(seed):
    """A host: its kind, a trace of it as text, and the durations of handlers and softirqs in it, in nanoseconds."""
    chance = random.Random(seed)
    kind = chance.choices(list(KINDS), [entry[0] for entry in KINDS.values()])[0]
    _, cpus, words, devices = KINDS[kind]
    cpus = chance.choice(cpus)
    actions = []
    for number in range(chance.randint(1, devices)):
        for word in words:
            queues = min(cpus, 64) if "{q}" in word else 1
            actions += [word.format(n=number + chance.randrange(3), q=queue) for queue in range(queues)]
    actions = list(dict.fromkeys(actions))
    lines, handlers, softs, time = ["# tracer: nop", "#"], [], [], 100_000_000_000

    def stamp():
        return f"{time // 10**9}.{time % 10**9:09}"

    for irq, action in enumerate(actions, 24):
        for _ in range(chance.randint(1, 3)):
            # Few durations fall on a bound of a bucket, some do.
            duration = chance.choice((500, 1_000, 2_500, 10_000)) if chance.random() < 0.1 else int(chance.lognormvariate(8, 1.5)) + 1
            lines.append(f"          <idle>-0     [000] d.h1.   {stamp()}: irq_handler_entry: irq={irq} name={action}")
            time += duration
            lines.append(f"          <idle>-0     [000] d.h1.   {stamp()}: irq_handler_exit: irq={irq} ret=handled")
            handlers.append(duration)
            time += chance.randint(1_000, 100_000)
    for vector in chance.sample(range(10), chance.randint(4, 10)):
        for _ in range(chance.randint(1, 3)):
            duration = int(chance.lognormvariate(9, 1.5)) + 1
            lines.append(f"          <idle>-0     [000] ..s1.   {stamp()}: softirq_entry: vec={vector} [action={SOFTIRQS[vector]}]")
            time += duration
            lines.append(f"          <idle>-0     [000] ..s1.   {stamp()}: softirq_exit: vec={vector} [action={SOFTIRQS[vector]}]")
            softs.append(duration)
            time += chance.randint(1_000, 100_000)
    return kind, cpus, "\n".join(lines) + "\n", handlers, softs


SERIES = re.compile(r"^([a-z_]+)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')


def read(text):
    """Series of a textfile: (name, labels, value)."""
    for line in text.splitlines():
        if line and line[0] != "#":
            name, labels, value = SERIES.match(line).groups()
            yield name, dict(LABEL.findall(labels or "")), float(value)


def host(seed):
    """Runs irqscope over a host; what the fleet wants of it."""
    kind, cpus, trace, handlers, softs = make(seed)
    done = subprocess.run([IRQSCOPE, "report", "--format", "prometheus"], input=trace.encode(), capture_output=True)
    text = done.stdout.decode()
    series, labels, buckets = 0, collections.Counter(), {"handler": collections.Counter(), "softirq": collections.Counter()}
    wrong = [] if done.returncode == 0 else [f"status {done.returncode}: {done.stderr.decode()[:200]}"]
    last = {}
    for name, own, value in read(text):
        series += 1
        for key, word in own.items():
            if key != "le":
                labels[key, word] += 1
        if name.endswith("_duration_seconds_bucket"):
            what = "handler" if "handler" in name else "softirq"
            buckets[what][own["le"]] += value
            key = (name, *(item for item in own.items() if item[0] != "le"))
            if value < last.get(key, 0):
                wrong.append(f"buckets of {key} go down")
            last[key] = value
    for what, durations in (("handler", handlers), ("softirq", softs)):
        for le, count in buckets[what].items():
            right = sum(1 for duration in durations if duration <= round(float(le) * 1e9)) if le != "+Inf" else len(durations)
            if count != right:
                wrong.append(f"{what} le={le}: {count}, not {right}")
    return seed, kind, cpus, series, len(text), labels, buckets, len(handlers), len(softs), wrong


def check_metrics(text):
    done = subprocess.run([PROMTOOL, "check", "metrics"], input=text.encode(), capture_output=True)
    return "" if done.returncode == 0 and not done.stderr and not done.stdout else (done.stdout + done.stderr).decode()


def alert(work, kind, sick):
    """What `alert` writes of a made box: two runs a minute apart, the second of a storm if it is sick."""
    _, cpus, words, _ = KINDS[kind]
    folder = os.path.join(work, "box")
    os.makedirs(f"{folder}/proc", exist_ok=True)
    os.makedirs(f"{folder}/sys", exist_ok=True)
    state = os.path.join(work, "state")
    if os.path.exists(state):
        os.remove(state)
    cpus = cpus[0]
    actions = [word.format(n=0, q=queue) for word in words for queue in range(4 if "{q}" in word else 1)]
    text = ""
    for minute in (0, 1):
        with open(f"{folder}/proc/interrupts", "w") as out:
            out.write(" " * 11 + "".join(f"CPU{cpu:<8}" for cpu in range(cpus)) + "\n")
            for irq, action in enumerate(actions, 24):
                rate = 150_000 if sick and irq == 24 else 20
                out.write(f"{irq:4}:" + "".join(f" {60 * minute * rate * (cpu == irq % cpus) + 5:10}" for cpu in range(cpus)))
                out.write(f"  PCI-MSI-0000:00:03.0 {irq}-edge {action}\n")
        with open(f"{folder}/proc/softirqs", "w") as out:
            out.write(" " * 20 + "".join(f"CPU{cpu:<8}" for cpu in range(cpus)) + "\n")
            for name in SOFTIRQS:
                out.write(f"{name:>12}:" + "".join(f" {6000 * minute:10}" for _ in range(cpus)) + "\n")
        with open(f"{folder}/proc/stat", "w") as out:
            out.write("".join(f"cpu{cpu} 10 0 10 {5000 * minute} 0 500 500 0 0 0\n" for cpu in range(cpus)) + "intr 0\n")
        environment = dict(os.environ, IRQSCOPE_TEST_CLOCK=f"{1000 + 60 * minute},{1000 + 60 * minute},1790000000")
        done = subprocess.run([IRQSCOPE, "alert", "--no-trace", "--format", "prometheus", "--state", state, "--proc-root",
                               f"{folder}/proc", "--sys-root", f"{folder}/sys"], capture_output=True, env=environment)
        text = done.stdout.decode()
    return text, done.returncode, done.stderr.decode()


def rule_test(work, hosts, alerts):
    """A test for promtool: the sums of buckets over some hosts, and which boxes have a critical alert."""
    path = os.path.join(work, "fleet.test.yml")
    sums, sick = collections.Counter(), 0
    with open(path, "w") as out:
        out.write(f"rule_files: [ {os.path.abspath(root)}/share/prometheus/irqscope.rules.yml,"
                  f" {os.path.abspath(root)}/share/prometheus/irqscope-sample.rules.yml ]\n"
                  "evaluation_interval: 1m\ntests:\n  - interval: 1m\n    input_series:\n")

        def put(name, labels, value, instance):
            own = "".join(f',{key}="{word}"' for key, word in labels.items())
            series = f'{name}{{job="node",instance="{instance}"{own}}}'.replace("'", "''")
            out.write(f"      - series: '{series}'\n        values: {value:.17g}x30\n")

        for seed in hosts:
            done = subprocess.run([IRQSCOPE, "report", "--format", "prometheus"], input=make(seed)[2].encode(), capture_output=True)
            for name, labels, value in read(done.stdout.decode()):
                put(name, labels, value, f"host{seed}")
                if name == "irqscope_handler_duration_seconds_bucket":
                    sums[labels["le"]] += value
        for kind, (well, bad) in alerts.items():
            for word, text in (("well", well), ("sick", bad)):
                found = [entry for entry in read(text) if entry[2] == entry[2] and "timestamp" not in entry[0]]
                for name, labels, value in found:
                    put(name, labels, value, f"{kind} {word}")
                sick += any(name == "irqscope_finding_level" and value == 2 for name, _, value in found)
        out.write("    promql_expr_test:\n      - expr: sum by (le) (irqscope_handler_duration_seconds_bucket)\n"
                  "        eval_time: 10m\n        exp_samples:\n")
        for le, value in sums.items():
            out.write(f"          - {{ labels: '{{le=\"{le}\"}}', value: {value:.17g} }}\n")
        out.write('      - expr: count(count by (instance) (ALERTS{alertstate="firing",severity="critical"}))\n'
                  f"        eval_time: 20m\n        exp_samples: [ {{ labels: '{{}}', value: {sick} }} ]\n"
                  '      - expr: count(ALERTS{instance=~".* well",alertname!="IrqscopeStale"})\n        eval_time: 20m\n')
    done = subprocess.run([PROMTOOL, "test", "rules", path], capture_output=True)
    return done.returncode == 0, (done.stdout + done.stderr).decode(), sick


def main():
    work, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    os.makedirs(work, exist_ok=True)
    sheet = Sheet()
    by_kind, all_labels = collections.defaultdict(list), collections.Counter()
    first, total, expected = {}, {"handler": collections.Counter(), "softirq": collections.Counter()}, collections.Counter()
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        for seed, kind, cpus, series, size, labels, buckets, handlers, softs, wrong in pool.map(host, range(count), chunksize=50):
            by_kind[kind].append((series, size))
            first.setdefault(kind, seed)
            for label in labels:
                all_labels[label] += 1
            for what in total:
                total[what] += buckets[what]
            expected["handler"] += handlers
            expected["softirq"] += softs
            for text in wrong:
                sheet.check(False, f"host {seed} ({kind}): {text}")
    sheet.say(f"{count:,} hosts of {len(by_kind)} kinds, `report --format prometheus` of a trace of each:")
    sheet.say()
    rows = []
    for kind, found in sorted(by_kind.items(), key=lambda item: -len(item[1])) + [("all", sum(by_kind.values(), []))]:
        numbers = sorted(series for series, _ in found)
        rows.append([kind, f"{len(found):,}", f"{statistics.median(numbers):.0f}", numbers[int(0.99 * (len(numbers) - 1))], numbers[-1],
                     f"{statistics.mean(size for _, size in found):,.0f}", f"{max(size for _, size in found):,}"])
    sheet.table(["kind", "hosts", "series, median", "99 %", "most", "bytes, mean", "most"], rows)
    values = collections.defaultdict(list)
    for (key, word), hosts in all_labels.items():
        values[key].append(hosts)
    sheet.table(["label", "values in the fleet", "of them on one host only"],
                [[key, len(found), sum(1 for hosts in found if hosts == 1)] for key, found in sorted(values.items())])
    everything = sum(series for found in by_kind.values() for series, _ in found)
    sheet.say(f"{everything:,} series in all, {sum(size for f in by_kind.values() for _, size in f) / 1e6:,.0f} MB.")
    sheet.say()
    for what in total:
        sheet.check(total[what]["+Inf"] == expected[what], f"{what}s: {total[what]['+Inf']} of {expected[what]}")
    problems = [f"{kind}: {found}" for kind, seed in first.items() if (found := check_metrics(
        subprocess.run([IRQSCOPE, "report", "--format", "prometheus"], input=make(seed)[2].encode(), capture_output=True).stdout.decode()))]
    alerts, alert_series = {}, []
    for kind in KINDS:
        well, sick = alert(work, kind, False), alert(work, kind, True)
        sheet.check(well[1] == 0 and not well[2], f"alert on a {kind} that is well: {well[1]} {well[2]}")
        sheet.check(sick[1] == 2, f"alert on a {kind} that is sick: {sick[1]} {sick[2]}")
        alerts[kind] = (well[0], sick[0])
        alert_series += [sum(1 for _ in read(text)) for text in (well[0], sick[0])]
        problems += [f"alert, {kind}: {found}" for text in (well[0], sick[0]) if (found := check_metrics(text))]
    is_right, words, sick = rule_test(work, list(first.values()), alerts)
    sheet.verdict("each bucket of each host, and the sums of all, are those of the durations", not sheet.differences,
                  "; ".join(sheet.differences[:3]) or f"{expected['handler']:,} calls, {expected['softirq']:,} softirqs")
    sheet.verdict("promtool check metrics finds nothing in a file of each kind", not problems, "; ".join(problems[:3]) or
                  f"{len(first)} of report, {2 * len(KINDS)} of alert ({min(alert_series)} to {max(alert_series)} series)")
    sheet.verdict("promtool adds up the buckets of a host of each kind, and critical alerts fire for those that are sick only",
                  is_right, f"{sick} of {2 * len(KINDS)} boxes" if is_right else words[:600])
    most = max(series for found in by_kind.values() for series, _ in found)
    sheet.verdict("no host has more than 8,000 series", most <= 8_000, f"{most:,} at most")
    sys.exit(sheet.end())


if __name__ == "__main__":
    main()
