import TestSupport
import Testing

@testable import IRQCore

/// Sums that only grow, of a bounded number of groups.
@Suite struct HandlerSumsTests {
    /// A report of handlers with so many calls of a microsecond each.
    static func report(_ calls: [String: Int]) -> Report {
        let source = RecordingSource(format: "live", clock: "mono", isClockNanoseconds: true, cpuCount: 1, machine: nil, buffers: [""])
        var report = Report(source: source, buffers: [], symbols: [:], tasks: [:], slowCount: 0, overrunEvents: nil, notes: [])
        for (number, name) in calls.keys.sorted().enumerated() {
            var row = ReportRow(RowKey(kind: .irq, buffer: "", number: Int64(number), name: name))
            let count = UInt64(calls[name] ?? 0)
            row.calls = count
            row.unhandled = count / 2
            row[.duration].add(count: count, total: count * 1_000, squares: 0, range: 1_000...1_000)
            row[.duration].addBuckets {
                var buckets = $0 ?? DurationBuckets()
                buckets.add(count, in: 1)
                $0 = buckets
            }
            report.rows.append(row)
        }
        return report
    }

    static func calls(_ sums: HandlerSums) -> [String: UInt64] {
        Dictionary(uniqueKeysWithValues: sums.handlers.map { ($0.group.action, $0.calls) })
    }

