#!/bin/sh
# irqscope affinity plan isolate --xps --script
# sh FILE do writes the masks of interrupts, sh FILE undo puts them back: until the next boot, on this box only.
# Each line is told by the names of its handlers just before it is written: numbers are used again.
set -u
export LC_ALL=C
status=0
say() { printf '%s\n' "$*" >&2; }
put() { # file value
    ( printf '%s\n' "$2" >"$1" ) 2>/dev/null
}
is() { # irq actions
    [ "$(cat "/sys/kernel/irq/$1/actions" 2>/dev/null)" = "$2" ] && return 0
    say "irq $1: it is not $2 any more: left alone"
    status=1
    return 1
}
forward() { # irq actions new [first]
    is "$1" "$2" || return
    if [ -n "${4-}" ]; then put "/proc/irq/$1/smp_affinity_list" "$4"; fi
    if put "/proc/irq/$1/smp_affinity_list" "$3"; then return; fi
    say "irq $1 $2: cannot be written (managed, no vector left, or not root)"
    status=1
}
back() { # irq actions new mask on
    is "$1" "$2" || return
    now=$(cat "/proc/irq/$1/smp_affinity_list")
    [ "$now" = "$4" ] && return
    if [ "$now" != "$3" ]; then
        say "irq $1 $2: its mask is $now by now, which this script did not write: left alone"
        return
    fi
    # The old mask alone would leave it where it is, so its old CPU comes first.
    if [ -n "$5" ] && put "/proc/irq/$1/smp_affinity_list" "$5"; then
        tries=0
        while [ "$(cat "/proc/irq/$1/effective_affinity_list" 2>/dev/null)" != "$5" ] && [ $tries -lt 5 ]; do
            sleep 1
            tries=$((tries + 1))
        done
    fi
    put "/proc/irq/$1/smp_affinity_list" "$4" || { say "irq $1 $2: cannot be put back"; status=1; }
}
file() { # path value
    put "$1" "$2" || { say "$1: cannot be written"; status=1; }
}
digits() { printf '%s' "$1" | tr -d ',\n' | sed 's/^0*//'; }
unfile() { # path old new
    now=$(cat "$1" 2>/dev/null)
    [ "$(digits "$now")" = "$(digits "$2")" ] && return
    if [ "$(digits "$now")" != "$(digits "$3")" ]; then
        say "$1: it is $now by now, which this script did not write: left alone"
        return
    fi
    file "$1" "$2"
}
case "${1-}" in
do)
    forward 70 eno1-TxRx-0 0
    forward 71 eno1-TxRx-1 1
    forward 72 eno1-TxRx-2 2
    forward 73 eno1-TxRx-3 3
    forward 74 eno1-TxRx-4 0
    forward 75 eno1-TxRx-5 1
    forward 76 eno1-TxRx-6 2
    forward 77 eno1-TxRx-7 3
    forward 9 acpi 0-3
    forward 40 nvme0q0 0-3
    forward 78 eno1 0-3
    file /proc/irq/default_smp_affinity 000f
    file /sys/class/net/eno1/queues/tx-0/xps_cpus 0101
    file /sys/class/net/eno1/queues/tx-1/xps_cpus 0202
    file /sys/class/net/eno1/queues/tx-2/xps_cpus 0404
    file /sys/class/net/eno1/queues/tx-3/xps_cpus 0808
    file /sys/class/net/eno1/queues/tx-4/xps_cpus 1010
    file /sys/class/net/eno1/queues/tx-5/xps_cpus 2020
    file /sys/class/net/eno1/queues/tx-6/xps_cpus 4040
    file /sys/class/net/eno1/queues/tx-7/xps_cpus 8080
    ;;
undo)
    unfile /sys/class/net/eno1/queues/tx-7/xps_cpus 0000 8080
    unfile /sys/class/net/eno1/queues/tx-6/xps_cpus 0000 4040
    unfile /sys/class/net/eno1/queues/tx-5/xps_cpus 0000 2020
    unfile /sys/class/net/eno1/queues/tx-4/xps_cpus 0000 1010
    unfile /sys/class/net/eno1/queues/tx-3/xps_cpus 0000 0808
    unfile /sys/class/net/eno1/queues/tx-2/xps_cpus 0000 0404
    unfile /sys/class/net/eno1/queues/tx-1/xps_cpus 0000 0202
    unfile /sys/class/net/eno1/queues/tx-0/xps_cpus 0000 0101
    unfile /proc/irq/default_smp_affinity ffff 000f
    back 78 eno1 0-3 0-15 3
    back 40 nvme0q0 0-3 0-15 0
    back 9 acpi 0-3 0-15 2
    back 77 eno1-TxRx-7 3 0-15 7
    back 76 eno1-TxRx-6 2 0-15 5
    back 75 eno1-TxRx-5 1 0-15 14
    back 74 eno1-TxRx-4 0 0-15 12
    back 73 eno1-TxRx-3 3 0-15 10
    back 72 eno1-TxRx-2 2 0-15 8
    back 71 eno1-TxRx-1 1 0-15 6
    back 70 eno1-TxRx-0 0 0-15 4
    ;;
*)
    say "usage: sh FILE do|undo"
    exit 64
    ;;
esac
exit $status
