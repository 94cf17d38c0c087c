import Foundation

/// A report of ours, and the same numbers from trace-cmd's text and a plain Python script.
public enum Oracle {
    /// One of the two sides did not get to its end.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    public typealias Object = [String: Any]

    public static func json(_ data: Data) throws -> Object { try JSONSerialization.jsonObject(with: data) as? Object ?? [:] }

    public static func report(_ path: String, _ options: String...) throws -> Object {
        let result = try run(Places.command.path, ["report", "-J", path] + options)
        guard result.status == 0 else { throw Failure(description: result.errors) }
        return try json(result.output)
    }

    /// What the oracle says. `lines` picks the lines of one buffer; times without a point are ticks.
    public static func exact(_ path: String, lines: String = "cat", script: String = Places.oracle.path) throws -> Object {
        let text = "trace-cmd report -t -R '\(path)' 2>/dev/null"
        let points = "sed -E 's/^(.*\\[[0-9]+\\] +)0*([0-9]+)([0-9]{9}): /\\1\\2.\\3: /'"
        let result = try shell("set -o pipefail; \(text) | \(lines) | \(points) | python3 '\(script)'")
        guard result.status == 0 else { throw Failure(description: result.errors) }
        return try json(result.output)
    }

    public static func number(_ value: Any?) -> UInt64? { (value as? NSNumber)?.uint64Value }

    /// All that differs between our numbers and the oracle's.
    public static func differences(_ ours: Object, _ theirs: Object) -> [String] {
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
}
