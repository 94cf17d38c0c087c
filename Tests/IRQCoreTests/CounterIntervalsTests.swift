import Foundation
import Testing
import TestSupport

@testable import IRQCore

/// Samples taken one after the other, for tests: a noncopyable value in a class.
final class Watch {
    var intervals: CounterIntervals
    private var now: UInt64 = 1_000_000_000

    init(_ source: CounterTable.Source = .interrupts) { intervals = CounterIntervals(source) }

    /// Takes a text as the sample `milliseconds` after the last one.
    func take(_ text: String, after milliseconds: UInt64 = 1000) throws {
        now += milliseconds * 1_000_000
        let time = now
        try intervals.take { (sample: inout CounterSample) throws(ProcTextError) in
            (sample.startNanoseconds, sample.endNanoseconds) = (time - 100, time + 100)
            try sample.read(Array(text.utf8))
        }
    }

    /// The rows, one a line: `5 steady 3 [1,2]`, with `-` for what is unknown.
    var lines: [String] {
        (0..<intervals.sample.table.rowCount).map { row in
            let counts = intervals.sample.table.row(row)
            let deltas = (0..<intervals.sample.table.countCount(counts)).map { column in
                intervals.delta(row, column).map { String($0) } ?? "-"
            }
            let interval = intervals.interval(row)
            let sum = interval.isKnown ? String(interval.delta) : "-"
            return "\(intervals.sample.label(counts)) \(interval.state) \(sum) [\(deltas.joined(separator: ","))]"
        }
    }

    var gone: [String] { (0..<intervals.goneCount).map { intervals.goneLabel($0) } }
    var columns: [UInt64?] { (0..<intervals.sample.table.cpuCount).map { intervals.columnTotal($0) } }
    func slot(_ row: Int) -> Int32 { intervals.interval(row).slot }
    func serial(_ row: Int) -> UInt32 { intervals.interval(row).serial }
    func past(_ slot: Int32, _ ages: Range<Int>) -> [Float] { ages.map { intervals.pastRate(slot: slot, age: $0) } }
}

/// What two samples tell, or do not.
struct IntervalCase: CustomTestStringConvertible, Sendable {
    let name: String
    let before: String
    let after: String
    var milliseconds: UInt64 = 1000
    let rows: [String]
    var gone: [String] = []
    var columns: [UInt64?]
    var total: UInt64
    var testDescription: String { name }

    init(
        _ name: String, _ before: String, _ after: String, milliseconds: UInt64 = 1000, _ rows: [String],
        gone: [String] = [], columns: [UInt64?], total: UInt64
    ) {
        (self.name, self.before, self.after, self.milliseconds) = (name, before, after, milliseconds)
        (self.rows, self.gone, self.columns, self.total) = (rows, gone, columns, total)
    }
}

/// The matrix of `CounterIntervals`: each line of it, and what it leaves open.
@Suite struct CounterIntervalsTests {
    static let two = "CPU0 CPU1\n"

