import Foundation
import IRQCore
import TestSupport
import Testing

/// The state file: what is written is read again, and nothing else is.
@Suite struct AlertStateTests {
    static func sample() -> AlertState {
        var state = AlertState()
        state.bootID = "f9f86c10-e775-4372-9980-2b25fb79b270"
        state.time = AlertTime(boot: 5_000_000_000, awake: 4_000_000_000, wall: 1_790_000_000_000_000_000)
        let text = "           CPU0       CPU1\n 36:          1          2  chip 1-edge  dev\nERR:          0\n"
        state.interrupts = squeezed(text)
        state.stat = Array("cpu0 1 2 3\n".utf8)
        state.softnet = [SoftnetCounts(cpu: 1, processed: 2, dropped: 3, squeezed: 4)]
        state.threads = [SoftirqThreadMemory(cpu: 0, pid: 15, cpuNanoseconds: 77)]
        var row = RowMemory()
        row.baseline.learn(300)
        row.baseline.learn(400)
        row.maskHash = 99
        row.spurious = SpuriousCounts(count: 7, unhandled: 6, lastUnhandledMilliseconds: 5)
        row.mayBeDisabled = true
        state.memory.rows[42] = row
        state.memory.rows[43] = RowMemory()
        var subject = AlertSubject()
        (subject.label, subject.irq, subject.action, subject.cpu) = ("36", 36, "dev\u{1B}é", 1)
        var alert = ActiveAlert(key: AlertKey(.storm, id: 42), subject: subject)
        (alert.level, alert.announced, alert.overWarnNanoseconds, alert.peak) = (.critical, .warning, 12, 4.5)
        state.memory.alerts[alert.key] = alert
        return state
    }

    private func decode(_ bytes: [UInt8]) throws -> AlertState {
        try bytes.withUnsafeBytes { buffer in
            let span = RawSpan(_unsafeBytes: buffer)
            return try AlertStateFile.decode(span)
        }
    }

    @Test func isReadAsItWasWritten() throws {
        let state = Self.sample()
        #expect(try decode(AlertStateFile.encode(state)) == state)
        #expect(try decode(AlertStateFile.encode(AlertState())) == AlertState())
    }

    @Test func everyTruncationIsFound() throws {
        let bytes = AlertStateFile.encode(Self.sample())
        for count in 0..<bytes.count {
            #expect(throws: AlertStateError.self) { try decode(Array(bytes[..<count])) }
        }
        #expect(throws: AlertStateError.damaged) { try decode(bytes + [0]) }
    }

