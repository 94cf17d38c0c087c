import IRQCore
import TestSupport
import Testing

@testable import TraceInput

/// The slowest spans of some rows are found while the recording is read once: the same as by sifting all spans.
@Suite struct SlowestSelectionTests {
    @Test(arguments: [
        ("amd64-nomsi-v7", 1), ("amd64-nomsi-v7", 7), ("amd64-nomsi-v7", 200), ("amd64-v7", 7), ("s390x-instances", 7),
        ("armhf-v7", 200),
    ])
    func ofSomeRowsAreThoseOfAllSifted(name: String, count: Int) throws {
        var options = ReadOptions()
        options.analysis.slowCount = SlowestSelectionTests.all
        let all = try report(onRecording: Places.recording(name), options: options).slowest
        for (what, selection) in Self.selections {
            options.selection = selection
            options.analysis.slowCount = count
            let found = try report(onRecording: Places.recording(name), options: options).slowest
            var sifted = all
            sifted.removeAll { span in !(selection.irqs.map { span.row.kind == .irq && $0[0].contains(span.row.number) } ?? true) }
            sifted.removeAll { span in !(selection.isNameWanted?(span.row.name) ?? true) }
            let expected = sifted.prefix(count).map(\.durationNanoseconds)
            #expect(found.map(\.durationNanoseconds) == expected, "\(what)")
            #expect(found.allSatisfy { sifted.contains($0) }, "\(what)")
        }
    }

    /// More spans than the recordings have in the rows that are looked for.
    private static let all = 10_000

    private static let selections: [(String, RowSelection)] = {
        var irqs = RowSelection()
        irqs.irqs = [20...40]
        var names = RowSelection()
        names.isNameWanted = { $0.hasPrefix("NET") || $0.contains("virtio") || $0.contains("work") }
        var none = RowSelection()
        none.isNameWanted = { _ in false }
        return [("irqs", irqs), ("names", names), ("none", none)]
    }()
}