    static let cases: [IntervalCase] = [
        IntervalCase(
            "a count grows", two + "5: 1 2 a\nLOC: 10 20 b\n", two + "5: 4 2 a\nLOC: 11 30 b\n",
            ["5 steady 3 [3,0]", "LOC steady 11 [1,10]"], columns: [4, 10], total: 14),
        IntervalCase(
            "a 32-bit count wraps", two + "5: 4294967290 1 a\n", two + "5: 4 1 a\n", ["5 steady 10 [10,0]"], columns: [10, 0], total: 10),
        IntervalCase(
            "a 32-bit count wraps to 0", two + "5: 4294967295 4294967295 a\n", two + "5: 0 4294967295 a\n",
            ["5 steady 1 [1,0]"], columns: [1, 0], total: 1),
        IntervalCase(
            "a global count wraps", two + "ERR: 4294967295\n", two + "ERR: 1\n", ["ERR steady 2 [2]"], columns: [0, 0], total: 2),
        IntervalCase(
            "a wrap that takes more than the interval has time for", two + "5: 4200000000 1 a\n", two + "5: 100000000 9 a\n",
            milliseconds: 1000, ["5 reset - [-,-]"], columns: [0, 0], total: 0),
        IntervalCase(
            "the same wrap in a longer interval", two + "5: 4200000000 1 a\n", two + "5: 100000000 9 a\n", milliseconds: 10_000,
            ["5 steady 194967304 [194967296,8]"], columns: [194_967_296, 8], total: 194_967_304),
        IntervalCase(
            "no wrap is longer than half of the range, in however long an interval", two + "5: 2147483648 1 a\n", two + "5: 0 1 a\n",
            milliseconds: 10_000_000, ["5 reset - [-,-]"], columns: [0, 0], total: 0),
        IntervalCase(
            "half of the range less one", two + "5: 2147483649 1 a\n", two + "5: 0 1 a\n", milliseconds: 10_000_000,
            ["5 steady 2147483647 [2147483647,0]"], columns: [2_147_483_647, 0], total: 2_147_483_647),
        IntervalCase(
            "a count goes back", two + "5: 500 100 a\n6: 1 1 b\n", two + "5: 600 0 a\n6: 2 2 b\n",
            ["5 reset - [-,-]", "6 steady 2 [1,1]"], columns: [1, 1], total: 2),
        IntervalCase(
            "a 64-bit count grows", two + "IPI0: 4294967295 18446744073709551613 a\n", two + "IPI0: 4294967297 18446744073709551615 a\n",
            ["IPI0 steady 4 [2,2]"], columns: [2, 2], total: 4),
        IntervalCase(
            "a 64-bit count goes back", two + "IPI0: 4294967296 0 a\n", two + "IPI0: 1 0 a\n", ["IPI0 reset - [-,-]"],
            columns: [0, 0], total: 0),
        IntervalCase(
            "a row appears", two + "5: 1 2 a\n", two + "5: 1 3 a\n7: 1000 1000 c\n", ["5 steady 1 [0,1]", "7 new - [-,-]"],
            columns: [0, 1], total: 1),
        IntervalCase(
            "a row appears in front", two + "5: 1 2 a\n6: 0 0 b\n", two + "4: 9 9 z\n5: 1 3 a\n6: 1 0 b\n",
            ["4 new - [-,-]", "5 steady 1 [0,1]", "6 steady 1 [1,0]"], columns: [1, 1], total: 2),
        IntervalCase(
            "a row vanishes", two + "5: 1 2 a\n6: 1 1 b\nLOC: 1 1 c\n", two + "5: 2 2 a\nLOC: 1 2 c\n",
            ["5 steady 1 [1,0]", "LOC steady 1 [0,1]"], gone: ["6"], columns: [1, 1], total: 2),
        IntervalCase(
            "all rows vanish", two + "5: 1 2 a\n6: 1 1 b\n", two, [], gone: ["5", "6"], columns: [0, 0], total: 0),
        IntervalCase(
            "the number stays and the device changes", two + "5: 100 2 PCI-MSI 1-edge  eth0\n", two + "5: 107 2 PCI-MSI 1-edge  nvme0\n",
            ["5 new - [-,-]"], gone: ["5"], columns: [0, 0], total: 0),
        IntervalCase(
            "the number stays and the hwirq changes", two + "5: 100 2 PCI-MSI 1-edge  eth0\n", two + "5: 107 2 PCI-MSI 2-edge  eth0\n",
            ["5 new - [-,-]"], gone: ["5"], columns: [0, 0], total: 0),
        IntervalCase(
            "the kind changes", two + "ERR: 5\n", two + "ERR: 5 6 PIC/APIC error interrupts\n", ["ERR new - [-,-]"], gone: ["ERR"],
            columns: [0, 0], total: 0),
        IntervalCase(
            "only the padding of the chip changes", two + "5: 1 2  IO-APIC   9-fasteoi   acpi\n",
            two + "5: 4 2  IO-APIC               9-fasteoi   acpi\n", ["5 steady 3 [3,0]"], columns: [3, 0], total: 3),
        IntervalCase(
            "blanks do not vanish with padding", two + "5: 1 2 a b\n", two + "5: 4 2 ab\n", ["5 new - [-,-]"], gone: ["5"],
            columns: [0, 0], total: 0),
        IntervalCase(
            "a longer name is another one", two + "5: 1 2 eth1\n", two + "5: 4 2 eth10\n", ["5 new - [-,-]"], gone: ["5"],
            columns: [0, 0], total: 0),
        IntervalCase(
            "rows change places", two + "5: 1 1 a\n6: 1 1 b\n7: 1 1 c\n", two + "7: 1 4 c\n5: 1 2 a\n6: 3 1 b\n",
            ["7 steady 3 [0,3]", "5 steady 1 [0,1]", "6 steady 2 [2,0]"], columns: [2, 4], total: 6),
        IntervalCase(
            "two rows of one label", two + "LOC: 1 1 timer\nBCT: 0 0 x\nLOC: 5 5 others\n",
            two + "LOC: 2 1 timer\nBCT: 0 0 x\nLOC: 5 7 others\n",
            ["LOC steady 1 [1,0]", "BCT steady 0 [0,0]", "LOC steady 2 [0,2]"], columns: [1, 2], total: 3),
        IntervalCase(
            "two rows of one label change places", two + "LOC: 1 1 x\nLOC: 5 5 x\nBCT: 1 1 y\n",
            two + "BCT: 1 1 y\nLOC: 2 1 x\nLOC: 5 7 x\n",
            ["BCT steady 0 [0,0]", "LOC steady 1 [1,0]", "LOC steady 2 [0,2]"], columns: [1, 2], total: 3),
        IntervalCase(
            "labels that a plain hash mixes up", two + "ab: 0 0 x\n023456: 1 1 x\n023456: 5 5 x\n123456: 7 7 x\n",
            two + "023456: 1 1 x\n123456: 8 7 x\n023456: 6 5 x\n",
            ["023456 steady 0 [0,0]", "123456 steady 1 [1,0]", "023456 steady 1 [1,0]"], gone: ["ab"], columns: [2, 0], total: 2),
        IntervalCase(
            "a CPU vanishes", "CPU0 CPU1 CPU2\n5: 1 1000 1 a\nLOC: 5 6 7 b\n", "CPU0 CPU2\n5: 3 2 a\nLOC: 6 7 b\n",
            ["5 steady 3 [2,1]", "LOC steady 1 [1,0]"], columns: [3, 1], total: 4),
        IntervalCase(
            "a CPU appears", "CPU0 CPU2\n5: 3 2 a\nERR: 1\n", "CPU0 CPU1 CPU2\n5: 4 5000 4 a\nERR: 2\n",
            ["5 steady 3 [1,-,2]", "ERR steady 1 [1]"], columns: [1, nil, 2], total: 4),
        IntervalCase(
            "one CPU vanishes and another appears", "CPU0 CPU1\n5: 3 2 a\n", "CPU0 CPU2\n5: 4 900 a\n", ["5 steady 1 [1,-]"],
            columns: [1, nil], total: 1),
        IntervalCase(
            "all CPUs are others", "CPU0 CPU1\n5: 3 2 a\n", "CPU2 CPU3\n5: 4 900 a\n", ["5 new - [-,-]"], columns: [nil, nil], total: 0),
        IntervalCase(
            "a row goes back on a CPU that was not there", "CPU1\n5: 3 a\n", "CPU0 CPU1\n5: 1 4 a\n", ["5 steady 1 [-,1]"],
            columns: [nil, 1], total: 1),
        IntervalCase(
            "s390: sums are not counted twice", two + "EXT: 10 10\nI/O: 1 1\nAIO: 0 0\nCLK: 9 9 [EXT] Clock\nIPI: 1 1 [EXT] Signal\n",
            two + "EXT: 15 12\nI/O: 1 3\nAIO: 0 0\nCLK: 13 10 [EXT] Clock\nIPI: 2 2 [EXT] Signal\n",
            [
                "EXT steady 7 [5,2]", "I/O steady 2 [0,2]", "AIO steady 0 [0,0]", "CLK steady 5 [4,1]", "IPI steady 2 [1,1]",
            ], columns: [5, 2], total: 7),
        IntervalCase(
            "a row without counts", two + "FIQ: usb_fiq\n", two + "FIQ: usb_fiq\n", ["FIQ steady 0 []"], columns: [0, 0], total: 0),
    ]

