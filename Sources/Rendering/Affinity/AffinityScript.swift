public import IRQCore

/// A plan as a script of a plain POSIX shell, which does and undoes it without irqscope.
public enum AffinityScript {
    /// The script.
    ///
    /// - Parameter command: the words that made the plan.
    public static func text(_ plan: AffinityPlan, command: String) -> String {
        var text = """
            #!/bin/sh
            # \(comment(command))
            # sh FILE do writes the masks of interrupts, sh FILE undo puts them back: until the next boot, on this box only.
            # Each line is told by the names of its handlers just before it is written: numbers are used again.
            set -u
            export LC_ALL=C
            status=0
            say() { printf '%s\\n' "$*" >&2; }
            put() { # file value
                ( printf '%s\\n' "$2" >"$1" ) 2>/dev/null
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
            digits() { printf '%s' "$1" | tr -d ',\\n' | sed 's/^0*//'; }
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

            """
        for line in plan.lines {
            var words = ["\(line.irq)", line.identity.actions, line.new.list]
            if let first = line.first { words.append("\(first)") }
            text += write("forward", words)
        }
        for file in plan.files { text += write("file", ["/" + file.path, file.value]) }
        text += "    ;;\nundo)\n"
        for file in plan.files.reversed() { text += write("unfile", ["/" + file.path, file.old, file.value]) }
        for line in plan.lines.reversed() {
            let on = line.effective?.lowest.map { "\($0)" } ?? ""
            text += write("back", ["\(line.irq)", line.identity.actions, line.new.list, line.mask.list, on])
        }
        return text + """
                ;;
            *)
                say "usage: sh FILE do|undo"
                exit 64
                ;;
            esac
            exit $status

            """
    }

    /// A command of the script. Scripts are looked at in terminals: what has control characters, as no kernel's own names have, is
    /// left out, and said.
    private static func write(_ name: String, _ words: [String]) -> String {
        let isPlain = words.allSatisfy { word in
            word.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
        }
        return isPlain
            ? "    \(name) \(quoted(words))\n"
            : "    # left out, for it has control characters: \(name) \(comment(words.joined(separator: " ")))\n"
    }

    private static func quoted(_ words: [String]) -> String {
        words.map { $0.isEmpty ? "''" : ShellWord.quoted($0) }.joined(separator: " ")
    }

    /// Foreign text in a comment: one line, nothing invisible.
    private static func comment(_ text: String) -> String { SafeText.escaped(text) }
}
