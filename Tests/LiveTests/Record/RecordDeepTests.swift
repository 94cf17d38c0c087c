import Foundation
import TestSupport
import Testing

/// `record --deep` on the tracefs of this machine: what is in it, and what a report makes of it.
@Suite(.serialized, .enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason))) struct RecordDeepTests {
    typealias Object = [String: Any]

    /// A talk over the loopback.
    static let talk = """
        import socket, threading, time
        server = socket.create_server(("127.0.0.1", 0))
        def serve():
            other, _ = server.accept()
            while other.recv(65536): pass
        threading.Thread(target=serve, daemon=True).start()
        client = socket.create_connection(server.getsockname())
        end = time.time() + 0.7
        while time.time() < end:
            client.send(b"x" * 1400)
            time.sleep(0.0005)
        client.close()
        """

    /// Records the disk and the loopback.
    static func record(_ options: String..., to path: String) throws -> String {
        let top = try Tracefs.topSettings()
        let python = try #require(program("python3"))
        let recorder = try DiskLoad.during {
            let recorder = try Recorder(record: ["--deep", "-o", path] + options + ["--", python, "-c", talk])
            #expect(recorder.status(seconds: 60) == 0, "\(recorder.errors)")
            return recorder
        }
        #expect(try Tracefs.instances(of: recorder.id) == [])
        #expect(try Tracefs.topSettings() == top)
        return recorder.errors
    }

    static func rows(_ object: Object, _ key: String) -> [Object] { object[key] as? [Object] ?? [] }

    /// The lines of trace-cmd's text, each as the event's name and what it tells.
    static func lines(_ path: String) throws -> [(event: String, text: Substring)] {
        let result = try shell("trace-cmd report -t -R -i '\(path)'")
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        return result.text.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: ": ", maxSplits: 2)
            guard parts.count >= 2, line.contains("["), let name = parts[1].split(separator: ":").first else { return nil }
            let event = name.trimmingCharacters(in: .whitespaces)
            return (event, parts.count > 2 ? parts[2] : "")
        }
    }

    @Test(.enabled(if: program("trace-cmd") != nil, "trace-cmd is not installed (make test-tools)"))
    func allPartsOfTheDeepAnalysisAreThere() throws {
        let folder = try TestFolder()
        let path = folder.file("a.dat")
        let said = try Self.record("--events", "exceptions", to: path)
        #expect(said.contains(" of these events happen here in a second now, ") && said.contains(" none lost, "), "\(said)")
        #expect(said.contains(" of each CPU, and ") && !said.contains("--threads chooses"))
        let report = try Oracle.report(path)
        let deep = try #require(report["deep"] as? Object)
        for key in ["wakes", "softirqs", "victims", "cpu_share", "busy", "slices", "peaks", "timers", "napi", "faults", "work"] {
            #expect(!Self.rows(deep, key).isEmpty, "\(key)")
        }
        // A read of the disk ends in an interrupt, which wakes who waits for it.
        let woken = Self.rows(deep, "wakes").filter { $0["comm"] as? String == "dd" }
        #expect(woken.contains { (RecordTests.number($0["latency"] as? Object, "count") ?? 0) > 50 }, "\(woken)")
        // Functions have names.
        let functions = Self.rows(deep, "timers").compactMap { $0["function"] as? String }
        #expect(functions.contains { $0.hasPrefix("tick_") } && !functions.contains { $0.hasPrefix("0x") }, "\(functions)")
        let lines = try Self.lines(path)
        #expect(RecordTests.number(deep, "events") == lines.count)
        let names = Set(lines.map(\.event))
        for name in ["sched_switch", "sched_waking", "sched_wakeup", "hrtimer_expire_entry", "softirq_raise", "irq_handler_exit"] {
            #expect(names.contains(name))
        }
    }

    private static let oracle = ProcessInfo.processInfo.environment["ORACLE"]

    /// Whoever has the exact numbers' program (Tests/oracle/make-deep.sh) compares all of them.
    @Test(.enabled(if: oracle != nil, "ORACLE names no program that computes the exact numbers"))
    func allNumbersAreTheExactOnes() throws {
        let oracle = try #require(Self.oracle)
        let folder = try TestFolder()
        let path = folder.file("a.dat")
        _ = try Self.record("--events", "exceptions", to: path)
        let report = try Oracle.report(path)
        try JSONSerialization.data(withJSONObject: try Oracle.exact(path, script: oracle))
            .write(to: URL(fileURLWithPath: folder.file("exact.json")))
        try JSONSerialization.data(withJSONObject: report).write(to: URL(fileURLWithPath: folder.file("actual.json")))
        let script = Places.repository.appendingPathComponent("Tests/oracle/deep-compare.py").path
        let result = try shell("python3 '\(script)' '\(folder.file("exact.json"))' '\(folder.file("actual.json"))'")
        #expect(result.status == 0, "\(result.text)\(result.errors)")
    }

    /// The kernel leaves the switches of other tasks out, and the report says so.
    @Test(.enabled(if: program("trace-cmd") != nil, "trace-cmd is not installed (make test-tools)"))
    func kernelChoosesTasks() throws {
        let folder = try TestFolder()
        let path = folder.file("a.dat")
        let said = try Self.record("--threads", "rt,irq,dd", to: path)
        #expect(said.contains("--threads chooses switches and wake-ups; "), "\(said)")
        let wanted = try Regex(#"comm=(dd|irq/|ksoftirqd/|ktimers/|napi/)|prio=(-1|[0-9]{1,2})( |$)"#)
        let all = try Self.lines(path)
        let lines = all.filter { $0.event.hasPrefix("sched_") }
        #expect(lines.count > 100 && all.count > lines.count)
        let strange = lines.filter { $0.text.firstMatch(of: wanted) == nil }
        #expect(strange.isEmpty, "\(strange.prefix(3))")
        let text = try irqscope("report", path).text
        #expect(text.contains("only switches and wake-ups of some tasks were recorded (rt,irq,dd)"), "\(text.suffix(600))")
    }

    /// Whoever does not read loses events: that is said, and so is what helps.
    @Test func lossesAreSaid() throws {
        let folder = try TestFolder()
        let said = try DiskLoad.during {
            let recorder = try Recorder(record: ["--deep", "--buffer-size", "8k", "-o", folder.file("a.dat")])
            // The estimate has an instance of its own, before.
            let end = Date().addingTimeInterval(TestTerminal.patience)
            while !recorder.errors.contains(" of these events happen here"), Date() < end { usleep(10_000) }
            try recorder.waitForTrace()
            recorder.send(SIGSTOP)
            usleep(500_000)
            recorder.send(SIGCONT)
            recorder.send(SIGINT)
            #expect(recorder.status() == 0)
            return recorder.errors
        }
        #expect(said.contains("LOST ") && said.contains("(see --buffer-size and --threads)"), "\(said)")
    }
}
