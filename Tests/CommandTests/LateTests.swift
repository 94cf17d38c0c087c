import Foundation
import TestSupport
import Testing

/// What was in the way of late wake-ups and softirqs, against other programs' numbers.
@Suite struct LateTests {
    private static let names = ["plain-6.12", "rt-6.12", "threadirqs-6.1", "arm64-6.12"]

    private static func deep(_ name: String, _ words: String...) throws -> Oracle.Object {
        let result = try run(Places.command.path, ["report", "-J", DeepOracleTests.recording(name)] + words)
        return try #require(try Oracle.json(result.output)["deep"] as? Oracle.Object)
    }

    private static func rows(_ object: Oracle.Object, _ key: String) -> [Oracle.Object] { object[key] as? [Oracle.Object] ?? [] }

    private static func expected(_ name: String) throws -> Oracle.Object {
        let file = DeepOracleTests.folder.appendingPathComponent("expected/\(name).json")
        return try Oracle.json(Data(contentsOf: file))
    }

    /// Everything that a softirq waited is told by kind: the sums are the oracle's raise latencies.
    @Test(arguments: names)
    func waitsOfSoftirqsAddUp(name: String) throws {
        let waits = Self.rows(try Self.deep(name), "softirq_waits")
        var tested = 0
        for softirq in Self.rows(try Self.expected(name), "softirqs") {
            let latencies = softirq["raise_latency"] as? Oracle.Object ?? [:]
            let total = latencies.values.reduce(UInt64(0)) { $0 + (Oracle.number(($1 as? Oracle.Object)?["total_ns"]) ?? 0) }
            let wait = waits.first { Oracle.number($0["vector"]) == Oracle.number(softirq["vector"]) }
            if total == 0, wait == nil { continue }
            #expect(Oracle.number(wait?["total_ns"]) == total, "\(softirq["name"] ?? "")")
            let parts = ["hardirq", "vector", "softirq", "softirq_thread", "task", "idle", "unknown"].map {
                Oracle.number(wait?["\($0)_ns"]) ?? 0
            }
            #expect(parts.reduce(0, +) == total)
            tested += 1
        }
        #expect(tested >= 3)
    }

