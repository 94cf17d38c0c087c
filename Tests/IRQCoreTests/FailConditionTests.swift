import Testing

@testable import IRQCore

@Suite struct FailConditionTests {
    static func report() -> Report {
        var tally = SpanStatistics(row: 0, cpu: 3)
        for duration in [1_000, 2_000, 150_000] as [UInt64] { _ = tally.add(duration, selfTime: duration) }
        tally.calls = 3
        var row = ReportRow(RowKey(kind: .irq, number: 36, name: "eth0"))
        row.add(tally, .duration)
        var other = ReportRow(RowKey(kind: .work, number: 1, name: "flush"))
        var long = SpanStatistics(row: 0, cpu: 0)
        _ = long.add(5_000_000, selfTime: 1)
        other.add(long, .duration)
        var report = Report(
            source: RecordingSource(
                file: "x.dat", format: "trace.dat", version: 7, clock: nil, isClockNanoseconds: true, cpuCount: 4, byteOrder: .little,
                longByteCount: 8, pageByteCount: 4096, machine: nil, buffers: [""]),
            buffers: [], symbols: [:], tasks: [:], slowCount: 0, overrunEvents: nil, notes: [])
        report.rows = [row, other]
        report.startNanoseconds = 0
        report.endNanoseconds = 1_000_000
        return report
    }

    @Test(arguments: [
        ("max>100us", true), ("max > 100 us", true), ("max>150us", false), ("max>=150us", true), ("max>1ms", false),
        ("irq=36 max>0.1ms", true), ("irq=37 max>0.1ms", false), ("action=eth0 calls>=3", true), ("min<2us", true),
        ("mean>51us", false), ("mean>50us", true), ("work=flush max>1ms", true), ("cpu=3 max>100us", true),
        ("cpu=2 max>100us", false), ("share>15%", true), ("share>0.16", false), ("count>2", true), ("max>100µs", true),
        ("unhandled>0", false), ("calls<4", true), ("total>0.000153s", false), ("total>=153000ns", true),
    ])
    func holdsOrNot(text: String, expected: Bool) throws {
        #expect(try FailCondition(text).test(Self.report()).hits.isEmpty == !expected, "\(text)")
    }

    @Test(arguments: [
        "", "p99", "p99>", "p99>fast", "p98>1us", ">1us", "irq=x max>1us", "disk=3 max>1us", "max>1", "max>-1us",
        "max>1%", "share>1us", "irq max>1us", "max>1e400s",
    ])
    func nonsenseIsRefused(text: String) {
        #expect(throws: FailCondition.ParseError.self) { try FailCondition(text) }
    }

    @Test(
        arguments: [
            ("irq=99 max>1ns", .rowAbsent([RowKey(kind: .irq, number: 36, name: "eth0")])),
            ("action=eth1 max>1ns", .rowAbsent([RowKey(kind: .irq, number: 36, name: "eth0")])),
            ("work=other max>1ns", .rowAbsent([RowKey(kind: .work, number: 1, name: "flush")])),
            ("softirq=NET_RX max>1ns", .kindAbsent(.softirq)), ("irq=36 cpu=2 max>1ns", .cpuAbsent([3])),
            ("irq=36 latency>1ns", .unmeasured(.latency)), ("irq=36 max>1ns", nil), ("max>1s", nil),
        ] as [(String, FailCondition.Untestable?)])
    func conditionThatTestsNothingSaysWhy(text: String, reason: FailCondition.Untestable?) throws {
        #expect(try FailCondition(text).test(Self.report()).untestable == reason)
    }

    @Test func emptyReportTestsNothing() throws {
        var report = Self.report()
        report.rows = []
        #expect(try FailCondition("max>1s").test(report).untestable == .kindAbsent(nil))
    }
}
