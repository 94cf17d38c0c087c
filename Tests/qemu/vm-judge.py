#!/usr/bin/env python3
"""Judges what irqscope did on the machines of vm-test.sh: a table of machines and checks, and what failed in full.

    vm-judge.py OUTDIR MACHINE...

Each machine's single verdicts go to OUTDIR/MACHINE/checks. Status 1 if one failed.
"""
import datetime
import pathlib
import subprocess
import sys

import vm_checks
from vm_machine import Impossible, Machine, first

# The columns of the table, in order.
COLUMNS = ("status", "json", "tracefs", "hangs", "log", "counts", "terminal", "record", "deep", "oracle", "export", "alert", "doctor",
           "affinity", "sample", "snapshot", "hotplug", "killed", "unclaimed")

# Recordings and copies of /proc of machines whose programs are not built: which files below Fixtures, and who reads them.
ELSEWHERE = (
    ("arm64", "no program: the Swift libraries here are those of x86-64 alone",
     ("recordings/arm64-v7.dat", "deep/arm64-6.12.dat", "proc/arm64")),
    ("s390x", "the same",
     ("recordings/s390x-v6.dat", "recordings/s390x-v7.dat", "recordings/s390x-lost.dat", "recordings/s390x-instances.dat",
      "perf/s390x-default.perf.data.xz", "perf/s390x-pipe-zstd.perf.data.xz", "perf/s390x-threads.dir", "perf/s390x-zstd.perf.data.xz",
      "proc/odd/s390-1cpu")),
    ("ppc64el", "the same",
     ("recordings/ppc64el-v6.dat", "recordings/ppc64el-v7.dat", "recordings/ppc64el-lost.dat", "recordings/ppc64el-instances.dat",
      "proc/odd/powerpc")),
    ("riscv64", "the same; there is no recording of one, but tables",
     ("proc/odd/riscv-5.15", "proc/public/riscv_iommu_tabheader_4cpu")),
)


def judge(out, name):
    """A machine with its verdicts, or the reason why there are none."""
    if not (out / name / "dmesg").exists():
        path = out / name / "console"
        console = path.read_text(errors="replace").replace("\r", "") if path.exists() else ""
        return None, f"{name} did not reach its end; the last words: {(console.strip().splitlines() or [''])[-1][:100]}"
    machine = Machine(out, name)
    for column in COLUMNS:
        try:
            getattr(vm_checks, f"check_{column}")(machine)
        except Impossible as reason:
            if not any(row[0] == column for row in machine.rows):
                machine.reasons[column] = str(reason)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, StopIteration,
                subprocess.CalledProcessError) as error:
            machine.check(column, "results", "readable", f"{type(error).__name__}: {error}", False)
    (out / name / "checks").write_text("".join(
        f"{'ok' if ok else 'FAILED'}\t{column}\t{title}\t{expected}\t{seen}\n" for column, title, expected, seen, ok in machine.rows))
    return machine, None


def cell(machine, column):
    if column in machine.reasons:
        return "-"
    rows = [row for row in machine.rows if row[0] == column]
    return "ok" if all(row[4] for row in rows) else "FAILED"


def write(lines):
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def main():
    out, names = pathlib.Path(sys.argv[1]), sys.argv[2:]
    qemu = subprocess.run(["qemu-system-x86_64", "--version"], capture_output=True, text=True).stdout.splitlines()[0]
    judged = [(name, *judge(out, name)) for name in names]
    machines = [machine for _, machine, _ in judged if machine]
    print(f"{datetime.date.today()}, {qemu}")
    versions = {machine.text("version").splitlines()[0] for machine in machines}
    for machine in machines:
        version = f"irqscope {first(machine.text('version'))}; " if len(versions) > 1 else ""
        print(f"{machine.name}: {machine.kernel}; {machine.cpus} CPUs, {machine.text('accelerator').strip()}, "
              f"{machine.text('seconds').strip()} s; {version}{' '.join(machine.options)}")
    if len(versions) == 1:
        print(f"All with irqscope {versions.pop()}.")
    print()
    write([("machine", *COLUMNS), *[(m.name, *[cell(m, column) for column in COLUMNS]) for m in machines]])
    print("\n-: not possible there")
    reasons = {}
    for machine in machines:
        for column, reason in machine.reasons.items():
            reasons.setdefault((reason, column), []).append(machine.name)
    for reason in dict.fromkeys(reason for reason, _ in reasons):
        for place in dict.fromkeys(tuple(names) for (r, _), names in reasons.items() if r == reason):
            columns = [column for (r, column), names in reasons.items() if r == reason and tuple(names) == place]
            print(f"   {', '.join(columns)} on {', '.join(place)}: {reason}")
    print("\nNot run, but read on the host by OracleTests, DeepOracleTests, PerfDataTests, CounterTableTests, PublicTablesTests and GoldenTests:")
    fixtures = pathlib.Path(__file__).parent / "../../Fixtures"
    for name, reason, files in ELSEWHERE:
        missing = [file for file in files if not (fixtures / file).exists()]
        print(f"   {name} ({reason}): {', '.join(files)}" + (f"; MISSING {', '.join(missing)}" if missing else ""))
    failures = [problem for _, _, problem in judged if problem]
    for machine in machines:
        failures += [f"{machine.name}: {column}: {title}: expected {expected}, seen {seen}"
                     for column, title, expected, seen, ok in machine.rows if not ok]
    print(f"\n{sum(len(m.rows) for m in machines)} checks, {len(failures)} failed")
    for failure in failures:
        print(f"   FAILED {failure}")
    sys.exit(bool(failures))


main()
