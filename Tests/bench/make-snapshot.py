#!/usr/bin/env python3
"""Writes /proc/interrupts of a large machine: make-snapshot.py [CPUS [ROWS [SEED [MOVE]]]] > FILE

With MOVE the same a while later: each CPU of each device's row has counted on by so much. The same arguments give the same bytes.
1152 CPUs and 1010 rows (13 MB) if nothing is said: most counts are zero, as on real machines, where each queue of a device is
served by one CPU.
"""
import random
import sys

cpus, rows, seed, move = (int(text) for text in (sys.argv[1:] + ['1152', '1010', '1', '0'][len(sys.argv) - 1:]))
chance = random.Random(seed)
out = sys.stdout
out.write(' ' * 12 + ''.join(f'CPU{cpu:<8}' for cpu in range(cpus)) + '\n')
words = ['NMI Non-maskable interrupts', 'LOC Local timer interrupts', 'RES Rescheduling interrupts',
         'CAL Function call interrupts', 'TLB TLB shootdowns', 'MCP Machine check polls']
for row in range(rows - len(words) - 2):
    counts = [0] * cpus
    for _ in range(1 + cpus // 100):
        counts[chance.randrange(cpus)] = int(10 ** chance.uniform(0, 9.6))
    text = f'  PCI-MSIX-0000:{row % 250:02x}:00.0 {row:4}-edge      mlx5_comp{row}@pci:0000:{row % 250:02x}:00.0'
    out.write(f'{row + 24:4}:' + ''.join(f' {count + move:10}' for count in counts) + text + '\n')
for word in words:
    label, text = word.split(' ', 1)
    out.write(f'{label:>4}:' + ''.join(f' {int(10 ** chance.uniform(0, 9.6)):10}' for _ in range(cpus)) + f'  {text}\n')
out.write(' ERR:          0\n MIS:          0\n')
