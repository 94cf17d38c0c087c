#!/usr/bin/env python3
"""Compares `irqscope list --json` with a plain reading of the same files.

    irqscope list --json --proc-root PROC --sys-root SYS | proc-tables.py PROC [SYS]

Prints a line for each difference, then the number of values compared. Written from what the kernel prints
(kernel/irq/proc.c, fs/proc/softirqs.c, Documentation/core-api/irq/), not from the program's own source:
regular expressions and split() here, cursors and masks there. CPU lists come from the *_list files, which
the program does not read.
"""
import json
import os
import re
import sys


def read(*parts):
    """The bytes of a file as text, or None."""
    try:
        with open(os.path.join(*parts), 'rb') as file:
            return file.read().decode('utf-8', 'replace')
    except OSError:
        return None


def table(text, interrupts):
    """CPUs and rows: (label, ordinal, kind, counts, text behind them)."""
    lines = text.split('\n')
    start = next((i for i, line in enumerate(lines) if re.fullmatch(r'\s*(CPU\d+\s*)+', line)), -1)
    if start >= 0:
        cpus = [int(number) for number in re.findall(r'CPU(\d+)', lines[start])]
    else:
        cpus = list(range(len(re.match(r'\s*\S+:((?:\s+\d+(?=\s))*)', lines[0]).group(1).split())))
    rows, seen = [], {}
    for line in lines[start + 1:]:
        if not line.strip():
            continue
        label, colon, rest = line.partition(':')
        label = label.strip(' \t\r')
        if not colon or not label:
            continue
        counts = []
        while len(counts) < len(cpus):
            token = re.match(r'[ \t\r]*([0-9]+)(?=[ \t\r]|$)', rest)
            if not token:
                break
            counts.append(int(token.group(1)))
            rest = rest[token.end():]
        more = re.match(r'(?:[ \t]+\d+(?=[ \t]))+', rest) if interrupts and not label.isdigit() else None
        present = counts + [int(number) for number in more.group(0).split()] if more else counts
        if len(present) > len(cpus) > 0 and max(cpus) < len(present):
            # Old ARM: the row is for all present CPUs, the header for those that are online.
            counts, rest = [present[cpu] for cpu in cpus], rest[more.end():]
        rest = rest.strip(' \t\r')
        if interrupts and len(counts) == 1 and not rest and (len(cpus) > 1 or label in ('ERR', 'MIS', 'Err')):
            kind = 'global'
        elif len(counts) == len(cpus):
            kind = 'per_cpu'
        elif interrupts and not counts and rest:
            kind = 'text'
        else:
            continue
        rows.append((label, seen.get(label, 0), kind, counts, rest))
        seen[label] = seen.get(label, 0) + 1
    return cpus if start >= 0 else None, rows


def describe(text, is_squeezed=False):
    """chip, hwirq, trigger, actions of a numbered row."""
    if is_squeezed:
        text = re.sub(' ', '   ', text, count=1)
    found = re.fullmatch(
        r'(?P<chip>\S+(?: \S+)*?)\s+(?P<number>\d+)(?:\s*-(?P<flow>\S+)| oob(?:-\S+)?)?(?: (?P<level>Level|Edge))?(?:\s{2,}(?P<names>.*))?', text)
    if not found:
        found = re.fullmatch(
            r'(?P<chip>\S+(?: \S+)*?)(?:\s+(?P<level>Level|Edge))?(?:\s+-(?P<flow>\S+))?(?:\s{2,}(?P<names>.*))?(?P<number>)', text)
    if not found:
        return None, None, None, []
    chip, flow = found['chip'], found['flow']
    if re.search(r' oob-edge(\s|$)', text):
        flow = 'edge'
    if not found['number'] and not flow:
        suffix = re.fullmatch(r'(.+)-(edge|level|fasteoi|event)', chip)
        if suffix:
            chip, flow = suffix.groups()
    trigger = found['level'].lower() if found['level'] else None
    if flow in ('edge', 'level'):
        trigger = flow
    if flow == 'fasteoi' and 'IO-APIC' in chip:
        trigger = 'level'
    names = re.sub(r'\s+', ' ', found['names'] or '').strip()
    return chip, int(found['number']) if found['number'] else None, trigger, names.split(', ') if names else []