    @Test func aDurationIsInItsBucket() {
        var buckets = DurationBuckets()
        for (place, limit) in DurationBuckets.limitsNanoseconds.enumerated() {
            #expect(DurationBuckets.place(limit) == place && DurationBuckets.place(limit + 1) == place + 1)
            buckets.record(limit)
        }
        buckets.record(.max / 2)
        buckets.record(0)
        #expect(buckets.counts == [2] + Array(repeating: 1, count: 12) && buckets.durationCount == 14)
        #expect(
            DurationBuckets.limitsNanoseconds.count == 12 && DurationBuckets.limitsNanoseconds == DurationBuckets.limitsNanoseconds.sorted()
        )
        #expect(DurationBuckets.limitsNanoseconds.first == 500 && DurationBuckets.limitsNanoseconds.last == 10_000_000)
    }

    @Test func queuesAreAddedUpAndNothingIsLost() {
        var sums = HandlerSums()
        for _ in 0..<3 {
            sums.add(
                Self.report(["eth0-TxRx-0": 10, "eth0-TxRx-1": 20, "gadget": 4]), nanoseconds: 1_000_000_000, lostEvents: 2, limit: 500)
        }
        #expect(Self.calls(sums) == ["eth0-TxRx-*": 90, "gadget": 12])
        #expect(sums.sampledNanoseconds == 3_000_000_000 && sums.lostEvents == 6 && sums.sampleCount == 3)
        let queues = sums.handlers.first { $0.group.action == "eth0-TxRx-*" }
        #expect(queues?.lastCalls == 30 && queues?.unhandled == 45 && queues?.group.kind == "network")
        #expect(queues?.durations.durationCount == 90 && queues?.durations.totalNanoseconds == 90_000)
    }

    /// The busiest of the first sample have series of their own from then on, whatever comes later.
    @Test func whoHasSeriesKeepsThem() {
        var sums = HandlerSums()
        let first = Dictionary(uniqueKeysWithValues: (1...9).map { ("a\($0)", $0 * 10) })
        sums.add(Self.report(first), nanoseconds: 1, lostEvents: 0, limit: 5)
        #expect(Self.calls(sums) == ["a9": 90, "a8": 80, "a7": 70, "a6": 60, "other": 150])
        sums.add(Self.report(["a1": 1_000, "b": 5_000]), nanoseconds: 1, lostEvents: 0, limit: 5)
        #expect(Self.calls(sums) == ["a9": 90, "a8": 80, "a7": 70, "a6": 60, "other": 6_150])
        // A limit that is higher now leaves places to what comes: counted anew, and `other` stays as it is.
        sums.add(Self.report(["a1": 1_000, "b": 5_000, "a9": 1]), nanoseconds: 1, lostEvents: 0, limit: 6)
        #expect(Self.calls(sums) == ["a9": 91, "a8": 80, "a7": 70, "a6": 60, "b": 5_000, "other": 7_150])
        // A lower one takes those of the least busy away.
        sums.add(Self.report(["a6": 3, "a9": 1]), nanoseconds: 1, lostEvents: 0, limit: 3)
        #expect(Self.calls(sums) == ["b": 5_000, "a9": 92, "other": 7_153])
        sums.add(Self.report(["a9": 1]), nanoseconds: 1, lostEvents: 0, limit: 1)
        #expect(Self.calls(sums) == ["other": 7_154])
    }

    /// Over any run of samples no counter goes back, no call is lost and there are never more groups than that.
    @Test(arguments: [1, 2, 3, 7, 500]) func countersNeverGoBack(limit: Int) {
        var (sums, random, all) = (HandlerSums(), SeededGenerator(seed: UInt64(limit)), 0)
        var before: [String: UInt64] = [:]
        for _ in 0..<200 {
            var calls: [String: Int] = [:]
            for _ in 0..<Int.random(in: 0...8, using: &random) {
                calls["dev-\(Int.random(in: 0..<20, using: &random))"] = Int.random(in: 1...1_000, using: &random)
            }
            all += calls.values.reduce(0, +)
            sums.add(Self.report(calls), nanoseconds: 1, lostEvents: 0, limit: limit)
            let now = Self.calls(sums)
            for (name, count) in before { #expect((now[name] ?? 0) >= count, "\(name)") }
            #expect(now.count <= limit && now.values.reduce(0, +) == UInt64(all))
            #expect(sums.handlers.allSatisfy { $0.durations.durationCount == $0.calls })
            before = now
        }
    }

    // MARK: The file

    static func bytes(_ sums: HandlerSums) -> [UInt8] {
        var bytes: [UInt8] = []
        SampleStateFile.write(sums) { bytes += $0 }
        return bytes
    }

    static let names = [
        "plain", "", "a\"b\\c", "line\nend", "tab\t", "\u{1}\u{1b}[2J", "\u{FFFD}", "žluť 😀", String(repeating: "x", count: 900), "other",
    ]

    @Test func theFileHoldsAllOfIt() throws {
        var sums = HandlerSums()
        sums.bootID = "11111111-2222-3333-4444-555555555555"
        sums.add(
            Self.report(Dictionary(uniqueKeysWithValues: Self.names.map { ($0, 7) })), nanoseconds: 1_000_000_007, lostEvents: 9, limit: 500
        )
        sums.softirqs = [HandlerSums.Softirq(vector: 3)]
        sums.softirqs[0].durations.record(1_234)
        sums.softirqs[0].raiseLatencies.record(.max / 4)
        sums.handlers[0].unhandled = .max
        let bytes = Self.bytes(sums)
        #expect(bytes.allSatisfy { $0 < 0x80 })
        var read = try SampleStateFile.decode(bytes)
        #expect(read != sums, "what is of the last sample is not kept")
        read.lastNanoseconds = sums.lastNanoseconds
        for place in read.handlers.indices { read.handlers[place].lastCalls = sums.handlers[place].lastCalls }
        #expect(read == sums)
    }

    @Test func damageIsFound() throws {
        var sums = HandlerSums()
        sums.add(Self.report(["a": 1, "b": 2]), nanoseconds: 1, lostEvents: 0, limit: 500)
        let bytes = Self.bytes(sums)
        #expect(try SampleStateFile.decode(bytes).handlers.count == 2)
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 1
            #expect(throws: AlertStateError.self, "byte \(place)") { try SampleStateFile.decode(changed) }
            #expect(throws: AlertStateError.self) { try SampleStateFile.decode(Array(bytes[..<place])) }
        }
        #expect(throws: AlertStateError.foreign) { try SampleStateFile.decode(Array("{\"schema\":\"irqscope.alert_state.v3\"".utf8)) }
        #expect(throws: AlertStateError.version(2)) { try SampleStateFile.decode(SampleStateFile.magic + Array("2\"".utf8)) }
    }
}