    @Test(arguments: cases) func matrix(example: IntervalCase) throws {
        let watch = Watch()
        try watch.take(example.before)
        #expect(watch.intervals.intervalNanoseconds == nil && watch.intervals.totalDelta == 0)
        #expect(watch.lines.allSatisfy { $0.contains(" new - ") } && watch.columns.allSatisfy { $0 == nil })
        try watch.take(example.after, after: example.milliseconds)
        #expect(watch.lines == example.rows)
        #expect(watch.gone == example.gone)
        #expect(watch.columns == example.columns)
        #expect(watch.intervals.totalDelta == example.total)
        #expect(watch.intervals.intervalNanoseconds == example.milliseconds * 1_000_000)
    }

    // MARK: More than two samples

    @Test func rowThatReturnsIsNew() throws {
        let watch = Watch()
        try watch.take(Self.two + "5: 1 1 a\n6: 1 1 b\n")
        let serial = watch.serial(1)
        try watch.take(Self.two + "5: 1 1 a\n")
        #expect(watch.gone == ["6"])
        try watch.take(Self.two + "5: 1 1 a\n6: 700 1 b\n")
        #expect(watch.lines == ["5 steady 0 [0,0]", "6 new - [-,-]"] && watch.gone.isEmpty)
        #expect(watch.serial(1) != serial)
        try watch.take(Self.two + "5: 1 1 a\n6: 701 1 b\n")
        #expect(watch.lines[1] == "6 steady 1 [1,0]" && watch.intervals.totalDelta == 1)
    }

