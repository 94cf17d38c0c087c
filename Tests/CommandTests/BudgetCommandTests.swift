import Foundation
import TestSupport
import Testing

/// `report --budget` against counts that other programs make of the same recordings.
@Suite struct BudgetCommandTests {
    private static func rows(_ name: String, _ budget: String) throws -> [Oracle.Object] {
        let report = try Oracle.report(DeepOracleTests.recording(name), "--budget", budget)
        let part = try #require(report["budget"] as? Oracle.Object)
        return part["rows"] as? [Oracle.Object] ?? []
    }

    /// Handlers above 25 µs, paired by a script in the text of trace-cmd.
    @Test(.enabled(if: program("trace-cmd") != nil, "trace-cmd is not installed"))
    func handlersAboveTheBudgetAreCountedExactly() throws {
        let script = """
            import re, sys
            open_, above = {}, {}
            for line in sys.stdin:
                found = re.match(r"\\s*.*-\\d+\\s+\\[(\\d+)\\].*? (\\d+)\\.(\\d{9}): irq_handler_(entry|exit):\\s+irq=(\\d+)", line)
                if not found: continue
                cpu, now, irq = found[1], int(found[2] + found[3]), found[5]
                if found[4] == "entry": open_[cpu, irq] = now
                elif (cpu, irq) in open_: above[irq] = above.get(irq, 0) + (now - open_.pop((cpu, irq)) > 25000)
            print(*(f"{irq} {count}" for irq, count in above.items()), sep="\\n")
            """
        let path = DeepOracleTests.recording("plain-6.12")
        let lines = try shell("trace-cmd report -t -R '\(path)' 2>/dev/null | python3 -c '\(script)'").text
        let expected = Set(lines.split(separator: "\n").map(String.init))
        #expect(expected.count == 6)
        let actual = try Self.rows("plain-6.12", "hardirq=25us").map { row in
            "\(Oracle.number(row["number"]) ?? 0) \(Oracle.number(row["exceeded"]) ?? 0)"
        }
        #expect(Set(actual) == expected)
    }

    /// Above a percentile of the oracle's are as many as its rank leaves, and one more if it counts itself.
    @Test(arguments: ["rt-6.12"])
    func latenciesAboveTheBudgetAreCountedExactly(name: String) throws {
        let file = DeepOracleTests.folder.appendingPathComponent("expected/\(name).json")
        let oracle = try Oracle.json(Data(contentsOf: file))
        var tested = 0
        for (subject, table, key) in [("thread", "threads", "wake_latency"), ("wake", "wakes", "latency")] {
            let all = oracle[table] as? [Oracle.Object] ?? []
            let rows = all.filter { subject == "wake" || $0["kind"] as? String == "irq_thread" }
            for row in rows.prefix(2) {
                let latency = try #require(row[key] as? Oracle.Object)
                guard let count = Oracle.number(latency["count"]), count > 0, let pid = Oracle.number(row["pid"]) else {
                    continue
                }
                for (percentile, rank) in [("p50_ns", (count + 1) / 2), ("p99_ns", (count * 99 + 99) / 100)] {
                    let limit = try #require(Oracle.number(latency[percentile]))
                    func exceeded(_ limit: UInt64) throws -> UInt64? {
                        let found = try Self.rows(name, "\(subject)=\(limit)ns").first {
                            Oracle.number($0["number"]) == pid && Oracle.number($0["count"]) == count
                                && Oracle.number($0["max_ns"]) == Oracle.number(latency["max_ns"])
                        }
                        return Oracle.number(found?["exceeded"])
                    }
                    #expect(try exceeded(limit).map { $0 <= count - rank } ?? false, "\(subject) \(pid) \(limit)")
                    #expect(try exceeded(limit - 1).map { $0 >= count - rank + 1 } ?? false, "\(subject) \(pid) \(limit)")
                    tested += 1
                }
            }
        }
        #expect(tested == 8)
    }

    @Test(arguments: [
        ("hardirq=1s", 0), ("hardirq=1us", 2), ("hardirq=1s,thread=1us", 3), ("hardirq=1us,thread=1us", 2),
    ])
    func budgetDecidesTheStatus(budget: String, status: Int32) throws {
        let path = DeepOracleTests.recording("plain-6.12")
        let result = try irqscope("report", path, "--budget", budget, "--fail-if", "budget")
        #expect(result.status == status, "\(result.errors)")
        #expect(result.errors.contains("holds: irq 25 virtio0-req.0 is above hardirq 1") == (status == 2))
        #expect(result.errors.contains("could not be tested on thread") == budget.contains("thread"))
    }

    /// With losses a budget that was kept may have been exceeded by what was lost.
    @Test func lostEventsLeaveItOpen() throws {
        let path = DeepOracleTests.recording("lost-rt-6.12")
        #expect(try irqscope("report", path, "--budget", "hardirq=10s", "--fail-if", "budget").status == 3)
        #expect(try irqscope("report", path, "--budget", "hardirq=1ns", "--fail-if", "budget").status == 2)
    }

    @Test func withoutBudgetNothingCanBeTested() throws {
        let result = try irqscope("report", DeepOracleTests.recording("plain-6.12"), "--fail-if", "budget")
        #expect(result.status == 64 && result.errors.contains("--budget windows"))
        #expect(try Oracle.report(DeepOracleTests.recording("plain-6.12"))["budget"] == nil)
    }

    /// Of several recordings the counts add up, or stay apart by file.
    @Test func severalRecordingsAddUp() throws {
        let path = DeepOracleTests.recording("plain-6.12")
        func exceeded(_ words: String...) throws -> [UInt64] {
            let result = try run(
                Places.command.path, ["report", "-J", "--budget", "hardirq=25us,thread=1us,wake=1ms", path] + words)
            let budget = try Oracle.json(result.output)["budget"] as? Oracle.Object
            return (budget?["rows"] as? [Oracle.Object] ?? []).compactMap { Oracle.number($0["exceeded"]) }
        }
        let one = try exceeded()
        let handlers = Array(one.prefix(6))
        #expect(handlers.reduce(0, +) > 0 && one.count > 6)
        #expect(try exceeded(path) == handlers.map { $0 * 2 })
        #expect(try exceeded(path, "--by", "file").reduce(0, +) == 2 * one.reduce(0, +))
    }

    /// Each interval of a text has its own counts.
    @Test func intervalsAddUp() throws {
        let text = Places.fixtures.appendingPathComponent("texts/a.default.txt.xz").path
        func exceeded(_ words: [String]) throws -> UInt64 {
            let result = try run(Places.command.path, ["report", "-J", text, "--budget", "hardirq=5us"] + words)
            return try result.text.split(separator: "\n").reduce(0) { sum, line in
                let budget = try Oracle.json(Data(line.utf8))["budget"] as? Oracle.Object
                let rows = budget?["rows"] as? [Oracle.Object] ?? []
                return sum + rows.reduce(0) { $0 + (Oracle.number($1["exceeded"]) ?? 0) }
            }
        }
        let whole = try exceeded([])
        #expect(whole > 0)
        #expect(try exceeded(["--every", "10ms"]) == whole)
    }
}
