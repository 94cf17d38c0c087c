import Foundation
import TestSupport
import Testing

/// The deep part of a report of a time window: the windows that a recording is cut into add up to the whole.
@Suite struct DeepWindowTests {
    /// What adds up: counts, and sums of times.
    private static let sums: Set<String> = [
        "budget_exhausted", "count", "empty", "entries", "events", "hardirq_ns", "idle_ns", "interrupts", "lock_wakeups",
        "outside_net_rx", "packets", "polls", "raises", "requests", "runs", "softirq_ns", "softirq_thread_ns", "span_ns",
        "stretches", "task_ns", "total_ns", "unknown_ns", "vector_ns", "wakeups", "while_running",
    ]
    /// What tells one row from another.
    private static let names: [String] = [
        "action", "callback", "callsite", "comm", "cpu", "device", "devices", "function", "id", "irq", "kind", "local", "name",
        "pid", "reason", "vector",
    ]
    /// What is chosen from all, or told by slices of time.
    private static let others: Set<String> = ["late_wakes", "late_softirqs", "slices", "peaks", "clocks", "window"]

    /// Adds all that adds up, by where it stands.
    private static func add(_ value: Any, _ path: String, to sums: inout [String: Int]) {
        if let rows = value as? [Any] {
            for row in rows { add(row, path, to: &sums) }
        } else if let object = value as? Oracle.Object {
            let row = path + names.compactMap { name in object[name].map { " \(name)=\($0)" } }.joined()
            for (key, member) in object where !others.contains(key) {
                if Self.sums.contains(key), let number = member as? Int {
                    sums["\(row) \(key)", default: 0] += number
                } else {
                    add(member, "\(row) \(key)", to: &sums)
                }
            }
        }
    }

    private static func deep(_ recording: String, _ arguments: [String]) throws -> Oracle.Object {
        let result = try run(Places.command.path, ["report", "-J"] + arguments + [DeepOracleTests.recording(recording)])
        return try #require(Oracle.json(result.output)["deep"] as? Oracle.Object, "\(arguments): \(result.errors)")
    }

    @Test(arguments: [
        ("plain-6.12", 12), ("threadirqs-6.1", 12), ("rt-6.12", 12), ("lost-rt-6.12", 5), ("arm64-6.12", 12),
        ("host-busy-6.18", 9), ("napi-threads-6.18", 12),
    ])
    func windowsAddUp(recording: String, count: Int) throws {
        let all = try Self.deep(recording, [])
        var whole: [String: Int] = [:]
        Self.add(all, "", to: &whole)
        #expect(whole.count > 100 && whole.values.reduce(0, +) > 100_000)
        let window = try #require(all["window"] as? Oracle.Object)
        let (start, end) = (try #require(window["start_ns"] as? Int), try #require(window["end_ns"] as? Int))
        func seconds(_ time: Int) -> String { "\(time / 1_000_000_000).\(String(format: "%09d", time % 1_000_000_000))" }
        let borders = (1..<count).map { seconds(start + (end - start) / count * $0) }
        var parts: [String: Int] = [:]
        for (from, to) in zip([""] + borders, borders + [""]) {
            Self.add(try Self.deep(recording, ["--time", "\(from),\(to)"]), "", to: &parts)
        }
        let wrong = Set(whole.keys).union(parts.keys).filter { whole[$0, default: 0] != parts[$0, default: 0] }
        for key in wrong.sorted().prefix(20) {
            Issue.record("\(key): \(whole[key, default: 0]), in parts \(parts[key, default: 0])")
        }
        #expect(wrong.isEmpty)
    }
}
