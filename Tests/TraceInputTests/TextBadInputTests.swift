import IRQCore
import TestSupport
import Testing

@testable import TraceInput

/// Traces as text with bytes that no text should have, and without what is looked for.
@Suite struct TextBadInputTests {
    /// NUL and other control bytes in a name near the beginning: the trace is read all the same.
    @Test func controlBytesInNamesAreRead() throws {
        let lines = [
            "            a\u{0}b\u{7}-7     [001] d.h..  1234.000001: irq_handler_entry: irq=5 name=x\u{0}\u{1B}[31m\u{7F}",
            "            a\u{0}b\u{7}-7     [001] d.h..  1234.000009: irq_handler_exit: irq=5 ret=handled",
        ]
        let report = try Samples.report(Array(lines.joined(separator: "\n").utf8))
        #expect(report[.irq].map(\.duration.totalNanoseconds) == [8000] && report[.irq].map(\.calls) == [1])
    }

    /// Bytes of a program are no text.
    @Test func programsAreNoText() {
        let bytes: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0] + Array(repeating: 0, count: 8) + Array("text".utf8)
        #expect(Samples.error(bytes)?.problem.contains("no recording of a format that is known") == true)
    }

    @Test func withoutInterruptsItSaysWhatToRecord() throws {
        let line = "          <idle>-0     [001]  1234.000001: sched_stat_runtime: comm=a pid=1\n"
        let report = try Samples.report(Array(line.utf8))
        #expect(report.rows.isEmpty && report.unusedEvents.map(\.name) == ["sched_stat_runtime"])
        #expect(report.notes.contains { $0.contains("no interrupt events") && $0.contains("trace-cmd record") })
    }
}
