import Foundation
import Testing
import TestSupport

/// The command on real recordings against trace-cmd's text and a plain Python script.
@Suite struct OracleTests {
    typealias Object = [String: Any]

    static func json(_ data: Data) throws -> Object { try JSONSerialization.jsonObject(with: data) as? Object ?? [:] }

    static func report(_ path: String, _ options: String...) throws -> Object {
        let result = try run(Places.command.path, ["report", "-J", path] + options)
        #expect(result.status == 0, "\(result.errors)")
        return try json(result.output)
    }

    /// What the oracle says. `lines` picks the lines of one buffer; times without a point are ticks.
    static func oracle(_ path: String, lines: String = "cat", script: String = Places.oracle.path) throws -> Object {
        let text = "trace-cmd report -t -R '\(path)' 2>/dev/null"
        let points = "sed -E 's/^(.*\\[[0-9]+\\] +)0*([0-9]+)([0-9]{9}): /\\1\\2.\\3: /'"
        let result = try shell("set -o pipefail; \(text) | \(lines) | \(points) | python3 '\(script)'")
        #expect(result.status == 0, "\(result.errors)")
        return try json(result.output)
    }

    static func number(_ value: Any?) -> UInt64? { (value as? NSNumber)?.uint64Value }

    /// All that differs between our numbers and the oracle's.
    static func differences(_ ours: Object, _ theirs: Object) -> [String] {
        var found: [String] = []
        var compared = 0
        func same(_ what: String, _ left: Any?, _ right: Any?) {
            compared += 1
            let (left, right) = (number(left), number(right))
            if left != right {
                found.append("\(what): \(left.map(String.init) ?? "none") for \(right.map(String.init) ?? "none")")
            }
        }
        func rows(_ object: Object, _ key: String) -> [Object] { object[key] as? [Object] ?? [] }
        func durations(_ what: String, _ row: Object, _ expected: Object) {
            let duration = row["duration"] as? Object ?? [:]
            for key in ["count", "total_ns", "self_ns"] { same("\(what) \(key)", duration[key], expected[key]) }
            same("\(what) min", duration["min_ns"], expected["min_ns"])
            same("\(what) max", number(duration["max_ns"]) ?? 0, expected["max_ns"])
        }
        func match(_ kind: String, _ key: (Object) -> String, _ body: (String, Object, Object) -> Void) {
            let mine = Dictionary(rows(ours, kind).map { (key($0), $0) }, uniquingKeysWith: { first, _ in first })
            let expected = rows(theirs, kind)
            for row in expected {
                guard let own = mine[key(row)] else {
                    // The oracle lists softirqs that were raised and never entered.
                    if number(row["entries"]) != 0 { found.append("\(kind) \(key(row)) is missing") }
                    continue
                }
                body("\(kind) \(key(row))", own, row)
            }
            let extra = Set(mine.filter { number(($1["duration"] as? Object)?["count"]) != 0 }.keys).subtracting(
                expected.map(key))
            if !extra.isEmpty { found.append("\(kind): \(extra) are too many") }
        }
        match("irqs", { "\($0["irq"] ?? "") \($0["action"] ?? "")" }) { what, own, expected in
            for key in ["calls", "unhandled", "wake_thread"] { same("\(what) \(key)", own[key], expected[key]) }
            durations(what, own, expected)
        }
        match("softirqs", { "\($0["vector"] ?? "") \($0["name"] ?? "")" }) { what, own, expected in
            same("\(what) entries", own["entries"], expected["entries"])
            durations(what, own, expected)
            let latency = own["raise_latency"] as? Object ?? [:]
            same("\(what) raises", latency["count"], expected["raise_count"])
            same("\(what) raise total", latency["total_ns"], expected["raise_total_ns"])
            same("\(what) raise max", number(latency["max_ns"]) ?? 0, expected["raise_max_ns"])
        }
        match("vectors", { "\($0["vector"] ?? "")" }) { durations($0, $1, $2) }
        match("work", { "\($0["function"] ?? "")" }) { durations($0, $1, $2) }
        let events = ours["events"] as? Object ?? [:]
        for key in ["unmatched_entries", "unmatched_exits", "open_at_end", "gaps", "spans_dropped_at_gaps"] {
            same(key, events[key], number(theirs[key]) ?? 0)
        }
        same("events", events["total"], theirs["events"])
        same("lost", events["lost_at_least"], number(theirs["lost"]) ?? 0)
        if compared < 7 { found.append("only \(compared) values were compared") }
        return found
    }

