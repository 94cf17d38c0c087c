import Foundation
import TestSupport
import Testing

/// The deep analysis of traces of Perfetto, which Tests/oracle/make-perfetto.py makes of a recording's text, against that of
/// the recording itself.
@Suite struct DeepPerfettoTests {
    /// `events` has events that Perfetto has no place for; `lost` is the kernel's count, which the script does not keep.
    private static let otherKeys: Set = ["events", "lost", "ipis", "timers", "work"]

    private static func deep(_ report: ProcessResult) throws -> Oracle.Object {
        try #require(Oracle.json(report.output)["deep"] as? Oracle.Object, "\(report.errors)")
    }

    /// The numbers of a recording, and of the same events in a form of Perfetto's.
    private static func both(_ name: String, _ form: String) throws -> (exact: Oracle.Object, perfetto: Oracle.Object) {
        let path = DeepOracleTests.recording(name)
        let script = Places.repository.appendingPathComponent("Tests/oracle/make-perfetto.py").path
        let command = "'\(Places.command.path)' report -J"
        let trace = "trace-cmd report -t -R '\(path)' 2>/dev/null | python3 '\(script)' \(form)"
        return try (deep(shell("\(command) '\(path)'")), deep(shell("\(trace) | \(command)")))
    }

    private static func text(_ value: Any?) throws -> String {
        let data = try JSONSerialization.data(withJSONObject: value ?? "missing", options: [.sortedKeys, .fragmentsAllowed])
        return String(decoding: data, as: UTF8.self)
    }

    /// The rows of a table, in an order of their own; without their functions if `isNamed` is false.
    private static func rows(_ table: Any?, isNamed: Bool = true) throws -> [String] {
        try (table as? [Oracle.Object] ?? []).map { row in
            var row = row
            // Of a timer without a name it is not known whether it is the tick.
            if !isNamed { (row["function"], row["unseen_starts"]) = (nil, nil) }
            return try text(row)
        }.sorted()
    }

    /// Threads, wake-ups, softirqs, packets, shares, victims and all else that does not hang on addresses.
    @Test(
        .enabled(if: program("trace-cmd") != nil && program("python3") != nil, "trace-cmd or python3 is not installed"),
        arguments: [
            ("plain-6.12", "compact"), ("rt-6.12", "described"), ("threadirqs-6.1", "addresses"), ("lost-rt-6.12", "plain"),
            ("host-busy-6.18", "zlib"), ("arm64-6.12", "compact"),
        ])
    func tablesAreThoseOfTheRecording(name: String, form: String) throws {
        let (exact, perfetto) = try Self.both(name, form)
        let keys = Set(exact.keys).subtracting(Self.otherKeys)
        #expect(keys.count >= 28)
        for key in keys where form != "addresses" || key != "tasklets" {
            #expect(try Self.text(exact[key]) == Self.text(perfetto[key]), "\(key)")
        }
        let calls = try #require(exact["ipis"] as? Oracle.Object), ours = try #require(perfetto["ipis"] as? Oracle.Object)
        #expect(try Self.rows(calls["received"]) == Self.rows(ours["received"]))
        #expect(try Self.text(calls["tasks"]) == Self.text(ours["tasks"]))
        #expect(Self.sum(calls["sent"], "count") == Self.sum(ours["sent"], "count"))
        // The runs of functions hang on no address, but their names do; waits for them do.
        #expect(Self.sum(calls["functions"], "duration", "count") == Self.sum(ours["functions"], "duration", "count"))
        #expect(Self.sum(calls["functions"], "duration", "total_ns") == Self.sum(ours["functions"], "duration", "total_ns"))
        for part in ["count", "total_ns"] where form != "addresses" {
            #expect(Self.sum(exact["work"], "duration", part) == Self.sum(perfetto["work"], "duration", part))
            #expect(Self.sum(exact["work"], "queue_latency", part) >= Self.sum(perfetto["work"], "queue_latency", part))
        }
    }

    /// With addresses as they are timers are known again in any reading: only their functions have no names.
    @Test(.enabled(if: program("trace-cmd") != nil && program("python3") != nil, "trace-cmd or python3 is not installed"))
    func timersWithAddressesAreThoseOfTheRecording() throws {
        for name in ["plain-6.12", "rt-6.12"] {
            let (exact, perfetto) = try Self.both(name, "addresses")
            let timers = try Self.rows(exact["timers"], isNamed: false)
            #expect(try timers.count > 5 && timers == Self.rows(perfetto["timers"], isNamed: false))
        }
    }

    /// An index holds for one reading: a timer that is set in one and expires in the next is left out, and never made up.
    @Test(.enabled(if: program("trace-cmd") != nil && program("python3") != nil, "trace-cmd or python3 is not installed"))
    func timersAcrossReadingsAreLeftOut() throws {
        let (exact, perfetto) = try Self.both("plain-6.12", "plain")
        let timers = try #require(perfetto["timers"] as? [Oracle.Object])
        let known = try #require(exact["timers"] as? [Oracle.Object])
        var compared = 0
        for row in timers {
            let same = known.first { $0["function"] as? String == row["function"] as? String }
            guard let same, row["function"] as? String != "unknown" else { continue }
            compared += 1
            for part in ["duration", "lateness"] {
                let ours = row[part] as? Oracle.Object, all = same[part] as? Oracle.Object
                #expect((Oracle.number(ours?["count"]) ?? 0) <= (Oracle.number(all?["count"]) ?? 0))
                #expect((Oracle.number(ours?["max_ns"]) ?? 0) <= (Oracle.number(all?["max_ns"]) ?? 0))
            }
        }
        #expect(compared >= 10)
    }

    private static func sum(_ table: Any?, _ keys: String...) -> UInt64 {
        (table as? [Oracle.Object] ?? []).reduce(0) { sum, row in
            var value: Any? = row
            for key in keys { value = (value as? Oracle.Object)?[key] }
            return sum + (Oracle.number(value) ?? 0)
        }
    }
}