    @Test func everyFlippedBitIsFound() throws {
        let bytes = AlertStateFile.encode(Self.sample())
        for position in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[position] ^= 1 << UInt8(bit)
                #expect(throws: AlertStateError.self) { try decode(changed) }
            }
        }
    }

    /// With a checksum that fits, the fields themselves are what is checked: an error or a state, never a trap.
    @Test func damagedFieldsNeverTrap() throws {
        var random = SeededGenerator(seed: 5)
        let bytes = AlertStateFile.encode(Self.sample())
        var refused = 0
        for _ in 0..<20_000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                changed[Int.random(in: 32..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            changed.withUnsafeBytes { buffer in
                let span = RawSpan(_unsafeBytes: buffer)
                guard let state = try? AlertStateFile.decodeContents(span) else {
                    refused += 1
                    return
                }
                var samples = AlertSamples()
                _ = samples.restore(state)
                let again = AlertStateFile.encode(state)
                #expect((try? decode(again)) != nil)
            }
        }
        #expect(refused > 100)
    }

    @Test func otherVersionsAndFilesAreToldApart() throws {
        var bytes = AlertStateFile.encode(Self.sample())
        bytes[8] = 3
        #expect(throws: AlertStateError.version(3)) { try decode(bytes) }
        #expect(throws: AlertStateError.foreign) { try decode(Array("root:x:0:0".utf8)) }
        #expect(throws: AlertStateError.foreign) { try decode([]) }
    }

    /// What the fuzz target starts from is what it should be: a state, rules, softnet_stat.
    @Test func fuzzSeedsAreRead() throws {
        let folder = Places.fixtures.appendingPathComponent("fuzz/alert")
        func seed(_ name: String) throws -> [UInt8] {
            [UInt8](try Data(contentsOf: folder.appendingPathComponent(name))).dropFirst().map { $0 }
        }
        let state = try decode(seed("state"))
        #expect(!state.memory.rows.isEmpty && !state.interrupts.isEmpty)
        var samples = AlertSamples()
        let isRestored = samples.restore(state)
        #expect(isRestored)
        var rules = AlertRules()
        let text = try seed("rules")
        try RulesFile.read(text.span.bytes, into: &rules)
        #expect(rules.lineRules.count == 3)
        let softnet = try seed("softnet")
        #expect(SoftnetStat.read(softnet.span.bytes, cpus: [0, 1])?.map(\.cpu) == [0, 1])
        let line = try seed("irqstate")
        #expect(IRQStateText.isSpuriousDisabled(line.span.bytes) == true)
        // Cut anywhere before the word, it is not said; without the state, nothing is known.
        for count in [0, 20, 80, 100, 110] {
            let cut = Array(line.prefix(count))
            #expect(IRQStateText.isSpuriousDisabled(cut.span.bytes) != true, "\(count) bytes")
        }
    }

    // MARK: Squeezed texts

    private static func squeezed(_ text: String) -> [UInt8] {
        guard let sample = try? CounterSample(.interrupts, Array(text.utf8)) else { return [] }
        return SqueezedText.squeeze(sample.table)
    }

    private func expanded(_ bytes: [UInt8], limit: Int = 1 << 20) -> String? {
        var text: [UInt8] = []
        let span = bytes.span
        let isWhole = SqueezedText.expand(span.bytes, limit: limit) { piece, _ in
            text += (0..<piece.byteCount).map { piece.byte(at: $0) ?? 0 }
            return piece.byteCount
        }
        return isWhole ? String(decoding: text, as: UTF8.self) : nil
    }

    @Test func zerosAreCounted() {
        let zeros = String(repeating: "          0", count: 1000)
        let cpus = (0..<1003).map { " CPU\($0)" }.joined()
        let text = "\(cpus)\n 36:\(zeros)       7    0  0 chip   0-edge 0x\nERR:   9\nFIQ:   usb\n"
        let bytes = Self.squeezed(text)
        #expect(bytes.count < cpus.utf8.count + 60)
        let expected =
            cpus + "\n36:" + String(repeating: " 0", count: 1000) + " 7 0 0 chip   0-edge 0x\nERR: 9\nFIQ: usb\n"
        #expect(expanded(bytes) == expected)
    }

    /// What comes out of the state is the table that went in, so that rows are found again.
    @Test(arguments: CounterTableTests.layouts) func tableComesBack(_ layout: TableCase) throws {
        for text in [layout.text, layout.text.replacing("edge", with: "e\u{1}dge")] {
            guard layout.source == .interrupts, let sample = try? CounterSample(.interrupts, Array(text.utf8)) else { return }
            let again = try CounterSample(.interrupts, Array((expanded(SqueezedText.squeeze(sample.table)) ?? "").utf8))
            #expect(again.lines == sample.lines && again.cpus == sample.cpus)
        }
    }

    /// A line without an end is not looked through again with each of its pieces.
    @Test func longLinesAreHandedOnRarely() {
        let line: [UInt8] = [1, 1, 0x80, 0x80, 0x80, 0x02]  // 4,194,304 zeros
        let span = line.span
        var handedByteCount = 0
        let isWhole = SqueezedText.expand(span.bytes, limit: 1 << 24) { piece, isLast in
            handedByteCount += piece.byteCount
            return isLast ? piece.byteCount : 0
        }
        #expect(isWhole && handedByteCount < 4 * (8 << 20), "\(handedByteCount) bytes")
    }

    @Test func expandingIsBounded() {
        // 100 times two hundred million zeros.
        let bomb: [UInt8] = [1] + (0..<100).flatMap { _ in [1, 0xFF, 0xFF, 0xFF, 0x7F] as [UInt8] }
        #expect(expanded(bomb) == nil)
        #expect(expanded([1, 1, 0x80]) == nil)
        #expect(expanded([2, 3]) == nil)
    }
}