def details(irq, text, proc, sys_root):
    """What is known of an interrupt besides its counts."""
    whole = read(proc, 'interrupts')
    chip, hwirq, trigger, actions = describe(text, is_squeezed=not re.search(r'\S  +\S', whole))
    if sys_root:
        base = (sys_root, 'kernel', 'irq', str(irq))
        chip = (read(*base, 'chip_name') or '').strip('\n') or chip
        number = (read(*base, 'hwirq') or '').strip()
        hwirq = int(number) if number else hwirq
        kind = (read(*base, 'type') or '').strip()
        trigger = kind if kind in ('edge', 'level') else trigger
        names = (read(*base, 'actions') or '').strip('\n')
        actions = names.split(',') if names else actions
    base = (proc, 'irq', str(irq))
    node = read(*base, 'node')
    spurious = read(*base, 'spurious')
    numbers = [int(number) for number in re.findall(r'\d+', spurious)] if spurious else None
    affinity, effective = read(*base, 'smp_affinity_list'), read(*base, 'effective_affinity_list')
    path = os.path.join(*base, 'smp_affinity')
    return {
        'chip': chip, 'hwirq': hwirq, 'trigger': trigger, 'actions': actions,
        'affinity': affinity.strip() if affinity is not None else None,
        'effective_affinity': effective.strip() if effective is not None else None,
        'node': int(node) if node is not None and int(node) >= 0 else None,
        'user_settable': bool(os.stat(path).st_mode & 0o222) if os.path.exists(path) else None,
        'spurious': dict(zip(('count', 'unhandled', 'last_unhandled_ms'), numbers)) if numbers else None,
    }


def main():
    proc = sys.argv[1]
    sys_root = sys.argv[2] if len(sys.argv) > 2 else None
    ours = json.load(sys.stdin)
    compared = 0

    def same(what, mine, right):
        nonlocal compared
        compared += 1
        if mine != right or type(mine) is not type(right):
            print(f'{what}: {mine!r} for {right!r}')

    cpus, rows = table(read(proc, 'interrupts'), True)
    same('cpus', ours['cpus'], cpus)
    same('rows', [row['label'] for row in ours['interrupts']], [row[0] for row in rows])
    for mine, (label, ordinal, kind, counts, text) in zip(ours['interrupts'], rows):
        what = f'{label}#{ordinal}'
        irq = int(label) if re.fullmatch('[0-9]{1,9}', label) else None
        right = {'label': label, 'ordinal': ordinal, 'irq': irq, 'kind': kind, 'counts': counts, 'text': text}
        right['total'] = sum(counts) if kind != 'text' else None
        nothing = dict.fromkeys(('chip', 'hwirq', 'trigger', 'actions', 'affinity', 'effective_affinity', 'node',
                                 'user_settable', 'spurious'))
        right.update(details(irq, text, proc, sys_root) if irq is not None else nothing)
        for key, value in right.items():
            own = mine[key]
            if key == 'spurious' and own is not None:
                own = {name: own[name] for name in ('count', 'unhandled', 'last_unhandled_ms')}
            same(f'{what} {key}', own, value)
    softirqs = read(proc, 'softirqs')
    if softirqs is not None:
        cpus, rows = table(softirqs, False)
        same('softirq_cpus', ours['softirq_cpus'], cpus)
        right = [{'name': row[0], 'counts': row[3], 'total': sum(row[3])} for row in rows]
        same('softirqs', ours['softirqs'], right)
    release = read(proc, 'sys', 'kernel', 'osrelease')
    same('kernel', ours['kernel'], release.strip() if release else None)
    same('schema', ours['schema'], 'irqscope.list.v1')
    print(f'compared {compared}')


main()
