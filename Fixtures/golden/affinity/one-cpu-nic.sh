#!/bin/sh
# irqscope affinity plan spread --device ens192 --script
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
    forward 56 ens192-rxtx-0 0
    forward 57 ens192-rxtx-1 1
    forward 58 ens192-rxtx-2 2
    forward 59 ens192-rxtx-3 3
    forward 60 ens192-rxtx-4 4
    forward 61 ens192-rxtx-5 5
    forward 62 ens192-rxtx-6 6
    forward 63 ens192-rxtx-7 7
    ;;
undo)
    back 63 ens192-rxtx-7 7 0-7 0
    back 62 ens192-rxtx-6 6 0-7 0
    back 61 ens192-rxtx-5 5 0-7 0
    back 60 ens192-rxtx-4 4 0-7 0
    back 59 ens192-rxtx-3 3 0-7 0
    back 58 ens192-rxtx-2 2 0-7 0
    back 57 ens192-rxtx-1 1 0-7 0
    back 56 ens192-rxtx-0 0 0-7 0
    ;;
*)
    say "usage: sh FILE do|undo"
    exit 64
    ;;
esac
exit $status
