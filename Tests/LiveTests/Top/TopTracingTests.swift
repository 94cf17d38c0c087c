import Foundation
import TestSupport
import Testing

/// Handler times in `irqscope top`, on the tracefs of this machine.
@Suite(.serialized, .enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason))) struct TopTracingTests {
    typealias Object = [String: Any]

    static func number(_ object: Object?, _ key: String) -> Double? { (object?[key] as? NSNumber)?.doubleValue }

    static func lines(_ arguments: [String]) throws -> [Object] {
        let recorder = try Recorder([Places.command.path, "top", "-J"] + arguments)
        #expect(recorder.status(seconds: 60) == 0, "\(recorder.errors)")
        #expect(try Tracefs.instances(of: recorder.id) == [])
        return try recorder.text.split(separator: "\n").map { try TopLines.object(String($0)) }
    }

    /// The numbered row with most interrupts: the disk's.
    static func busiest(_ line: Object) throws -> Object {
        let rows = (line["interrupts"] as? [Object] ?? []).filter { $0["irq"] is NSNumber }
        return try #require(rows.max { number($0, "delta") ?? 0 < number($1, "delta") ?? 0 })
    }

    /// What `top` tells of a load that begins after its first line and ends before its last one: nothing of it is cut off,
    /// however busy the machine is.
    static func watch(_ arguments: String..., while body: () throws -> Void) throws -> [Object] {
        let recorder = try Recorder([Places.command.path, "top", "-J", "-d", "0.5"] + arguments)
        try recorder.waitForLines(1)
        try body()
        let seen = recorder.text.split(separator: "\n").count
        try recorder.waitForLines(seen + 2)
        recorder.send(SIGTERM)
        #expect(recorder.status() == 128 + SIGTERM)
        #expect(try Tracefs.instances(of: recorder.id) == [])
        return try recorder.text.split(separator: "\n").map { try TopLines.object(String($0)) }
    }

    /// The sum of a number over all lines: of the row itself, or of its `handler`.
    static func sum(_ lines: [Object], _ label: String, _ key: String, inHandler: Bool = false) -> Double {
        lines.reduce(0) { sum, line in
            let row = TopLines.row(line, label)
            return sum + (number(inHandler ? row?["handler"] as? Object : row, key) ?? 0)
        }
    }

    @Test func handlersAgreeWithTheCounters() throws {
        var lines: [Object] = []
        var disk = ""
        var differences: [String] = []
        // Other programs' interrupts at both ends are in one of the two numbers only: a busy machine gets three tries.
        for _ in 0..<3 {
            lines = try LiveMachine.use(isExclusive: true) {
                try Self.watch("--events", "irq,softirq,irq_vectors") { try DiskLoad.read(blocks: 20_000) }
            }
            let busiest = try #require(
                try lines.map { try Self.busiest($0) }.max {
                    Self.number($0, "delta") ?? 0 < Self.number($1, "delta") ?? 0
                })
            disk = try #require(busiest["label"] as? String)
            differences = []
            for label in [disk, "LOC"] {
                let (counted, calls) = (Self.sum(lines, label, "delta"), Self.sum(lines, label, "calls", inHandler: true))
                // Timers run at both ends too.
                let slack = label == disk ? 20 + counted / 200 : 50 + counted / 50
                if abs(counted - calls) > slack { differences.append("\(label): \(calls) calls, \(counted) counted") }
            }
            if differences.isEmpty { break }
        }
        #expect(differences == [])
        #expect(Self.sum(lines, disk, "delta") >= 20_000)
        var compared = 0
        for line in lines {
            let tracing = try #require(line["tracing"] as? Object)
            #expect(tracing["on"] as? Bool == true && tracing["reason"] is NSNull)
            #expect(Self.number(tracing, "lost") == 0 && Self.number(tracing, "gaps") == 0)
            #expect(TopLines.row(line, "TLB")?["handler"] as? Object == nil)
            guard let handler = TopLines.row(line, disk)?["handler"] as? Object, Self.number(handler, "calls") ?? 0 > 500
            else { continue }
            compared += 1
            let keys = [
                "calls", "unhandled", "total_ns", "max_ns", "p50_ns", "p99_ns", "peak_ns", "peak_time_ns", "cpu_share",
            ]
            #expect(handler.keys.sorted() == keys.sorted())
            func value(_ key: String) throws -> Double { try #require(Self.number(handler, key), "\(key)") }
            let calls = try value("calls")
            #expect(Self.number(tracing, "events") ?? 0 >= 2 * calls)
            let (p50, p99, most, total) = try (value("p50_ns"), value("p99_ns"), value("max_ns"), value("total_ns"))
            #expect(p50 > 0 && p50 <= p99 && p99 <= most && most <= total && total <= most * calls)
            let interval = try #require(Self.number(line, "interval_ns"))
            let share = try value("cpu_share")
            #expect(abs(share - total / interval) < 0.05 * share + 0.001)
            let block = (line["softirqs"] as? [Object] ?? []).first { $0["name"] as? String == "BLOCK" }
            if let block, (Self.number(block, "delta") ?? 0) > 500 {
                let latency = block["raise_latency"] as? Object
                #expect(Self.number(block["handler"] as? Object, "calls") ?? 0 > 0)
                #expect(Self.number(latency, "p99_ns") ?? 0 > 0)
            }
        }
        #expect(compared > 0, "no interval has 500 calls")
    }

    /// The same calls seen live and from a recording: the load lies within both.
    ///
    /// Each of the two adds to what the other one measures, some 200 ns to a handler that takes 1,500: `make bench-live`
    /// tells how much. Here it is about the numbers being those of the same calls.
    @Test func meansAgreeWithARecording() throws {
        let folder = try TestFolder()
        let path = folder.file("a.dat")
        let lines = try LiveMachine.use(isExclusive: true) {
            try Self.watch {
                let recorder = try Recorder(record: ["-o", path])
                try recorder.waitForTrace()
                try DiskLoad.read(blocks: 20_000)
                recorder.send(SIGINT)
                #expect(recorder.status() == 0, "\(recorder.errors)")
            }
        }
        let busiest = try #require(
            try lines.map { try Self.busiest($0) }.max {
                Self.number($0, "delta") ?? 0 < Self.number($1, "delta") ?? 0
            })
        let disk = try #require(busiest["label"] as? String)
        let calls = Self.sum(lines, disk, "calls", inHandler: true)
        let live = Self.sum(lines, disk, "total_ns", inHandler: true) / calls
        let rows = (try Oracle.report(path)["irqs"] as? [Object] ?? []).filter {
            $0["irq"] as? Int == busiest["irq"] as? Int
        }
        let durations = rows.compactMap { $0["duration"] as? Object }
        let count = durations.reduce(0) { $0 + (Self.number($1, "count") ?? 0) }
        let recorded = durations.reduce(0) { $0 + (Self.number($1, "total_ns") ?? 0) } / count
        print("mean of IRQ \(disk): \(live) ns of \(calls) live, \(recorded) ns of \(count) recorded")
        // `top` was there first and saw what the disk did besides.
        #expect(count >= 20_000 && calls >= count - 20 && calls < count * 1.2, "\(calls) live, \(count) recorded")
        #expect(abs(live - recorded) < 0.05 * recorded + 400, "\(live) ns live, \(recorded) ns recorded")
    }

    /// The longest since the start is that of all intervals, and began in the interval that had it.
    @Test func peaksAreTheLongestOfAllIntervals() throws {
        let lines = try LiveMachine.use(isExclusive: true) { try Self.watch { try DiskLoad.read(blocks: 5_000) } }
        let disk = try #require(
            try lines.map { try Self.busiest($0) }.max {
                Self.number($0, "delta") ?? 0 < Self.number($1, "delta") ?? 0
            }?["label"] as? String)
        var (longest, range) = (0.0, 0.0...0.0)
        for line in lines {
            let rows = line["interrupts"] as? [Object] ?? []
            guard let handler = rows.first(where: { $0["label"] as? String == disk })?["handler"] as? Object,
                let end = Self.number(line, "time"), let took = Self.number(line, "interval_ns")
            else { continue }
            if let most = Self.number(handler, "max_ns"), most > longest {
                // The trace's interval ends a little earlier than that of the counters; clocks are read twice.
                (longest, range) = (most, end - took - 1e8...end + 1e6)
            }
            #expect(Self.number(handler, "peak_ns") ?? 0 == longest)
            if let time = Self.number(handler, "peak_time_ns") { #expect(range.contains(time), "\(time) in \(range)") }
        }
        #expect(longest > 0)
    }

    /// CSV has the times of JSON, and those of single CPUs, which add up.
    @Test func csvHasTheTimes() throws {
        let text = try LiveMachine.use { try irqscope("top", "--csv", "-n", "2", "-d", "0.5").text }
        let lines = text.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false).map { String($0) } }
        let titles = try #require(lines.first)
        let rows = lines.dropFirst().filter { $0.count == titles.count }
            .map { Dictionary(uniqueKeysWithValues: zip(titles, $0)) }
        var count = 0
        for (key, parts) in Dictionary(grouping: rows, by: { "\($0["time_ns"] ?? "") \($0["table"] ?? "") \($0["label"] ?? "")" }) {
            let sums = parts.filter { $0["cpu"] == "" }
            guard sums.count == 1, let whole = sums.first, let calls = UInt64(whole["calls"] ?? ""), calls > 0 else { continue }
            let single = parts.filter { $0["cpu"] != "" }
            func sum(_ column: String) -> UInt64 { single.reduce(0) { $0 + (UInt64($1[column] ?? "") ?? 0) } }
            #expect(sum("calls") == calls && sum("total_ns") == UInt64(whole["total_ns"] ?? ""), "\(key)")
            #expect(single.compactMap { UInt64($0["max_ns"] ?? "") }.max() ?? 0 == UInt64(whole["max_ns"] ?? "") ?? 0, "\(key)")
            let times = ["p50_ns", "p99_ns", "max_ns", "peak_ns"].compactMap { UInt64(whole[$0] ?? "") }
            #expect(times == times.sorted(), "\(key)")
            count += 1
        }
        #expect(count > 1)
    }

    @Test(.enabled(if: getuid() == 0 && program("setpriv") != nil)) func withoutRootAllElseIsThere() throws {
        let folder = try TestFolder()
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
        let copy = folder.file("irqscope")
        try FileManager.default.copyItem(atPath: Places.command.path, toPath: copy)
        let user = ["--reuid", "65534", "--clear-groups", copy, "top", "-b", "-n", "1", "-d", "0.3"]
        let json = try run(program("setpriv") ?? "", user + ["-J"])
        #expect(json.status == 0 && json.errors.isEmpty)
        let line = try TopLines.object(json.text)
        let tracing = try #require(line["tracing"] as? Object)
        #expect(tracing["on"] as? Bool == false && tracing["events"] is NSNull && tracing["lost"] is NSNull)
        #expect((tracing["reason"] as? String)?.contains("tracing is for root only") == true)
        let rows = line["interrupts"] as? [Object] ?? []
        #expect(rows.contains { Self.number($0, "per_s") ?? 0 > 0 } && rows.allSatisfy { $0["handler"] is NSNull })
        let text = try run(program("setpriv") ?? "", user).text.split(separator: "\n")
        #expect(text.filter { $0.hasPrefix("no handler times: ") && $0.contains("root only") }.count == 1)
    }

    @Test func switchedOffAndWrongRoot() throws {
        let off = try #require(try Self.lines(["-n", "1", "-d", "0.2", "--no-trace"]).first?["tracing"] as? Object)
        #expect(off["on"] as? Bool == false && (off["reason"] as? String)?.contains("--no-trace") == true)
        let wrong = try #require(
            try Self.lines(["-n", "1", "-d", "0.2", "--tracing-root", "/nowhere"]).first?["tracing"] as? Object)
        #expect((wrong["reason"] as? String)?.contains("/nowhere: there is no such directory") == true)
        #expect(try irqscope("top", "--events", "foo").status == 64)
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGHUP, SIGQUIT]) func signalsInBatchLeaveNothing(number: Int32) throws {
        let recorder = try Recorder([Places.command.path, "top", "-b", "-d", "60"])
        try recorder.waitForTrace()
        recorder.send(number)
        #expect(recorder.status() == 128 + number)
        #expect(try Tracefs.instances(of: recorder.id) == [])
    }

    @Test func nohupHelps() throws {
        let recorder = try Recorder(
            [Places.command.path, "top", "-b", "-d", "60"], before: "signal.signal(signal.SIGHUP, signal.SIG_IGN)")
        try recorder.waitForTrace()
        recorder.send(SIGHUP)
        #expect(recorder.status(seconds: 1) == nil)
        recorder.send(SIGTERM)
        #expect(recorder.status() == 128 + SIGTERM)
    }

    @Test func closedPipeLeavesNothing() throws {
        let result = try shell("(echo $BASHPID >&2; exec '\(Places.command.path)' top -b -d 0.2) | head -n 1")
        let id = try #require(Int32(result.errors.trimmingCharacters(in: .newlines)), "\(result.errors)")
        #expect(!result.text.isEmpty && waitForEnd(id, seconds: 10))
        #expect(try Tracefs.instances(of: id) == [])
    }

    // MARK: - On a terminal

    static func waitForInstances(_ id: Int32, count: Int) throws {
        let end = Date().addingTimeInterval(TestTerminal.patience)
        while Date() < end {
            if try Tracefs.instances(of: id).count == count { return }
            usleep(50_000)
        }
        Issue.record("\(try Tracefs.instances(of: id)) instead of \(count) instances")
    }

    @Test(.enabled(if: TestTerminal.isAvailable, Comment(rawValue: TestTerminal.reason)))
    func keySwitchesTheTrace() throws {
        let terminal = try TestTerminal(columns: 130)
        try terminal.start("@top -d 0.3")
        try terminal.wait(for: "events/s, lost", "p50", "p99", "max", "cpu")
        let id = try terminal.program()
        for _ in 0..<2 {
            try terminal.press("t")
            let screen = try terminal.wait(for: "no handler times: switched off, t switches it on")
            #expect(!screen.contains("p99"))
            try Self.waitForInstances(id, count: 0)
            try terminal.press("t")
            try terminal.wait(for: "events/s, lost", "p99")
            try Self.waitForInstances(id, count: 1)
        }
        try terminal.press("2")
        try terminal.wait(for: "raise99", "TIMER")
        try terminal.press("q")
        try terminal.wait(for: "status=0")
        #expect(try Tracefs.instances(of: id) == [])
    }

    @Test(.enabled(if: TestTerminal.isAvailable, Comment(rawValue: TestTerminal.reason)), arguments: [SIGTERM, SIGHUP, SIGSEGV, 0])
    func everyWayOutRemovesTheTrace(number: Int32) throws {
        let terminal = try TestTerminal(columns: 100)
        try terminal.start("@top -d 0.5")
        try terminal.wait(for: "events/s, lost")
        let id = try terminal.program()
        #expect(try Tracefs.instances(of: id).count == 1)
        if number == 0 { try terminal.close() } else { kill(id, number) }
        #expect(waitForEnd(id, seconds: 10))
        #expect(try Tracefs.instances(of: id) == [])
    }
}