    @Test(
        .enabled(if: program("trace-cmd") != nil, "trace-cmd is not installed"),
        arguments: Places.recordingNames.filter { !$0.hasSuffix("-instances") })
    func numbersAreThoseOfTheOracle(name: String) throws {
        let path = Places.recording(name)
        #expect(Self.differences(try Self.report(path), try Self.oracle(path)) == [])
    }

    @Test(
        .enabled(if: program("trace-cmd") != nil, "trace-cmd is not installed"),
        arguments: Places.recordingNames.filter { $0.hasSuffix("-instances") })
    func numbersOfEachBufferAreThoseOfTheOracle(name: String) throws {
        let path = Places.recording(name)
        let top = try Self.oracle(path, lines: "grep -v '^second: '")
        #expect(Self.differences(try Self.report(path, "--buffer", "top"), top) == [])
        let second = try Self.oracle(path, lines: "grep '^second: '")
        #expect(Self.differences(try Self.report(path, "--buffer", "second"), second) == [])
    }

    static let sharedRecordings: [String] = {
        let shared = Places.repository.deletingLastPathComponent().appendingPathComponent("shared")
        return [
            "captures/amd64/record6.dat", "captures/arm64/record6.dat", "corpus/trace-dat/lisa_sched_load.dat",
            "corpus/trace-dat/labsisop_root_trace.dat",
        ]
        .map { shared.appendingPathComponent($0).path }.filter { FileManager.default.fileExists(atPath: $0) }
    }()

    @Test(
        .enabled(if: program("trace-cmd") != nil && !sharedRecordings.isEmpty, "no shared recordings here"),
        arguments: sharedRecordings)
    func numbersOfSharedRecordingsAreThoseOfTheOracle(path: String) throws {
        #expect(Self.differences(try Self.report(path), try Self.oracle(path)) == [])
    }

    @Test(
        .enabled(if: program("trace-cmd") != nil, "trace-cmd is not installed"),
        arguments: ["amd64-v7", "armhf-v6", "s390x-v7"])
    func percentilesAreWithinOnePercentOfSortedDurations(name: String) throws {
        let path = Places.recording(name)
        let script = Places.oracle.deletingLastPathComponent().appendingPathComponent("percentiles.py").path
        let exact = try Self.oracle(path, script: script)
        let ours = try Self.report(path)
        var compared = 0
        for (kind, rows) in [("irq", "irqs"), ("softirq", "softirqs")] {
            for row in ours[rows] as? [Object] ?? [] {
                let label =
                    kind == "irq" ? "irq \(row["irq"] ?? "") \(row["action"] ?? "")" : "softirq \(row["vector"] ?? "")"
                let duration = row["duration"] as? Object ?? [:]
                for (key, value) in exact[label] as? Object ?? [:] {
                    let mine = Double(Self.number(duration[key]) ?? 0)
                    let right = Double(Self.number(value) ?? 0)
                    #expect(abs(mine - right) <= 0.01 * right, "\(label) \(key): \(mine) for \(right)")
                    compared += 1
                }
            }
        }
        #expect(compared >= 16)
    }

    /// A comparison that finds nothing must be able to find something.
    @Test func comparisonSeesWhatIsWrong() throws {
        let ours: Object = ["irqs": [["irq": 1, "action": "a", "calls": 2, "duration": ["count": 1, "total_ns": 5]]]]
        let theirs: Object = [
            "irqs": [["irq": 1, "action": "a", "calls": 3, "count": 1, "total_ns": 5], ["irq": 2, "action": "b"]]
        ]
        let found = Self.differences(ours, theirs)
        #expect(
            found.contains { $0.hasPrefix("irqs 1 a calls") } && found.contains { $0.contains("irqs 2 b is missing") })
    }
}
