import TestSupport
import Testing

@testable import IRQCore

/// The counts that a recording carries: whatever is cut off, nothing is made up.
@Suite struct SnapshotAttachmentTests {
    static let sample: SnapshotAttachment = {
        var sample = SnapshotAttachment()
        for (index, name) in ["interrupts", "softirqs", "later"].enumerated() {
            let text = Array("text \(index)\nof it".utf8)
            sample.parts.append(.init(name: name, moment: "start", timeNanoseconds: UInt64(index) * 7, text: text))
        }
        sample.parts.append(.init(name: "interrupts", moment: "end", timeNanoseconds: .max, text: []))
        return sample
    }()

    @Test func comesBackAsItWas() throws {
        let sample = Self.sample
        #expect(SnapshotAttachment(sample.bytes) == sample)
        #expect(sample.part("interrupts", "end")?.text == [] && sample.part("softirqs", "end") == nil)
        #expect(SnapshotAttachment(SnapshotAttachment().bytes)?.parts == [])
    }

    @Test func everyTruncationIsSeenOrEndsAtAPart() {
        let bytes = Self.sample.bytes
        var whole: [Int] = []
        for count in 0..<bytes.count {
            guard let read = SnapshotAttachment(Array(bytes.prefix(count))) else { continue }
            #expect(read.parts == Array(Self.sample.parts.prefix(read.parts.count)) && read.bytes.count == count)
            whole.append(read.parts.count)
        }
        #expect(whole == [0, 1, 2, 3])
    }

    @Test(arguments: [
        "", "irqscope-snapshots 2\n", "interrupts start 1 2\n", "a b 1\n", "a b 1 -1\n\n", "a b x 1\nz\n", "a b 1 9\nz\n",
        "a b 1 1\nzz\n", "a b 1 9223372036854775807\nz\n", "a b 1 99999999999999999999\nz\n", "a b 1 1\nz",
    ])
    func nonsenseIsNone(text: String) {
        let title = text.isEmpty || text.hasPrefix("irqscope") ? "" : "irqscope-snapshots 1\n"
        #expect(SnapshotAttachment(Array((title + text).utf8)) == nil)
    }

    @Test func missingEventsComeBack() throws {
        var sample = Self.sample
        sample.addMissing([])
        #expect(sample == Self.sample && sample.missingEvents.isEmpty)
        sample.addMissing([(0, 80_403), (3, .max)])
        let read = try #require(SnapshotAttachment(sample.bytes))
        #expect(read == sample && read.missingEvents.map(\.cpu) == [0, 3])
        #expect(read.missingEvents.map(\.count) == [80_403, .max])
        // A file may say anything.
        var odd = SnapshotAttachment()
        let text = "0 1\n1\n-1 5\nx y\n2 18446744073709551616\n\n1 2 3\n 7 8"
        odd.parts.append(.init(name: "missing", moment: "end", timeNanoseconds: 0, text: Array(text.utf8)))
        #expect(odd.missingEvents.map(\.cpu) == [0, 7])
    }

    @Test func tooManyParts() {
        let part = Array("a b 1 1\nz\n".utf8)
        let title = Array("irqscope-snapshots 1\n".utf8)
        #expect(SnapshotAttachment(title + (0..<64).flatMap { _ in part })?.parts.count == 64)
        #expect(SnapshotAttachment(title + (0..<65).flatMap { _ in part }) == nil)
    }
}
