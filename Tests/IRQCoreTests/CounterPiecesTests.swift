import Foundation
import TestSupport
import Testing

@testable import IRQCore

/// Tables that come in pieces, and names that are kept once.
@Suite struct CounterPiecesTests {
    @Test(arguments: CounterTableTests.layouts) func piecesMakeTheWhole(_ layout: TableCase) throws {
        let bytes = Array(layout.text.utf8)
        let whole = try CounterSample(layout.source, bytes)
        for byteCount in [1, 2, 7, 64, 4096] {
            var sample = CounterSample(layout.source)
            try sample.read(bytes, pieces: byteCount)
            #expect(sample.lines == whole.lines && sample.cpus == whole.cpus)
            #expect(sample.table.rejectedRowCount == whole.table.rejectedRowCount)
            #expect(sample.table.firstProblem == whole.table.firstProblem && sample.table.isTorn == whole.table.isTorn)
            #expect(sample.table.strayLineCount == whole.table.strayLineCount)
        }
    }

    @Test func failuresInPiecesAreThoseOfTheWhole() {
        for text in ["", "\n", "x", "CPU0", "CPU0 CPU0\n1: 2\n", "a\nb\nc\n"] {
            var (whole, pieces): (ProcTextError?, ProcTextError?)
            do throws(ProcTextError) { _ = try CounterSample(.interrupts, Array(text.utf8)) } catch { whole = error }
            var sample = CounterSample(.interrupts)
            do throws(ProcTextError) { try sample.read(Array(text.utf8), pieces: 1) } catch { pieces = error }
            #expect(whole != nil && pieces == whole, "\(text)")
        }
    }

    /// Numbers need not ascend, and zeros in front make another label.
    @Test func labelsThatRepeatAreCountedInAnyOrder() throws {
        let labels = ["5", "7", "LOC", "6", "7", "007", "LOC", "5", "9", "7", "007", "1000000000", "1000000000", "8"]
        let text = "CPU0\n" + labels.map { "\($0): 1 x\n" }.joined()
        let sample = try CounterSample(.interrupts, Array(text.utf8))
        var seen: [String: Int32] = [:]
        for (row, label) in labels.enumerated() {
            #expect(sample.table.row(row).ordinal == seen[label, default: 0], "\(row): \(label)")
            seen[label, default: 0] += 1
        }
    }

    private func text(_ rows: some Sequence<Int>, _ count: Int, name: String = "name") -> String {
        "CPU0\n" + rows.map { "\($0): \(count) chip \(name)\($0)\n" }.joined()
    }

    @Test func namesAreKeptOnce() throws {
        let watch = Watch()
        try watch.take(text(0..<1000, 1))
        let byteCount = watch.intervals.sample.table.names.byteCount
        for count in 2...5 {
            try watch.take(text(0..<1000, count))
            #expect(watch.intervals.sample.table.names.byteCount == byteCount)
        }
        // Rows that go and come take what they have, and no more.
        try watch.take(text((0..<1000).filter { $0 % 7 != 0 }, 6))
        #expect(watch.intervals.sample.table.names.byteCount == byteCount && watch.gone.count == 143)
        #expect(watch.gone.first == "0" && watch.gone.last == "994")
        try watch.take(text(0..<1001, 7))
        #expect(watch.lines.last == "1000 new - [-]" && watch.lines[1] == "1 steady 1 [1]" && watch.lines[7] == "7 new - [-]")
        #expect(watch.intervals.sample.table.names.byteCount < byteCount * 5 / 4)
    }

    /// Found by fuzzing: rows before the line of CPU names were taken for a table without one, if they came in a piece of
    /// their own.
    @Test(arguments: [1, 7, 64, 4096, 1 << 20])
    func headerOfALaterPiece(pieceByteCount: Int) throws {
        let rows = "5: 1 chip a\n6: 2 chip b\n"
        var sample = CounterSample(.interrupts)
        try sample.read(Array((rows + "CPU0 CPU1\n7: 3 4 chip c\n").utf8), pieces: pieceByteCount)
        #expect(sample.table.namesCPUs && sample.lines == ["7=7 perCPU [3,4] chip c"] && sample.table.strayLineCount == 2)
    }