    @Test func rowThatWasResetCountsOn() throws {
        let watch = Watch()
        try watch.take(Self.two + "5: 100 0 a\n")
        try watch.take(Self.two + "5: 1 0 a\n")
        #expect(watch.lines == ["5 reset - [-,-]"])
        try watch.take(Self.two + "5: 3 0 a\n")
        #expect(watch.lines == ["5 steady 2 [2,0]"])
    }

    @Test func cpuThatReturnsIsUnknownOnce() throws {
        let watch = Watch()
        try watch.take("CPU0 CPU1\n5: 1 1 a\n")
        try watch.take("CPU0\n5: 2 a\n")
        #expect(watch.lines == ["5 steady 1 [1]"] && watch.columns == [1])
        try watch.take("CPU0 CPU1\n5: 3 50 a\n")
        #expect(watch.lines == ["5 steady 1 [1,-]"] && watch.columns == [1, nil])
        try watch.take("CPU0 CPU1\n5: 4 52 a\n")
        #expect(watch.lines == ["5 steady 3 [1,2]"] && watch.columns == [1, 2])
    }

    @Test func sampleThatCannotBeReadIsSkipped() throws {
        let watch = Watch()
        try watch.take(Self.two + "5: 1 1 a\n6: 1 1 b\n")
        try watch.take(Self.two + "5: 2 1 a\n")
        #expect(watch.gone == ["6"])
        #expect(throws: ProcTextError(.noHeader)) { try watch.take("garbage\n") }
        #expect(watch.lines == ["5 reset - [-,-]"] && watch.intervals.samples == 2)
        // The label was in the text that is gone: there was a trap here.
        #expect(watch.gone.isEmpty)
        try watch.take(Self.two + "5: 12 1 a\n")
        #expect(watch.lines == ["5 steady 10 [10,0]"])
        #expect(watch.intervals.intervalNanoseconds == 2_000_000_000 && watch.intervals.perSecond(10) == 5)
    }

    /// The screen must show a gap, not the rates of the interval before.
    @Test func sampleThatCannotBeReadForgetsTheDeltas() throws {
        let watch = Watch()
        try watch.take("     CPU0\n 5:   100  chip\n")
        try watch.take("     CPU0\n 5:   110  chip\n")
        #expect(throws: ProcTextError.self) { try watch.take("nothing") }
        #expect(watch.lines == ["5 reset - [-]"])
        #expect(watch.columns == [nil])
        #expect(watch.intervals.totalDelta == 0)
        let isUnknown = watch.intervals.perSecond(1) == nil
        #expect(isUnknown)
        try watch.take("     CPU0\n 5:   140  chip\n")
        #expect(watch.lines == ["5 steady 30 [30]"])
    }

    @Test func clockThatStandsStillGivesNoRate() throws {
        let watch = Watch()
        try watch.take(Self.two + "5: 4294967295 1 a\n6: 1 1 b\n")
        try watch.take(Self.two + "5: 0 1 a\n6: 2 1 b\n", after: 0)
        #expect(watch.lines == ["5 reset - [-,-]", "6 steady 1 [1,0]"])
        #expect(watch.intervals.intervalNanoseconds == nil && watch.intervals.perSecond(1) == nil)
        #expect(watch.intervals.pastRate(slot: watch.slot(1), age: 0).isNaN)
    }

