import Foundation
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

    /// A text that begins inside of a line, as those do that `tail -c` cut: the rest of that line decides nothing about the others.
    @Test(
        arguments: [
            "a.default", "a.tgid", "a.fields", "a.noirqinfo", "l.pipe", "report-a.3.1.6.default", "report-a.2.8.3.default",
        ]) func textsMayBeginInsideOfALine(_ name: String) throws
    {
        let path = Places.fixtures.appendingPathComponent("texts/\(name).txt.xz").path
        let lines = try run("/usr/bin/xz", ["-dc", path]).output.split(separator: 0x0A).map { Array($0) }
        let first = try #require(lines.firstIndex { String(decoding: $0, as: UTF8.self).contains("irq_handler_entry: ") })
        let kept = lines[first..<min(first + 40, lines.count)]
        func text(_ lines: some Sequence<[UInt8]>) -> [UInt8] { lines.flatMap { line in line + [0x0A] } }
        let rest = text(kept.dropFirst())
        let whole = try Samples.report(text(kept))
        let without = try Samples.report(rest)
        for start in 0...kept[first].count {
            let report = try Samples.report(Array(kept[first][start...]) + [0x0A] + rest)
            #expect(report.source.format == whole.source.format, "\(start)")
            // The line is read, or it is left out and counted; the others are all there.
            let used = report.ledger.usedEvents
            #expect(used == whole.ledger.usedEvents || used == without.ledger.usedEvents, "\(start): \(used)")
        }
    }

    /// Without a task in any line it is a text of `perf script -F cpu,time,event,trace`.
    @Test func bareLinesAreThoseOfPerf() throws {
        let lines = [
            "[001]  1234.000001: irq:irq_handler_entry: irq=5 name=x", "[001]  1234.000009: irq:irq_handler_exit: irq=5 ret=handled",
        ]
        let report = try Samples.report(Array(lines.joined(separator: "\n").utf8))
        #expect(report.source.format == "perf script" && report[.irq].map(\.duration.totalNanoseconds) == [8000])
    }
}