    /// Beyond so many bytes the line of CPU names is not looked for: then the rows count. (With small pieces all is looked at
    /// each time.)
    @Test(arguments: [4096, 1 << 20])
    func headerThatComesTooLate(pieceByteCount: Int) throws {
        let rows = "5: 1 chip a\n6: 2 chip b\n"
        var sample = CounterSample(.interrupts)
        let many = String(repeating: rows, count: ProcTextLimits.headerByteCount / rows.utf8.count + 1)
        try sample.read(Array((many + "CPU0\n7: 3 chip c\n").utf8), pieces: pieceByteCount)
        // The line is the beginning of another table then.
        #expect(!sample.table.namesCPUs && sample.table.rejectedRowCount == 1 && sample.table.hasAnother)
        #expect(sample.lines.count == 2 * (many.utf8.count / rows.utf8.count))
        #expect(!sample.lines.contains { $0.hasPrefix("7") })

        let noise = String(repeating: "noise\n", count: ProcTextLimits.headerByteCount / 6 + 1)
        #expect(throws: ProcTextError(.noHeader)) {
            try sample.read(Array((noise + "CPU0\n7: 3 chip c\n").utf8), pieces: pieceByteCount)
        }
    }

    /// Names that are always new do not pile up, and nothing is mistaken for anything else.
    @Test func oldNamesAreDropped() throws {
        let watch = Watch()
        for round in 0..<40 {
            try watch.take(text(0..<500, round, name: "round\(round)-"))
            let sample = watch.intervals.sample.table.names.byteCount
            #expect(sample < 200_000, "\(sample) bytes in round \(round)")
            #expect(watch.intervals.goneCount == (round == 0 ? 0 : 500))
            #expect(watch.intervals.sample.tail(watch.intervals.sample.table.row(499)) == "chip round\(round)-499")
        }
    }

    /// A sample that cannot be read leaves the names of the last one, and of the next.
    @Test func failureLeavesTheNames() throws {
        let watch = Watch()
        try watch.take(text(0..<100, 1))
        let names = (0..<100).map { "\($0) chip name\($0)" }
        func seen() -> [String] {
            (0..<100).map { row in
                let counts = watch.intervals.sample.table.row(row)
                return watch.intervals.sample.label(counts) + " " + watch.intervals.sample.tail(counts)
            }
        }
        #expect(throws: ProcTextError.self) { try watch.take("CPU0\n" + String(repeating: "1:2\n", count: ProcTextLimits.rows + 1)) }
        #expect(seen() == names && watch.lines[5] == "5 new - [-]")
        #expect(throws: ProcTextError(.noHeader)) { try watch.take("nothing\n") }
        try watch.take(text(0..<100, 3))
        #expect(seen() == names && watch.lines[5] == "5 steady 2 [2]")
    }
}

/// What is known of more rows than have details of their own.
@Suite struct DetailShelfTests {
    private func state(_ count: Int) throws -> Box {
        let live = Box()
        let text = "CPU0\n" + (0..<count).map { "\($0): 1 GIC \($0) Level     dev\($0)\n" }.joined()
        try live.takeInterrupts { (sample: inout CounterSample) throws(ProcTextError) in
            try sample.read(Array(text.utf8))
        }
        return live
    }

    @Test func allRowsTellWhatTheirTextTells() throws {
        let live = try state(2_200)
        for row in 0..<2_200 {
            let isUnknown = live.isUnknown(row)
            #expect(isUnknown)
            live.learn(row) { _ in false }
        }
        for row in [0, 2_047, 2_048, 2_199] {
            let (details, isUnknown) = (live.details(row), live.isUnknown(row))
            #expect(!isUnknown && details.label == "\(row)" && details.name == "dev\(row)" && details.hwirq == UInt64(row))
        }
        // What is found out of a row is kept, of any row.
        for row in [3, 2_198] {
            live.changeDetails(row) { $0.node = 1 }
            live.changeDetails(row, keeping: true) { $0.node = $0.node ?? 2 }
        }
        var (kept, beyond) = (live.details(3), live.details(2_198))
        #expect(kept.node == 1 && beyond.node == 2)
        live.lookUp = { irq, details in details.chip = "of \(irq)" }
        (kept, beyond) = (live.details(3), live.details(2_198))
        let plain = live.details(2_197)
        #expect(kept.chip == "GIC" && plain.chip == "of 2197" && beyond.chip == "GIC")
    }
}