    /// The interval runs from the middle of one reading to the middle of the next.
    @Test func timeOfASampleIsTheMiddleOfItsReading() throws {
        var intervals = CounterIntervals(.softirqs)
        for (start, end) in [(100, 300), (1100, 1500)] as [(UInt64, UInt64)] {
            try intervals.take { (sample: inout CounterSample) throws(ProcTextError) in
                (sample.startNanoseconds, sample.endNanoseconds) = (start, end)
                try sample.read(Array("CPU0\nHI: 1\n".utf8))
            }
        }
        #expect(intervals.intervalNanoseconds == 1100)
    }

    // MARK: History

    @Test func historyHoldsTheLastRates() throws {
        let watch = Watch()
        let count = CounterIntervals.historyLength + 40
        var value = 0
        for index in 0..<count {
            value += index
            try watch.take("CPU0\n5: \(value) a\n", after: 500)
        }
        let slot = watch.slot(0)
        for age in 0..<CounterIntervals.historyLength {
            #expect(watch.intervals.pastRate(slot: slot, age: age) == Float(2 * (count - 1 - age)), "age \(age)")
        }
    }

    @Test func historyOfASlotBelongsToItsRow() throws {
        let watch = Watch()
        try watch.take("CPU0\n5: 0 a\n6: 0 b\n")
        try watch.take("CPU0\n5: 1 a\n6: 7 b\n")
        try watch.take("CPU0\n5: 3 a\n6: 14 b\n")
        let (first, second) = (watch.slot(0), watch.slot(1))
        #expect(first != second)
        #expect(watch.past(first, 0..<2) == [2, 1] && watch.past(second, 0..<2) == [7, 7])
        #expect(watch.past(first, 2..<4).allSatisfy { $0.isNaN })
        try watch.take("CPU0\n5: 4 a\n")
        try watch.take("CPU0\n5: 5 a\n9: 1 z\n")
        // The place is used again, what was in it is not.
        #expect(watch.slot(1) == second)
        #expect(watch.past(second, 0..<6).allSatisfy { $0.isNaN })
        try watch.take("CPU0\n9: 5 z\n5: 6 a\n")
        #expect(watch.slot(0) == second && watch.past(second, 0..<1) == [4])
        #expect(watch.past(second, 1..<6).allSatisfy { $0.isNaN })
        #expect(watch.past(first, 0..<5) == [1, 1, 1, 2, 1])
    }

    @Test func unknownIntervalsAreNoZeroRates() throws {
        let watch = Watch()
        for value in [5, 9, 2, 4] { try watch.take("CPU0\n5: \(value) a\n") }
        let past = watch.past(watch.slot(0), 0..<4)
        #expect(past[0] == 2 && past[1].isNaN && past[2] == 4 && past[3].isNaN)
    }

    /// One look at a million rows does not pay for their histories.
    @Test func slotsOfRowsThatComeAndGoDoNotGrow() throws {
        let watch = Watch()
        for round in 0..<50 {
            let rows = (0..<10).map { "\(round * 10 + $0): 1 x\n" }.joined()
            try watch.take("CPU0\n" + rows)
            #expect((0..<10).allSatisfy { watch.slot($0) < 20 })
            #expect(Set((0..<10).map { watch.slot($0) }).count == 10)
        }
    }

    // MARK: Against a naive model

    struct Key: Hashable {
        let label: String
        let ordinal: Int
        let text: String
        let isGlobal: Bool
    }

    struct Model {
        var cpus: [Int] = []
        var rows: [(key: Key, counts: [UInt64])] = []

        var text: String {
            cpus.map { "CPU\($0)" }.joined(separator: "  ") + "\n"
                + rows.map { row in
                    "\(row.key.label): " + row.counts.map { String($0) }.joined(separator: " ") + " \(row.key.text)\n"
                }.joined()
        }
    }