    /// The latest softirq and the latest wake-up by each cause are those that the oracle found longest.
    @Test(arguments: names)
    func latestAreTheMaxima(name: String) throws {
        let deep = try Self.deep(name, "--slow", "10000")
        let expected = try Self.expected(name)
        for softirq in Self.rows(expected, "softirqs") {
            let latencies = (softirq["raise_latency"] as? Oracle.Object ?? [:]).values
            let most = latencies.compactMap { Oracle.number(($0 as? Oracle.Object)?["max_ns"]) }.max() ?? 0
            let first = Self.rows(deep, "late_softirqs").first { Oracle.number($0["vector"]) == Oracle.number(softirq["vector"]) }
            if most > 0 { #expect(Oracle.number(first?["latency_ns"]) == most) }
        }
        let late = Self.rows(deep, "late_wakes")
        #expect(late.count > 500)
        var tested = 0
        for wake in Self.rows(expected, "wakes") {
            guard let most = Oracle.number((wake["latency"] as? Oracle.Object)?["max_ns"]), most > 0 else { continue }
            let first = late.first {
                $0["by_kind"] as? String == wake["kind"] as? String && Oracle.number($0["pid"]) == Oracle.number(wake["pid"])
                    && ($0["by"] as? String ?? "").contains("\(wake["id"] ?? "")")
            }
            #expect(first != nil)
            if let first, Oracle.number(first["latency_ns"]) == most { tested += 1 }
        }
        // Rows of one line with several actions have several maxima.
        #expect(tested + 3 >= Self.rows(expected, "wakes").count * 9 / 10)
        for start in late + Self.rows(deep, "late_softirqs") {
            let parts = Self.rows(start, "meanwhile").reduce(UInt64(0)) { $0 + (Oracle.number($1["total_ns"]) ?? 0) }
            let rest = ["meanwhile_rest_ns", "meanwhile_unknown_ns"].reduce(UInt64(0)) { $0 + (Oracle.number(start[$1]) ?? 0) }
            #expect(parts + rest == Oracle.number(start["latency_ns"]))
        }
    }

    /// The names in the way are those whose switches and interrupts trace-cmd prints for that CPU and time.
    @Test(.enabled(if: program("trace-cmd") != nil, "trace-cmd is not installed"), arguments: ["plain-6.12", "rt-6.12"])
    func namesInTheWayAreThoseOfTheText(name: String) throws {
        let script = """
            import json, re, subprocess, sys
            path, late = sys.argv[1], json.load(sys.stdin)["deep"]["late_wakes"][:40]
            text = subprocess.run(["trace-cmd", "report", "-t", "-R", path], capture_output=True, text=True).stdout
            line = re.compile(r"\\s*.*-(\\d+)\\s+\\[(\\d+)\\].*? (\\d+)\\.(\\d{9}): (\\w+): (.*)")
            events = [(int(m[3] + m[4]), int(m[2]), int(m[1]), m[5], m[6]) for m in map(line.match, text.splitlines()) if m]
            checked = 0
            for start in late:
                begin, end, cpu = start["start_ns"], start["start_ns"] + start["latency_ns"], start["waiting_cpu"]
                current, since, held, entries = None, None, {}, {}
                for now, on, pid, event, rest in events:
                    if on != cpu: continue
                    if current is None: current, since = pid, now
                    if event == "irq_handler_entry" and begin <= now <= end:
                        irq = int(re.search(r"irq=(\\d+)", rest)[1]); entries[irq] = entries.get(irq, 0) + 1
                    if now > end: break
                    if event == "sched_switch":
                        low, high = max(since, begin), min(now, end)
                        if low < high: held[current] = held.get(current, 0) + high - low
                        current, since = int(re.search(r"next_pid=(\\d+)", rest)[1]), now
                # On the CPU where it waited the last one may go on.
                low = max(since, begin)
                if low < end: held[current] = held.get(current, 0) + end - low
                for part in start["meanwhile"]:
                    if part["kind"] == "task":
                        assert part["total_ns"] <= held.get(part["number"], 0), (start, part, held); checked += 1
                    if part["kind"] == "irq":
                        assert part["count"] - entries.get(part["number"], 0) in (0, 1), (start, part, entries); checked += 1
                named = {part["number"] for part in start["meanwhile"] if part["kind"] == "task"}
                for pid, time in held.items():
                    # Who had the CPU longest is named, unless interrupts took it all.
                    if pid and time == max(held.values()) and not start["meanwhile_rest"]:
                        own = sum(p["total_ns"] for p in start["meanwhile"] if p["kind"] != "task")
                        assert pid in named or own >= time, (start, held)
            print("checked", checked)
            """
        let path = DeepOracleTests.recording(name)
        let json = try run(Places.command.path, ["report", "-J", path, "--slow", "40"])
        let result = try run("/usr/bin/env", ["python3", "-c", script, path], input: json.output)
        #expect(result.status == 0, "\(result.errors)")
        let checked = Int(result.text.split(separator: " ").last?.trimmingCharacters(in: .newlines) ?? "") ?? 0
        #expect(checked > 40)
    }

    /// `--task` asks for the latest wake-ups of these tasks, not for those of the latest that are theirs.
    @Test func tasksHaveTheirOwnLatest() throws {
        let all = Self.rows(try Self.deep("rt-6.12", "--slow", "10000"), "late_wakes").filter {
            $0["comm"] as? String == "cyclictest"
        }.compactMap { Oracle.number($0["latency_ns"]) }
        let own = Self.rows(try Self.deep("rt-6.12", "--task", "^cyclictest$"), "late_wakes")
        #expect(own.allSatisfy { $0["comm"] as? String == "cyclictest" })
        #expect(own.count >= 10 && Array(all.prefix(10)) == own.prefix(10).compactMap { Oracle.number($0["latency_ns"]) })
        let text = try irqscope("report", DeepOracleTests.recording("rt-6.12"), "--task", "^cyclictest$").text
        #expect(text.contains("Latest wake-ups of real-time tasks") && text.contains("CPU 1 meanwhile: "))
    }

    /// A task may be taken out of the queue in which it waited by another CPU: what was in its way is in that queue's CPU.
    @Test func whatWasInTheWayIsWhereItWaited() throws {
        func line(_ cpu: Int, _ time: String, _ event: String) -> String {
            "          <idle>-0       [00\(cpu)] d.h..  1.00\(time): \(event)\n"
        }
        func change(_ from: String, _ to: String) -> String {
            let (old, new) = (from.split(separator: "-"), to.split(separator: "-"))
            return "sched_switch: prev_comm=\(old[0]) prev_pid=\(old[1]) prev_prio=120 prev_state=R ==> "
                + "next_comm=\(new[0]) next_pid=\(new[1]) next_prio=120"
        }
        func text(queue: Int) -> String {
            line(0, "1000", change("swapper/0-0", "hog-8")).replacingOccurrences(of: "<idle>-0", with: "   hog-8")
                + line(1, "1100", "irq_handler_entry: irq=5 name=eth0")
                + line(1, "1200", "sched_waking: comm=late pid=9 prio=120 target_cpu=000")
                + line(1, "1201", "sched_wakeup: comm=late pid=9 prio=120 target_cpu=00\(queue)")
                + line(1, "1300", "irq_handler_exit: irq=5 ret=handled") + line(1, "5000", change("swapper/1-0", "late-9"))
        }
        let moved = try run(Places.command.path, ["report", "--task", "late"], input: Data(text(queue: 0).utf8))
        #expect(moved.text.contains("CPU 0 (where it waited until CPU 1 took it, woken on CPU 1) meanwhile: hog 8"), "\(moved.text)")
        let stayed = try run(Places.command.path, ["report", "--task", "late"], input: Data(text(queue: 1).utf8))
        #expect(stayed.text.contains("CPU 1 meanwhile: idle") && !stayed.text.contains("hog"), "\(stayed.text)")
    }
}
