import Testing

@testable import IRQCore
@testable import Rendering

/// What a report says of its coverage.
@Suite struct ReportCoverageTests {
    static func row(_ label: String, _ counted: UInt64?, _ traced: UInt64?) -> Coverage.Row {
        Coverage.Row(
            table: "interrupts", label: label, irq: Int(label), name: "", counted: counted, traced: traced, cpus: [], reason: nil)
    }

    static func sentences(_ rows: [Coverage.Row]) -> (head: String, isGood: Bool, notes: [String]) {
        var coverage = Coverage(
            SnapshotAttachment([UInt8]("irqscope-snapshots 1\ninterrupts start 1 7\n  CPU0\n\ninterrupts end 2 7\n  CPU0\n\n".utf8))
                ?? SnapshotAttachment(), irqs: [], vectors: [], softirqs: [])
        coverage?.rows = rows
        return coverage.map { ReportCoverage.sentences($0, isUnicode: true) } ?? ("", false, [])
    }

    /// More than all of it is said to be more, and is as worth a note as less.
    @Test func sharesAreNotCut() {
        let more = Self.sentences([Self.row("7", 100, 200), Self.row("8", 100, 111)])
        #expect(more.head == "311 of 200 interrupts that the kernel counted (155.5%)." && !more.isGood)
        #expect(more.notes == ["7: 200 of 100", "8: 111 of 100"])
        let few = Self.sentences([Self.row("7", 100, 110), Self.row("8", 100_000, 100_500)])
        #expect(few.isGood && few.notes.isEmpty)
        #expect(Self.sentences([Self.row("7", 100, 50)]).notes == ["7: only 50 of 100"])
    }

    @Test func unknownCountsAreNamedAndNotSummed() {
        let unknown = Self.sentences([Self.row("5", 3, 3), Self.row("7", nil, 20), Self.row("8", nil, 1000)])
        #expect(unknown.head == "3 of 3 interrupts that the kernel counted (100.0%)." && unknown.isGood)
        #expect(unknown.notes == ["not compared, for they came, went or began anew meanwhile: 8 1,000, 7 20"])
    }
}
