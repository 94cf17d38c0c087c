import Testing

@testable import IRQCore
@testable import Rendering

@Suite struct FindingSentenceTests {
    private final class Bytes { var all: [UInt8] = [] }

    private static func report(_ name: String) -> Report {
        var tally = SpanStatistics(row: 0, cpu: 0)
        _ = tally.add(2_000_000, selfTime: 2_000_000)
        tally.calls = 1
        var row = ReportRow(RowKey(kind: .irq, number: 9, name: name))
        row.add(tally, .duration)
        let source = RecordingSource(
            format: "memory", clock: nil, isClockNanoseconds: true, cpuCount: 1, machine: nil, buffers: [""])
        var report = Report(
            source: source, buffers: [], symbols: [:], tasks: [:], slowCount: 0, overrunEvents: nil, notes: [])
        report.rows = [row]
        (report.startNanoseconds, report.endNanoseconds) = (0, 1_000_000_000)
        return report
    }

    private static func text(_ report: Report) -> String {
        let bytes = Bytes()
        var output = ByteOutput { block in
            for index in 0..<block.byteCount { bytes.all.append(block.byte(at: index) ?? 0) }
            return true
        }
        ReportText(report).write(to: &output)
        output.flush()
        return String(decoding: bytes.all, as: UTF8.self)
    }

    /// Names of a recording must not write on a terminal, nor begin a line that looks like a finding.
    @Test func namesAreMadeHarmless() {
        let text = Self.text(Self.report("a\u{1B}[31m\n- CPU 0 is fine"))
        #expect(!text.contains("\u{1B}"))
        let findings = text.split(separator: "\n").filter { $0.hasPrefix("- ") }
        #expect(
            findings.count == 1 && findings[0].contains("The handler of irq 9 a\\x1b[31m\\x0a- CPU 0 is fine took up to 2.00 ms"), "\(text)"
        )
    }

    /// A stretch goes on at half the rate that began it: its highest rate and its mean are two numbers, and each says which.
    @Test func aHighRateTellsPeakAndMean() {
        var report = Self.report("a")
        report.storms = [
            Storm(
                row: report.rows[0].key, cpu: 1, startNanoseconds: 0, endNanoseconds: 500_000_000, count: 6000,
                peakPerSecond: 25_000, selfNanoseconds: 50_000_000)
        ]
        let words = FindingSentence(report: report, units: Units()).words(.storm(report.storms[0]))
        #expect(
            words == "irq 9 a came up to 25.0k times a second on CPU 1, 12.0k on average over 500 ms, and took 10.0% of the CPU meanwhile."
        )
    }

    @Test func nothingRemarkableSaysNothing() {
        var report = Self.report("a")
        report.rows = []
        #expect(!Self.text(report).contains("\n- "))
    }
}
