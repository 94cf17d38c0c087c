import Testing

@testable import IRQCore

/// The limits of what is remarkable, and the order of findings; see irqscope-report(1).
@Suite struct FindingTests {
    private static func row(_ number: Int64, longest: UInt64, calls: UInt64 = 1, unhandled: UInt64 = 0) -> ReportRow {
        var tally = SpanStatistics(row: 0, cpu: 1)
        for _ in 0..<calls { _ = tally.add(longest, selfTime: longest) }
        tally.calls = calls
        tally.unhandled = unhandled
        var row = ReportRow(RowKey(kind: .irq, number: number, name: "eth\(number)"))
        row.add(tally, .duration)
        return row
    }

    private static func names(_ report: Report, isWhole: Bool = true) -> [String] {
        report.findings(isWhole: isWhole).map { finding in
            switch finding {
            case .lost: "lost"
            case .storm: "storm"
            case .unclaimed(let irq, _, _, _): "unclaimed \(irq)"
            case .lateWake: "wake"
            case .busyCPU(let cpu, _, _, _, _): "cpu \(cpu)"
            case .longHandler(let row): "handler \(row.number)"
            }
        }
    }

    private static func report(_ rows: ReportRow..., milliseconds: UInt64 = 1000) -> Report {
        var report = FailConditionTests.report()
        report.rows = rows
        report.endNanoseconds = milliseconds * 1_000_000
        return report
    }

    @Test func handlersFromOneMillisecondOn() {
        #expect(Self.names(Self.report(Self.row(1, longest: 999_999))) == [])
        #expect(Self.names(Self.report(Self.row(1, longest: 1_000_000), Self.row(2, longest: 2_000_000))) == ["handler 2"])
    }

    @Test func busyFromAFifthOn() {
        let row = Self.row(1, longest: 500_000, calls: 400)
        #expect(Self.names(Self.report(row, milliseconds: 1000)) == ["cpu 1"])
        #expect(Self.names(Self.report(row, milliseconds: 1001)) == [])
        #expect(Self.names(Self.report(row, milliseconds: 1000), isWhole: false) == [])
    }

    @Test func lossFromOneInAHundredOn() {
        var report = Self.report(Self.row(1, longest: 1))
        (report.ledger.gaps, report.ledger.events, report.ledger.lostEvents) = (1, 9_900, 100)
        #expect(Self.names(report) == ["lost"])
        report.ledger.lostEvents = 99
        #expect(Self.names(report) == [])
        (report.ledger.lostEvents, report.ledger.gapsOfUnknownSize) = (0, 1)
        #expect(Self.names(report) == ["lost"])
    }

    /// A shared line is somebody's if one of its handlers claims.
    @Test func unclaimedLinesCountAllHandlers() {
        let nobody = Self.row(9, longest: 10, calls: 2000, unhandled: 1990)
        #expect(Self.names(Self.report(nobody)) == ["unclaimed 9"])
        #expect(Self.names(Self.report(nobody, Self.row(9, longest: 10, calls: 2000, unhandled: 500))) == [])
        #expect(Self.names(Self.report(Self.row(9, longest: 10, calls: 999, unhandled: 999))) == [])
    }

    @Test func stormsBeforeTheRestAndThreeAtMost() {
        let long = Self.row(3, longest: 2_000_000, calls: 2000, unhandled: 2000)
        var report = Self.report(long, milliseconds: 5000)
        func storm(_ peak: UInt64, _ selfTime: UInt64) -> Storm {
            Storm(
                row: long.key, cpu: 1, startNanoseconds: 0, endNanoseconds: 1_000_000_000, count: 1, peakPerSecond: peak,
                selfNanoseconds: selfTime)
        }
        report.storms = [storm(19_999, 99_000_000)]
        #expect(Self.names(report) == ["unclaimed 3", "cpu 1", "handler 3"])
        report.storms = [storm(19_999, 100_000_000)]
        #expect(Self.names(report) == ["storm", "unclaimed 3", "cpu 1"])
        report.storms = [storm(20_000, 0)]
        report.ledger.gaps = 1
        report.ledger.gapsOfUnknownSize = 1
        #expect(Self.names(report) == ["lost", "storm", "unclaimed 3"])
    }

    /// Ticks are no time: nothing can be long.
    @Test func ticksAreNotJudged() {
        var report = Self.report(Self.row(1, longest: 9_000_000_000))
        report.source.isClockNanoseconds = false
        #expect(Self.names(report) == [])
    }
}
