import Foundation
import TestSupport
import Testing

@testable import IRQCore

/// The state file: what is written is read again, and nothing else is.
@Suite struct AlertStateTests {
    static func sample() -> AlertState {
        var state = AlertState()
        state.bootID = "f9f86c10-e775-4372-9980-2b25fb79b270"
        state.time = BoxTime(boot: 5_000_000_000, awake: 4_000_000_000, wall: 1_790_000_000_000_000_000)
        let text = "           CPU0       CPU1\n 36:          1          2  chip 1-edge  dev\nERR:          0\n"
        state.interrupts = Array(text.utf8)
        state.stat = Array("cpu0 1 2 3\n".utf8)
        state.softnet = [SoftnetCounts(cpu: 1, processed: 2, dropped: 3, squeezed: 4)]
        state.threads = [SoftirqThread(cpu: 0, pid: 15, cpuNanoseconds: 77)]
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

    private func encode(_ state: AlertState) -> [UInt8] {
        var bytes: [UInt8] = []
        AlertStateFile.write(state) { bytes += $0 }
        return bytes
    }

    private func decode(_ bytes: [UInt8]) throws -> AlertState { try AlertStateFile.decode(bytes) }

    @Test func isReadAsItWasWritten() throws {
        let state = Self.sample()
        #expect(try decode(encode(state)) == state)
        #expect(try decode(encode(AlertState())) == AlertState())
    }

    @Test func everyTruncationIsFound() throws {
        let bytes = encode(Self.sample())
        for count in 0..<bytes.count {
            #expect(throws: AlertStateError.self) { try decode(Array(bytes[..<count])) }
        }
        #expect(throws: AlertStateError.damaged) { try decode(bytes + [0]) }
    }

    @Test func everyFlippedBitIsFound() throws {
        let bytes = encode(Self.sample())
        for position in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[position] ^= 1 << UInt8(bit)
                #expect(throws: AlertStateError.self) { try decode(changed) }
            }
        }
    }

    /// Whatever the checksum says, the fields themselves are checked: an error or a state, never a trap.
    @Test func damagedFieldsNeverTrap() throws {
        var random = SeededGenerator(seed: 5)
        let bytes = encode(Self.sample())
        var refused = 0
        for _ in 0..<20_000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let byte =
                    Bool.random(using: &random) ? UInt8.random(in: 0x20...0x7E, using: &random) : UInt8.random(in: 0...255, using: &random)
                changed[Int.random(in: 32..<bytes.count, using: &random)] = byte
            }
            guard let state = try? AlertStateFile.decodeContents(changed) else {
                refused += 1
                continue
            }
            let samples = Box(keepsHistory: false)
            _ = samples.restore(state)
            #expect(try decode(encode(state)) == state)
        }
        #expect(refused > 100 && refused < 19_900)
    }

    /// The file is JSON that any tool reads, in ASCII, and names are what they were.
    @Test func isJSON() throws {
        let bytes = encode(Self.sample())
        #expect(bytes.allSatisfy { $0 == 0x0A || (0x20...0x7E).contains($0) })
        let object = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        #expect(object["schema"] as? String == "irqscope.alert_state.v3" && object["monotonic_ns"] as? Int == 4_000_000_000)
        #expect((object["interrupts"] as? String)?.hasSuffix("dev\nERR:          0\n") == true)
        let alert = try #require((object["alerts"] as? [[String: Any]])?.first)
        #expect(alert["verdict"] as? String == "storm" && alert["action"] as? String == "dev\u{1B}é")
        #expect(alert["level"] as? String == "CRITICAL" && alert["over_crit_since_ns"] == nil)
        let row = try #require((object["rows"] as? [[String: Any]])?.first)
        #expect(row["key"] as? Int == 42 && row["intervals"] as? Int == 2 && row["unhandled"] as? Int == 6)
    }

    /// Names of drivers may be any bytes: of no text, of UTF-8 beyond 16 bits, control characters.
    @Test func anyBytesComeBack() throws {
        var state = AlertState()
        state.interrupts = Array(" CPU0\n 1: 5 e\u{1F600}\u{80}\u{202E}\"\\ \u{1}\n".utf8) + [0xFF, 0xC3, 0x28, 0xED, 0xA0, 0x80]
        state.softirqs = Array(0...255)
        #expect(try decode(encode(state)) == state)
    }

    /// Later versions may write more, behind what is known: in objects, and at the end.
    @Test func unknownMembersArePassedOver() throws {
        let text = String(decoding: encode(Self.sample()), as: UTF8.self)
        for (place, more) in [
            ("\"peak\":4.5", "\"peak\":4.5"),
            ("\"cpu\":1}]\n,\"checksum\"", "\"cpu\":1,\"new\":[{\"a\":[1,\"]\"]},null],\"b\":\"\\\"x\"}]\n,\"checksum\""),
            ("]\n,\"checksum\"", "],\n\"later\":{\"x\":-1.5}\n,\"checksum\""),
        ] {
            #expect(text.contains(place), "\(place)")
            let changed = Array(text.replacing(place, with: more).utf8)
            #expect(try AlertStateFile.decodeContents(changed) == Self.sample(), "\(more)")
        }
        let cut = Array(text.replacing("]\n,\"checksum\"", with: "],\n\"later\":{[\n,\"checksum\"").utf8)
        #expect(throws: AlertStateError.damaged) { try AlertStateFile.decodeContents(cut) }
    }

    /// A version before put stolen time among the user's: its first comparison must not tell of all that was stolen since boot.
    @Test func stolenTimeOfOldStatesIsUnknown() throws {
        func share(_ more: String) throws -> Double? {
            var state = Self.sample()
            state.stat = Array("cpu0 1000 0 0 0 0 0 0 0\n\(more)".utf8)
            let box = Box(keepsHistory: false)
            #expect(box.restore(state))
            let now = Array("cpu0 600 0 0 0 0 0 0 600 0 0\n".utf8)
            try box.takeTimes(now.span.bytes)
            return box.cpuTimes.shares(cpu: 0)?.steal
        }
        #expect(try share("") == nil && share("work 1\n") == 1)
    }

    /// What was not written so is none: an end too early, unknown escapes, halves of pairs, deep nesting, huge numbers.
    @Test(arguments: [
        ("\"boot_id\":\"f9f86c10-e775-4372-9980-2b25fb79b270\"", "\"boot_id\":\"\\x41\""), ("\\n", "\\ud83d"),
        ("\\n", "\\udc00"), ("\\n", "\\r"), ("4000000000", "99999999999999999999"), ("4000000000", "-1"),
        ("4000000000", ""), ("\"peak\":4.5", "\"peak\":1e999"), ("\"peak\":4.5", "\"peak\":nan"),
        ("\"alerts\":[", "\"alerts\":" + String(repeating: "[", count: 100_000)), ("CRITICAL", "DIRE"),
        ("\"key\":43", "\"key\":42"), ("\"softnet\":[", "\"softnet\":[,"),
    ])
    func otherJSONIsNone(text: String, wrong: String) throws {
        let file = String(decoding: encode(Self.sample()), as: UTF8.self)
        #expect(file.contains(text))
        #expect(throws: AlertStateError.damaged) { try AlertStateFile.decodeContents(Array(file.replacing(text, with: wrong).utf8)) }
    }

    @Test func otherVersionsAndFilesAreToldApart() throws {
        let file = String(decoding: encode(Self.sample()), as: UTF8.self)
        let newer = Array(file.replacing("alert_state.v3", with: "alert_state.v4").utf8)
        #expect(throws: AlertStateError.version(4)) { try decode(newer) }
        #expect(throws: AlertStateError.version(2)) { try decode(Array("irqalert\u{2}\0\0\0 and so on".utf8)) }
        #expect(throws: AlertStateError.damaged) { try decode(Array("irqalert".utf8)) }
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
        let samples = Box(keepsHistory: false)
        let isRestored = samples.restore(state)
        #expect(isRestored)
        var rules = AlertRules()
        let text = try seed("rules")
        try RulesFile.read(text.span.bytes, into: &rules) { fnmatch($0, $1, 0) == 0 }
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

    // MARK: Tables

    /// What comes out of the state is the table that went in, so that rows are found again.
    @Test(arguments: CounterTableTests.layouts.filter { $0.source == .interrupts }) func tableComesBack(_ layout: TableCase) throws {
        for text in [layout.text, layout.text.replacing("edge", with: "e\u{1}dge")] {
            let sample = try CounterSample(.interrupts, Array(text.utf8))
            let again = try CounterSample(.interrupts, sample.table.plainText)
            #expect(again.lines == sample.lines && again.cpus == sample.cpus)
        }
    }
}
