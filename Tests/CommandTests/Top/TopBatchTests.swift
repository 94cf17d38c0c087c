import Foundation
import TestSupport
import Testing

/// `irqscope top` for files, pipes and scripts, on a /proc that the test changes.
@Suite struct TopBatchTests {
    typealias Object = [String: Any]

    static func start(_ proc: FakeProc, _ arguments: String...) throws -> RunningProcess {
        try RunningProcess(Places.command.path, ["top", "-b", "--proc-root", proc.root, "-d", "0.1"] + arguments)
    }

    // MARK: Contract

    @Test func jsonHasTheKeysOfTheContract() throws {
        let result = try irqscope("top", "-b", "-J", "-n", "2", "-d", "0.1", "--no-trace")
        #expect(result.status == 0 && result.errors.isEmpty)
        let lines = result.text.split(separator: "\n")
        #expect(lines.count == 2)
        for line in lines {
            let object = try TopLines.object(String(line))
            #expect(object["schema"] as? String == "irqscope.top.v1")
            let keys: Set = [
                "schema", "time", "interval_ns", "cpus", "interrupts", "gone", "softirqs", "tracing", "self",
            ]
            #expect(keys.subtracting(object.keys) == [])
            let tracing = try #require(object["tracing"] as? Object)
            #expect(tracing["on"] as? Bool == false && tracing["events"] is NSNull && tracing["lost"] is NSNull)
            let own = try #require(object["self"] as? Object)
            #expect(try #require(own["cpu_ns"] as? Int) > 0)
            #expect(try #require(own["rss_bytes"] as? Int) > 1_000_000)
            let interval = try #require(object["interval_ns"] as? Int)
            #expect(interval >= 90_000_000 && interval < 20_000_000_000)
            let cpus = try #require(object["cpus"] as? [Int])
            let rows = try #require(object["interrupts"] as? [Object])
            #expect(!rows.isEmpty)
            let identity: Set = [
                "label", "ordinal", "irq", "kind", "chip", "hwirq", "trigger", "actions", "affinity",
                "effective_affinity", "node", "user_settable", "state", "delta", "per_s", "per_cpu_per_s", "handler",
            ]
            for row in rows {
                #expect(identity.subtracting(row.keys) == [], "\(row["label"] ?? "")")
                #expect(row["handler"] is NSNull)
                if row["kind"] as? String == "per_cpu" {
                    #expect(TopLines.numbers(row["per_cpu_per_s"]).count == cpus.count)
                }
            }
            for row in try #require(object["softirqs"] as? [Object]) {
                #expect(Set(["name", "delta", "per_s", "per_cpu_per_s", "handler"]).subtracting(row.keys) == [])
            }
        }
    }

    @Test func ratesAreThoseOfTheCounts() throws {
        let proc = try FakeProc.small()
        let process = try Self.start(proc, "-J")
        _ = try TopLines.object(process.line())
        proc.count("36", [0: 3000, 1: 1000])
        try proc.publish()
        let object = try TopLines.next(process, "a delta") { TopLines.row($0, "36")?["delta"] as? Int == 4000 }
        let seconds = Double(try #require(object["interval_ns"] as? Int)) / 1e9
        let row = try #require(TopLines.row(object, "36"))
        #expect(row["state"] as? String == "steady" && row["irq"] as? Int == 36)
        #expect(abs(Double(truncating: try #require(row["per_s"] as? NSNumber)) * seconds - 4000) < 0.01)
        let shares = TopLines.numbers(row["per_cpu_per_s"]).map { ($0 ?? -1) * seconds }
        #expect(zip(shares, [3000, 1000]).allSatisfy { abs($0 - $1) < 0.01 })
        #expect(object["cpus"] as? [Int] == [0, 1])
        // Unknown is null: a saved /proc does not tell where an interrupt may go.
        #expect(row["affinity"] is NSNull && row["node"] is NSNull && TopLines.row(object, "LOC")?["irq"] is NSNull)
    }

    @Test func rowsComeGoAndComeBack() throws {
        let proc = try FakeProc.small()
        let process = try Self.start(proc, "-J")
        _ = try TopLines.object(process.line())
        let disk = proc.rows[0]
        proc.rows.removeFirst()
        try proc.publish()
        let without = try TopLines.next(process, "36 gone") { ($0["gone"] as? [String]) == ["36"] }
        #expect(TopLines.row(without, "36") == nil)
        #expect(try TopLines.object(process.line())["gone"] as? [String] == [])
        proc.rows.insert(disk, at: 0)
        try proc.publish()
        let new = try TopLines.next(process, "36 again") { TopLines.row($0, "36") != nil }
        let row = try #require(TopLines.row(new, "36"))
        #expect(row["state"] as? String == "new" && row["delta"] is NSNull && row["per_s"] is NSNull)
        #expect(TopLines.numbers(row["per_cpu_per_s"]) == [nil, nil])
        // Another device with the same number is another row.
        proc.rows[0].tail = "PCI-MSIX-0000:00:09.0   1-edge      other0"
        proc.rows[0].counts[0] = 2_000_000
        try proc.publish()
        let other = try TopLines.next(process, "another 36") { TopLines.row($0, "36")?["state"] as? String == "new" }
        #expect(other["gone"] as? [String] == ["36"])
        #expect(TopLines.row(other, "36")?["delta"] is NSNull)
    }

    @Test func countsWrapAndGoBack() throws {
        let proc = try FakeProc.small()
        proc.rows[0].counts[0] = 0xFFFF_FF00
        try proc.publish()
        let process = try Self.start(proc, "-J")
        _ = try TopLines.object(process.line())
        proc.count("36", [0: 0x200])
        try proc.publish()
        let wrapped = try TopLines.next(process, "a wrap") { TopLines.row($0, "36")?["delta"] as? Int == 0x200 }
        #expect(TopLines.row(wrapped, "36")?["state"] as? String == "steady")
        proc.rows[0].counts[0] = 0x10
        try proc.publish()
        let reset = try TopLines.next(process, "a reset") { TopLines.row($0, "36")?["state"] as? String == "reset" }
        #expect(TopLines.row(reset, "36")?["delta"] is NSNull && TopLines.row(reset, "36")?["per_s"] is NSNull)
        #expect(TopLines.row(try TopLines.object(process.line()), "36")?["delta"] as? Int == 0)
    }

    /// Mark U goes by what `alert` goes by: the kernel's count is an upper bound where handlers go on in threads.
    @Test(arguments: ["irq/36-disk0", "irq/41-net0-rx", "init"]) func unhandledOfThreadedLines(thread: String) throws {
        let proc = try FakeProc.small()
        let tree = try FakeTree()
        try tree.process(90, thread, flags: thread == "init" ? 0x40_0100 : 0x20_8040)
        for folder in ["90", "irq", "irq/36"] {
            try FileManager.default.createDirectory(atPath: "\(proc.root)/\(folder)", withIntermediateDirectories: false)
        }
        try FileManager.default.copyItem(atPath: tree.root + "/90/stat", toPath: proc.root + "/90/stat")
        func spurious(_ count: Int, _ unhandled: Int) throws {
            try proc.write("irq/36/spurious", Data("count \(count)\nunhandled \(unhandled)\nlast_unhandled \(count) ms\n".utf8))
        }
        try spurious(100, 3)
        let process = try Self.start(proc, "-J")
        let first = try TopLines.next(process, "a thread that is known") { object in
            thread == "init" || !(TopLines.row(object, "36")?["threads"] is NSNull)
        }
        #expect((TopLines.row(first, "36")?["threads"] is NSNull) == (thread == "init"))
        try spurious(200, 40)
        let some = try TopLines.next(process, "unhandled ones") {
            (TopLines.row($0, "36")?["spurious"] as? Object)?["unhandled"] as? Int == 40
        }
        let row = try #require(TopLines.row(some, "36"))
        let isExact = thread == "irq/41-net0-rx"
        #expect((row["marks"] as? [String]) == (isExact ? ["unhandled"] : []))
        let late = try #require(row["spurious"] as? Object)["judged_late"]
        #expect(thread == "init" ? late is NSNull : late as? Bool == !isExact)
        // Next to all since it was first seen.
        try spurious(60_000, 59_950)
        _ = try TopLines.next(process, "mark U") { (TopLines.row($0, "36")?["marks"] as? [String]) == ["unhandled"] }
    }

    @Test func cpusGoAndComeBack() throws {
        let proc = try FakeProc.small()
        let process = try Self.start(proc, "-J")
        _ = try TopLines.object(process.line())
        proc.cpus = [0]
        try proc.publish()
        let one = try TopLines.next(process, "one CPU") { $0["cpus"] as? [Int] == [0] }
        #expect(TopLines.row(one, "36")?["delta"] as? Int == 0 && one["gone"] as? [String] == [])
        proc.cpus = [0, 1]
        proc.count("36", [0: 5, 1: 900_000])
        try proc.publish()
        let two = try TopLines.next(process, "two CPUs") { $0["cpus"] as? [Int] == [0, 1] }
        let row = try #require(TopLines.row(two, "36"))
        #expect(row["state"] as? String == "steady" && row["delta"] as? Int == 5)
        #expect(TopLines.numbers(row["per_cpu_per_s"])[1] == nil)
        #expect(TopLines.numbers(TopLines.row(try TopLines.object(process.line()), "36")?["per_cpu_per_s"])[1] == 0)
    }

    @Test func filesVanishAndComeBack() throws {
        let proc = try FakeProc.small()
        let process = try Self.start(proc, "-J")
        _ = try TopLines.object(process.line())
        try proc.remove("softirqs")
        try proc.remove("stat")
        let without = try TopLines.next(process, "no softirqs") { ($0["problems"] as? [String])?.count == 2 }
        for softirq in try #require(without["softirqs"] as? [Object]) {
            #expect(softirq["delta"] is NSNull && softirq["per_s"] is NSNull)
            #expect(TopLines.numbers(softirq["per_cpu_per_s"]) == [nil, nil])
        }
        for load in try #require(without["cpu_load"] as? [Object]) { #expect(load["softirq_share"] is NSNull) }
        #expect(TopLines.row(without, "36")?["delta"] as? Int == 0)
        proc.softirqs[0].count += 7
        try proc.publish()
        // The interval is longer, nothing is lost.
        _ = try TopLines.next(process, "the softirqs again") {
            let timer = ($0["softirqs"] as? [Object])?.first { $0["name"] as? String == "TIMER" }
            return timer?["delta"] as? Int == 14 && ($0["problems"] as? [String]) == []
        }
        for bad in ["", "\u{0}\u{1}\u{2}binary\n", "CPU0 CPU1\n", "           CPU0       CPU1\n 36:   1"] {
            try proc.write("interrupts", Data(bad.utf8))
            usleep(250_000)
        }
        proc.count("36", [0: 11])
        try proc.publish()
        _ = try TopLines.next(process, "the interrupts again") {
            let row = TopLines.row($0, "36")
            return row?["delta"] as? Int == 11 || row?["state"] as? String == "new"
        }
    }

    // MARK: Output

    @Test func linesComeAsTheyAreMeasured() throws {
        let proc = try FakeProc.small()
        let process = try RunningProcess(
            Places.command.path, ["top", "-b", "-J", "-d", "0.3", "-n", "4", "--proc-root", proc.root])
        var times: [Int] = []
        while let line = process.line() {
            times.append(try #require(try TopLines.object(line)["time"] as? Int))
            // Each is here before the next one is measured.
            if times.count < 4 { #expect(process.status(seconds: 0) == nil) }
        }
        #expect(times.count == 4 && times == times.sorted() && process.status() == 0)
    }

    @Test func textIsATable() throws {
        let proc = try FakeProc.small()
        let result = try irqscope("top", "-b", "-n", "1", "-d", "0.1", "--proc-root", proc.root)
        #expect(result.status == 0)
        for part in ["irqscope", "IRQ   rate/s", "36", "disk0", "softirq     rate/s", "TIMER"] {
            #expect(result.text.contains(part), "\(part)")
        }
        #expect(!result.text.contains("\u{1B}") && !result.text.contains("F1Help"))
        #expect(result.text.split(separator: "\n").allSatisfy { !$0.hasSuffix(" ") })
        let one = try irqscope("top", "-b", "-n", "1", "-d", "0.1", "--irq", "41", "--proc-root", proc.root)
        #expect(one.text.contains("net0-rx") && !one.text.contains("disk0") && !one.text.contains("TIMER"))
        let none = try irqscope("top", "-b", "-n", "1", "-d", "0.1", "--irq", "99", "--proc-root", proc.root)
        #expect(none.text.contains("no interrupts to show"))
    }

    @Test func csvHasALineForEachRowAndCPU() throws {
        let proc = try FakeProc.small()
        proc.rows[0].tail = "PCI-MSIX-0000:00:02.0   1-edge      a,\"b\""
        try proc.publish()
        let result = try irqscope(
            "top", "-b", "--format", "csv", "-n", "1", "-d", "0.1", "--irq", "36", "--proc-root", proc.root)
        let lines = result.text.split(separator: "\n").map { String($0) }
        // What was there before stands where it was.
        let added = ",calls,unhandled,total_ns,max_ns,p50_ns,p99_ns,cpu_share,peak_ns,peak_time_ns,raise_p99_ns,raise_max_ns"
        #expect(lines.first == "time_ns,interval_ns,table,label,ordinal,state,cpu,delta,per_s,name" + added)
        try #require(lines.count == 4)
        for (line, cpu) in zip(lines.dropFirst(), ["", "0", "1"]) {
            #expect(line.contains(",interrupts,36,0,steady,\(cpu),0,0.0,"), "\(line)")
        }
    }

    @Test func rowsAndOrderAreChosen() throws {
        let proc = try FakeProc.small()
        func labels(_ arguments: String...) throws -> [String] {
            let result = try run(
                Places.command.path, ["top", "-J", "-n", "1", "-d", "0.1", "--proc-root", proc.root] + arguments)
            #expect(result.status == 0)
            return TopLines.labels(try TopLines.object(result.text))
        }
        #expect(try labels() == ["36", "41", "LOC"])
        #expect(try labels("--irq", "40-50") == ["41"])
        #expect(try labels("--filter", "disk|Local") == ["36", "LOC"])
        #expect(try labels("--sort", "irq", "-r") == ["LOC", "41", "36"])
        #expect(try labels("--sort", "name") == ["LOC", "36", "41"])
        let result = try irqscope("top", "-J", "-n", "1", "-d", "0.1", "--cpu", "1", "--proc-root", proc.root)
        let object = try TopLines.object(result.text)
        #expect(object["cpus"] as? [Int] == [1])
        #expect(TopLines.numbers(TopLines.row(object, "36")?["per_cpu_per_s"]).count == 1)
    }

    @Test(arguments: [
        ["-n", "0"], ["-n", "x"], ["-d", "0"], ["-d", "0.01"], ["-d", "-1"], ["-d", "1e9"], ["-d", "nan"],
        ["--sort", "bogus"], ["--filter", "("], ["--irq", "a-b"], ["--cpu", "3-1"], ["--format", "xml"],
        ["--bogus"], ["extra"], ["-J", "--format", "csv"],
    ])
    func usageErrors(arguments: [String]) throws {
        let result = try run(Places.command.path, ["top", "-b"] + arguments)
        #expect(result.status == 64 && result.output.isEmpty && result.errors.hasPrefix("irqscope: "))
    }

    @Test func unreadableIsAFailure() throws {
        let result = try irqscope("top", "-b", "-n", "1", "--proc-root", "/no/such/place")
        #expect(result.status == 1 && result.output.isEmpty && result.errors.contains("check --proc-root"))
    }

    @Test func closedPipeEndsItAtOnce() throws {
        for format in ["text", "json", "csv"] {
            // An hour between lines: it must not take one to notice.
            let process = try RunningProcess(
                Places.command.path, ["top", "-b", "--format", format, "-d", "3600"])
            usleep(200_000)
            #expect(process.status(seconds: 0) == nil)
            try process.closeOutput()
            #expect(process.status(seconds: 5) == 0, "\(format)")
        }
        let result = try shell("'\(Places.command.path)' top -b -d 0.1 | head -n 1; echo ${PIPESTATUS[0]}")
        #expect(result.text.hasSuffix("\n0\n") && result.errors.isEmpty)
    }

    @Test func needsNeitherInputNorTerminal() throws {
        let line = "env -i '\(Places.command.path)' top -J -n 1 -d 0.1 <&- | cat"
        let result = try run("/usr/bin/setsid", ["-w", "/bin/bash", "-c", line])
        #expect(try TopLines.object(result.text)["schema"] as? String == "irqscope.top.v1")
        #expect(result.errors.isEmpty)
        let closed = try shell("'\(Places.command.path)' top -b -n 1 -d 0.1 >&-")
        #expect(closed.status == 1 && closed.errors.hasPrefix("irqscope: standard output"))
    }
}