    static func random(_ before: Model, _ random: inout SeededGenerator) -> Model {
        var model = Model()
        model.cpus = (0..<5).filter { _ in Int.random(in: 0..<4, using: &random) > 0 }
        if model.cpus.isEmpty { model.cpus = [2] }
        let labels = ["1", "2", "30", "LOC", "IPI0", "123456", "023456", "a label with blanks", "ERR", "MIS"]
        var seen: [String: Int] = [:]
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            let label = labels.randomElement(using: &random) ?? ""
            let isGlobal = label == "ERR" || label == "MIS"
            let text = isGlobal ? "" : ["x", "PCI-MSI 1-edge  eth0", "y  z"].randomElement(using: &random) ?? ""
            let key = Key(label: label, ordinal: seen[label, default: 0], text: text, isGlobal: isGlobal)
            seen[label, default: 0] += 1
            let counts: [UInt64] = (isGlobal ? [0] : model.cpus).map { cpu in
                var old: UInt64?
                if let row = before.rows.first(where: { $0.key == key }) {
                    let place = isGlobal ? 0 : before.cpus.firstIndex(of: cpu)
                    old = place.map { row.counts[$0] }
                }
                let starts: [UInt64] = [0, 4_294_967_290, 1 << 40, 77]
                let start: UInt64 = old ?? starts[Int.random(in: 0..<4, using: &random)]
                switch Int.random(in: 0..<8, using: &random) {
                case 0: return start
                case 1: return start <= 0xFFFF_FFFF ? (start + 9) & 0xFFFF_FFFF : start + 9
                case 2: return start / 2
                case 3: return start &+ (1 << 33)
                default: return start + UInt64.random(in: 0...5, using: &random)
                }
            }
            model.rows.append((key, counts))
        }
        return model
    }

    /// The matrix again, with dictionaries.
    static func expected(_ before: Model, _ after: Model) -> (lines: [String], gone: [String], columns: [UInt64?], total: UInt64) {
        var columns: [UInt64?] = after.cpus.map { before.cpus.contains($0) ? 0 : nil }
        var total: UInt64 = 0
        let lines = after.rows.map { row -> String in
            let unknown = row.counts.map { _ in "-" }.joined(separator: ",")
            guard let old = before.rows.first(where: { $0.key == row.key }) else { return "\(row.key.label) new - [\(unknown)]" }
            var deltas: [UInt64?] = []
            for (index, count) in row.counts.enumerated() {
                let place = row.key.isGlobal ? 0 : before.cpus.firstIndex(of: after.cpus[index])
                guard let place else {
                    deltas.append(nil)
                    continue
                }
                let start = old.counts[place]
                if count >= start {
                    deltas.append(count - start)
                } else if start < 1 << 32, count + (1 << 32) - start <= 1_010 * 100_000 {
                    deltas.append(count + (1 << 32) - start)
                } else {
                    return "\(row.key.label) reset - [\(unknown)]"
                }
            }
            if deltas.allSatisfy({ $0 == nil }) { return "\(row.key.label) new - [\(unknown)]" }
            let sum = deltas.compactMap { $0 }.reduce(0, +)
            total += sum
            if !row.key.isGlobal {
                for (index, delta) in deltas.enumerated() { columns[index] = columns[index].map { $0 + (delta ?? 0) } }
            }
            return "\(row.key.label) steady \(sum) [\(deltas.map { $0.map { String($0) } ?? "-" }.joined(separator: ","))]"
        }
        let gone = before.rows.filter { row in !after.rows.contains { $0.key == row.key } }.map(\.key.label)
        return (lines, gone, columns, total)
    }

    @Test func randomSamplesAgreeWithANaiveModel() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        var (model, watch) = (Model(), Watch())
        var steadyCount = 0
        for round in 0..<1500 {
            if round % 50 == 0 { (model, watch) = (Self.random(Model(), &random), Watch()) }
            if round % 50 == 0 { try watch.take(model.text) }
            let next = Self.random(model, &random)
            try watch.take(next.text)
            let right = Self.expected(model, next)
            let isSame =
                watch.lines == right.lines && watch.gone == right.gone && watch.columns == right.columns
                && watch.intervals.totalDelta == right.total
            #expect(isSame, "seed \(seed), round \(round):\n\(model.text)\n\(next.text)\n\(watch.lines)\n\(right)")
            if !isSame { return }
            steadyCount += right.lines.filter { $0.contains(" steady ") }.count
            model = next
        }
        #expect(steadyCount > 500, "seed \(seed): hardly anything was compared")
    }
}
