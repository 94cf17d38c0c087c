import TestSupport
import Testing

@testable import IRQCore

/// The arguments of events of the scheduler as text, printed in each form and read back.
@Suite struct TextArgumentTests {
    private static let names = [
        "swapper/0", "tmux: server", "kworker/u8:2-kv", "x prev_pid=1", "a next_pid=2 ne", "b pid=3 prio=4", "==>", "R ==> b:1",
        "a:1 [2] R ==> b", "c:5 [6]", "", "]", "next_comm=x", "CPU:001", "irq/25-ACPI:Ged", "fünf", "q=\"x\" }, {",
    ]
    private static let states: [(text: String, bits: UInt64)] = [
        ("R", 0), ("R+", 0), ("S", 1), ("D", 2), ("D|K", 2), ("T", 4), ("t", 8), ("X", 16), ("Z", 32), ("P", 64), ("I", 128),
    ]

    private struct Switch {
        var (previous, next) = ("", "")
        var (previousPid, nextPid): (UInt64, UInt64) = (0, 0)
        var priority = 0
        var state: (text: String, bits: UInt64) = ("R", 0)

        /// The forms of the kernel, its options/fields, trace-cmd report -R, and libtraceevent's plugin.
        var lines: [(arguments: String, form: TraceTextForm)] {
            func hex(_ number: Int) -> String { "0x" + String(UInt32(bitPattern: Int32(number)), radix: 16) + " (\(number))" }
            let (old, new) = (Int(previousPid), Int(nextPid))
            return [
                (
                    "prev_comm=\(previous) prev_pid=\(old) prev_prio=120 prev_state=\(state.text) ==> "
                        + "next_comm=\(next) next_pid=\(new) next_prio=\(priority)", .ftrace
                ),
                (
                    "prev_comm=\(previous) prev_pid=\(hex(old)) prev_prio=\(hex(120)) prev_state=\(hex(Int(state.bits))) "
                        + "next_comm=\(next) next_pid=\(hex(new)) next_prio=\(hex(priority))", .ftrace
                ),
                (
                    "prev_comm=\(previous) prev_pid=\(old) prev_prio=120 prev_state=\(state.bits) next_comm=\(next) "
                        + "next_pid=\(new) next_prio=\(priority)", .ftrace
                ),
                ("\(previous):\(old) [120] \(state.text) ==> \(next):\(new) [\(priority)]", .ftrace),
                (
                    "prev_comm=\(previous) prev_pid=\(old) prev_prio=120 prev_state=\(state.text) ==> "
                        + "next_comm=\(next) next_pid=\(new) next_prio=\(priority)  ffffffff813612b7 f+0x27 ([kernel])",
                    .perfScript
                ),
            ]
        }
    }

    @Test func switchesAreReadBack() {
        for previous in Self.names {
            for next in Self.names {
                for (place, state) in Self.states.enumerated() {
                    let given = Switch(
                        previous: previous, next: next, previousPid: UInt64(place * 1000), nextPid: UInt64(4_194_303 - place),
                        priority: place - 1, state: state)
                    for (arguments, form) in given.lines {
                        let bytes = Array(arguments.utf8)
                        let range = TextRange(start: 0, end: bytes.count)
                        guard let read = bytes.span.bytes.taskSwitch(in: range, form: form) else {
                            Issue.record("not read: \(arguments)")
                            return
                        }
                        let isSame =
                            text(bytes, read.previous.name) == previous && text(bytes, read.next.name) == next
                            && read.previous.pid == given.previousPid && read.next.pid == given.nextPid
                            && read.next.priority == Int64(given.priority) && read.state & 0xFF == state.bits
                        #expect(isSame, "\(arguments)")
                    }
                }
            }
        }
    }

    @Test func wakeUpsAreReadBack() {
        for name in Self.names {
            for (line, isVain) in [
                ("comm=\(name) pid=77 prio=-1 target_cpu=012", false), ("\(name):77 [-1] CPU:012", false),
                ("comm=\(name) pid=77 prio=-1 success=1 target_cpu=012", false),
                ("\(name):77 [-1] success=0 CPU:012", true),
            ] {
                let bytes = Array(line.utf8)
                let read = bytes.span.bytes.wakeUp(in: TextRange(start: 0, end: bytes.count), form: .ftrace)
                #expect(read.map { text(bytes, $0.task.name) } == name, "\(line)")
                #expect(read?.task.pid == 77 && read?.cpu == 12 && read?.isVain == isVain, "\(line)")
            }
        }
    }

    @Test func quotedTextsAreRead() throws {
        let line =
            "prev_comm = \"a prev_tid = 9\", prev_tid = 5, prev_prio = 20, prev_state = ( \"S\" : container = 1 ), "
            + "next_comm = \"b\", next_tid = 6, next_prio = -1"
        let bytes = Array(line.utf8)
        let found = bytes.span.bytes.taskSwitch(in: TextRange(start: 0, end: bytes.count), form: .babeltrace)
        let read = try #require(found)
        #expect(text(bytes, read.previous.name) == "a prev_tid = 9" && text(bytes, read.next.name) == "b")
        #expect(read.previous.pid == 5 && read.next.pid == 6 && read.state == 1 && read.next.priority == 99)
    }

    @Test func damagedArgumentsAreNone() {
        for line in ["", "prev_comm=a prev_pid=", "a:1 [2] S ==>", "comm=a pid=x prio=1 target_cpu=0", "prev_comm=a"] {
            let bytes = Array(line.utf8)
            let range = TextRange(start: 0, end: bytes.count)
            let (change, wakeUp) = (
                bytes.span.bytes.taskSwitch(in: range, form: .ftrace), bytes.span.bytes.wakeUp(in: range, form: .ftrace)
            )
            #expect(change == nil && wakeUp == nil, "\(line)")
        }
    }

    private func text(_ bytes: [UInt8], _ range: TextRange) -> String {
        String(decoding: bytes[range.start..<range.end], as: UTF8.self)
    }
}
