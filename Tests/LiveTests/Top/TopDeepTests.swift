import Foundation
import TestSupport
import Testing

/// `irqscope top --deep` on the tracefs of this machine: tasks that interrupts wake.
@Suite(.serialized, .enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason))) struct TopDeepTests {
    typealias Object = [String: Any]

    static func tasks(_ line: Object) -> [Object] { (line["deep"] as? Object)?["tasks"] as? [Object] ?? [] }

    /// Whoever waits for the disk is woken by it, once for each read; its name is told by the switches.
    @Test func readersOfTheDiskAreWoken() throws {
        var (sleeps, lines) = (0, [Object]())
        // The disk answers at times before the reader sleeps, and then hardly anything wakes it: that run says nothing.
        for _ in 0..<5 where sleeps <= 500 {
            lines = try LiveMachine.use {
                try TopTracingTests.watch("--threads", "irq,dd") { sleeps = try DiskLoad.read(blocks: 1000) }
            }
        }
        let readers = lines.flatMap(Self.tasks).filter { $0["comm"] as? String == "dd" }
        let wakeups = readers.reduce(0) { $0 + (TopTracingTests.number($1, "wakeups") ?? 0) }
        let tracing = lines.last?["tracing"] ?? ""
        #expect(sleeps > 500 && wakeups >= 0.9 * Double(sleeps), "\(wakeups) wake-ups, \(sleeps) sleeps; \(tracing)")
        #expect(readers.contains { ["softirq", "irq", "irq_thread"].contains(($0["woken_by"] as? Object)?["kind"] as? String ?? "") })
        for reader in readers {
            let latency = try #require(reader["wake_latency"] as? Object)
            let (p50, longest) = (TopTracingTests.number(latency, "p50_ns") ?? 0, TopTracingTests.number(latency, "max_ns") ?? 0)
            #expect(p50 <= longest && longest < 60e9)
            #expect(reader["kind"] is NSNull && reader["run_time"] is NSNull)
        }
        for line in lines { #expect((line["deep"] as? Object)?["restarts"] as? Int == 0) }
    }

    /// A kernel thread that serves interrupts, an idle task: neither pays for what is its own work.
    @Test func idleTasksAreNotAmongThem() throws {
        let line = try #require(try TopTracingTests.lines(["-n", "1", "-d", "0.5", "--deep"]).first)
        #expect(line["deep"] is Object && Self.tasks(line).allSatisfy { ($0["pid"] as? Int ?? 0) > 0 })
        let tracing = try #require(line["tracing"] as? Object)
        #expect(tracing["on"] as? Bool == true && TopTracingTests.number(tracing, "events") ?? 0 > 50)
    }

    @Test func withoutATraceThereIsNothingToFollow() throws {
        for words in [["--deep", "--no-trace"], ["--no-trace"], []] {
            let line = try #require(try TopTracingTests.lines(["-n", "1", "-d", "0.1"] + words).first)
            #expect(line["deep"] is NSNull)
        }
    }

    @Test func allLinesOfCSVHaveTheSameCells() throws {
        let recorder = try Recorder([Places.command.path, "top", "--deep", "--format", "csv", "-n", "2", "-d", "0.5"])
        #expect(recorder.status(seconds: 60) == 0, "\(recorder.errors)")
        let lines = recorder.text.split(separator: "\n")
        let title = try #require(lines.first)
        #expect(
            title.hasSuffix(
                ",raise_p99_ns,raise_max_ns,pid,comm,prio,woken_by,wakeups,wake_p50_ns,wake_p99_ns,wake_max_ns,"
                    + "hardirq_ns,vector_ns,softirq_ns,longest_ns"))
        let tasks = lines.filter { $0.split(separator: ",", omittingEmptySubsequences: false)[2] == "tasks" }
        #expect(!tasks.isEmpty)
        // Names with commas would be quoted.
        for line in lines where !line.contains("\"") {
            #expect(line.count { $0 == "," } == title.count { $0 == "," }, "\(line)")
        }
    }

    /// The key switches it on and off, and the trace with it; nothing stays behind.
    @Test(.enabled(if: TestTerminal.isAvailable, Comment(rawValue: TestTerminal.reason))) func keyFollowsAndStops() throws {
        let terminal = try TestTerminal()
        try terminal.start("@top -d 0.3 --threads rt,dd")
        try terminal.wait(for: "IRQ   rate/s", "; tasks ")
        try terminal.press("4")
        try terminal.wait(for: "PID task", "wakemax", "lost", "by max")
        try terminal.press("d")
        try terminal.wait(for: "tasks are not followed; d follows them")
        try terminal.press("d")
        try terminal.wait(for: "; tasks ")
        try terminal.press("N")
        try terminal.wait(for: "by pid")
        try terminal.press("q")
        try terminal.wait(for: "status=0")
    }
}
