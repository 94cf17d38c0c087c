import Foundation
import TestSupport
import Testing

/// `irqscope record` on the tracefs of this machine: what it records, and who can read it.
@Suite(.serialized, .enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason))) struct RecordTests {
    typealias Object = [String: Any]

    /// Runs `record` to its end.
    static func record(_ options: String..., before: String = "") throws -> (status: Int32?, errors: String) {
        let recorder = try Recorder(record: options, before: before)
        let status = recorder.status(seconds: 60)
        #expect(try Tracefs.instances(of: recorder.id) == [], "\(recorder.errors)")
        return (status, recorder.errors)
    }

    static func coverage(_ path: String) throws -> (whole: Object, rows: [String: Object]) {
        let whole = try #require(try Oracle.report(path)["coverage"] as? Object)
        var rows: [String: Object] = [:]
        for row in whole["rows"] as? [Object] ?? [] { rows["\(row["table"] ?? "") \(row["label"] ?? "")"] = row }
        return (whole, rows)
    }

    static func number(_ row: Object?, _ key: String) -> Int? { (row?[key] as? NSNumber)?.intValue }

    /// What of `count` interrupts in a recording of `seconds` may have come between the counts and the trace: a few at
    /// least, for no two things happen at once.
    static func slack(_ count: Int, _ whole: Object, seconds: Double) throws -> Int {
        let apart = Double(try #require(number(whole, "apart_ns"))) / 1e9
        return 20 + Int(Double(count) * (0.002 + 2 * apart / seconds))
    }

    /// The numbered row with most interrupts: the disk's.
    static func busiest(_ rows: [String: Object]) throws -> Object {
        let numbered = rows.values.filter { $0["irq"] is NSNumber }
        return try #require(numbered.max { number($0, "counted") ?? 0 < number($1, "counted") ?? 0 })
    }

    // MARK: - Other readers

    @Test(
        .enabled(if: program("trace-cmd") != nil, "trace-cmd is not installed (make test-tools)"),
        arguments: [[], ["--compression", "none"], ["--file-version", "6"]])
    func othersReadIt(form: [String]) throws {
        let folder = try TestFolder()
        let path = folder.file("a.dat")
        let top = try Tracefs.topSettings()
        try DiskLoad.during {
            let recorder = try Recorder(
                record: ["--duration", "400ms", "-o", path, "--events", "irq,softirq,irq_vectors,workqueue"] + form)
            #expect(recorder.status(seconds: 60) == 0)
            #expect(recorder.errors.contains("none lost"), "\(recorder.errors)")
            #expect(try Tracefs.instances(of: recorder.id) == [])
        }
        #expect(try Tracefs.topSettings() == top)
        #expect(folder.names == ["a.dat"])
        for line in ["report -t -R -i", "dump -v -i"] {
            let result = try shell("trace-cmd \(line) '\(path)'")
            #expect(result.status == 0 && result.errors.isEmpty, "\(line): \(result.errors)")
        }
        let ours = try Oracle.report(path)
        #expect(Oracle.differences(ours, try Oracle.exact(path)) == [])
        let source = try #require(ours["source"] as? Object)
        #expect(source["version"] as? Int == (form.last == "6" ? 6 : 7) && source["clock"] as? String == "mono")
        let possible = try String(contentsOfFile: "/sys/devices/system/cpu/possible", encoding: .utf8)
        let last = try #require(possible.split { !$0.isNumber }.last.flatMap { Int($0) })
        #expect(source["cpus"] as? Int == last + 1)
        let parts = try RecordingParts(path: path)
        #expect(String(decoding: parts.savedCommandLines, as: UTF8.self).contains(" dd\n"))
        let events = try #require(ours["events"] as? Object)
        #expect(Self.number(events, "lost") == 0 && Self.number(events, "total") ?? 0 > 1000)
    }

    // MARK: - Coverage

    @Test(arguments: [false, true]) func coverageIsWhole(hasVectors: Bool) throws {
        let folder = try TestFolder()
        let path = folder.file("a.dat")
        let events = "irq,softirq" + (hasVectors ? ",irq_vectors" : "")
        let result = try DiskLoad.during { try Self.record("--duration", "1s", "-o", path, "--events", events) }
        #expect(result.status == 0 && result.errors.contains("none lost"), "\(result.errors)")
        let (whole, rows) = try Self.coverage(path)
        let disk = try Self.busiest(rows)
        let (counted, traced) = (try #require(Self.number(disk, "counted")), try #require(Self.number(disk, "traced")))
        #expect(counted > 1000, "\(disk)")
        #expect(abs(counted - traced) <= (try Self.slack(counted, whole, seconds: 1)), "\(traced) of \(counted)")
        var sums = (counted: 0, traced: 0)
        for (name, row) in rows where name.hasPrefix("interrupts ") {
            guard let traced = Self.number(row, "traced") else {
                #expect(row["reason"] is String, "\(row)")
                continue
            }
            #expect(row["reason"] is NSNull)
            sums = (sums.counted + (Self.number(row, "counted") ?? 0), sums.traced + traced)
            let cpus = row["cpus"] as? [Object] ?? []
            #expect(cpus.reduce(0) { $0 + (Self.number($1, "traced") ?? 0) } == traced)
            #expect(cpus.reduce(0) { $0 + (Self.number($1, "counted") ?? 0) } == Self.number(row, "counted"))
        }
        #expect(Self.number(whole, "counted") == sums.counted && Self.number(whole, "traced") == sums.traced)
        if let timer = rows["interrupts LOC"] {
            let (counted, traced) = (Self.number(timer, "counted") ?? 0, Self.number(timer, "traced"))
            if hasVectors {
                #expect(abs(counted - (traced ?? 0)) <= (try Self.slack(counted, whole, seconds: 1)))
            } else {
                #expect(traced == nil && timer["reason"] as? String == "x86 vectors were not recorded (irq_vectors)")
            }
        }
        var compared = 0
        for name in ["BLOCK", "TIMER", "RCU"] {
            guard let row = rows["softirqs \(name)"], let counted = Self.number(row, "counted") else { continue }
            let traced = Self.number(row, "traced") ?? 0
            #expect(abs(counted - traced) <= (try Self.slack(counted, whole, seconds: 1)), "\(row)")
            compared += counted > 0 ? 1 : 0
        }
        #expect(compared > 0, "no softirq ran")
        let text = try irqscope("report", path).text
        #expect(text.contains("\nCoverage: ") && !text.contains("\(disk["label"] ?? ""): only"), "\(text)")
        #expect(text.contains("x86 vectors were not recorded") == (!hasVectors && rows["interrupts LOC"] != nil))
    }

    @Test func choicesAreKnownToCoverage() throws {
        let folder = try TestFolder()
        let result = try DiskLoad.during {
            try Self.record("--duration", "1s", "-o", folder.file("a.dat"), "--cpu", "0", "--irq", "100000")
        }
        #expect(result.status == 0, "\(result.errors)")
        let (whole, rows) = try Self.coverage(folder.file("a.dat"))
        #expect(Self.number(whole, "counted") == 0 && Self.number(whole, "traced") == 0)
        #expect(!rows.isEmpty)
        var compared = 0
        for row in rows.values {
            if row["irq"] is NSNumber { #expect(row["reason"] as? String == "not chosen with --irq") }
            for share in row["cpus"] as? [Object] ?? [] { #expect(share["cpu"] as? Int == 0) }
            guard row["table"] as? String == "softirqs", let traced = Self.number(row, "traced") else { continue }
            let counted = Self.number(row, "counted") ?? 0
            #expect(abs(counted - traced) <= (try Self.slack(traced, whole, seconds: 1)), "\(row) \(whole["apart_ns"] ?? "")")
            compared += counted > 0 ? 1 : 0
        }
        #expect(compared > 0, "no softirq ran")
        let report = try Oracle.report(folder.file("a.dat"))
        #expect((report["irqs"] as? [Any])?.isEmpty == true)
    }

    // MARK: - The command

    @Test func commandHasOurInputAndItsStatusIsTold() throws {
        let folder = try TestFolder()
        let recorder = try Recorder(
            [Places.command.path, "record", "-o", folder.file("a.dat"), "--", "sh", "-c", "cat; exit 3"],
            input: Data("in\n".utf8))
        #expect(recorder.status() == 3)
        #expect(recorder.text == "in\n" && recorder.errors.contains("irqscope: sh ended with status 3\n"))
        #expect(try irqscope("report", folder.file("a.dat")).status == 0)
    }

    @Test func commandGetsNoSignalsOfOurs() throws {
        let folder = try TestFolder()
        let before = "signal.signal(signal.SIGCHLD, signal.SIG_IGN)"
        let recorder = try Recorder(
            record: ["-o", folder.file("a.dat"), "--", "grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"], before: before)
        #expect(recorder.status() == 0)
        let masks = recorder.text.split(separator: "\n").compactMap { UInt64($0.split(separator: "\t")[1], radix: 16) }
        // Signals 32 and 33 are the C library's own.
        #expect(masks.map { $0 & 0x7FFF_FFFF } == [0, 0], "\(recorder.text)")
    }

    @Test func commandThatIsNotThere() throws {
        let folder = try TestFolder()
        let result = try Self.record("-o", folder.file("a.dat"), "--", "/nowhere/at-all")
        #expect(result.status == 127 && result.errors.contains("/nowhere/at-all: No such file or directory"))
        #expect(try Self.record("-o", folder.file("a.dat"), "--", "/etc/passwd").status == 126)
        #expect(folder.names == [])
    }

    /// As timeout(1) and env(1) end: with the status of the command, or one that says that the failure is ours.
    @Test func statusIsThatOfTheCommand() throws {
        let folder = try TestFolder()
        let path = folder.file("a.dat")
        for (line, status) in [("exit 0", 0), ("exit 1", 1), ("exit 200", 200), ("kill -KILL $$", 137)] as [(String, Int32)] {
            #expect(try Self.record("-o", path, "--", "sh", "-c", line).status == status, "\(line)")
        }
        #expect(try Self.record("-o", "/nowhere/a.dat", "--", "true").status == 125)
        #expect(try Self.record("--cpu", "9999", "-o", path, "--", "true").status == 125)
        // It goes on, and says nothing yet.
        #expect(try Self.record("--duration", "100ms", "-o", path, "--", "sleep", "1").status == 0)
    }

    @Test func interruptThatDoesNotExistIsSaid() throws {
        let folder = try TestFolder()
        let result = try Self.record("--duration", "100ms", "--irq", "99999", "-o", folder.file("a.dat"))
        #expect(result.status == 0 && result.errors.hasPrefix("irqscope: /proc/interrupts: there is no interrupt 99999\n"))
    }

    @Test func standardOutputIsForTheRecordingOnly() throws {
        let result = try shell(
            "set -o pipefail; '\(Places.command.path)' record -o - -- sh -c 'echo words' | '\(Places.command.path)' report -")
        #expect(result.status == 0 && result.text.contains("Quality: "), "\(result.text)\(result.errors)")
        #expect(result.errors.hasPrefix("words\n") && result.errors.contains("irqscope: standard output: "))
    }

    @Test func signalsReachTheCommand() throws {
        let folder = try TestFolder()
        let recorder = try Recorder(record: ["-o", folder.file("a.dat"), "--", "sleep", "987"])
        try recorder.waitForTrace()
        let child = try shell("pgrep -P \(recorder.id) -x sleep").text.trimmingCharacters(in: .whitespacesAndNewlines)
        let id = try #require(Int32(child))
        recorder.send(SIGTERM)
        #expect(recorder.status() == 128 + SIGTERM)
        #expect(waitForEnd(id, seconds: 5) && folder.names == ["a.dat"])
    }

    // MARK: - Endings

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1]) func signalsFinishTheFile(number: Int32) throws {
        let folder = try TestFolder()
        let recorder = try Recorder(record: ["-o", folder.file("a.dat")])
        try recorder.waitForTrace()
        #expect(folder.names == [])
        recorder.send(number)
        // timeout(1) sends it twice at once.
        recorder.send(number)
        #expect(recorder.status() == 0 && folder.names == ["a.dat"], "\(recorder.errors)")
        #expect(try Tracefs.instances(of: recorder.id) == [])
        #expect(try irqscope("report", folder.file("a.dat")).status == 0)
    }

    @Test func hangingUpIsIgnoredIfItWas() throws {
        let folder = try TestFolder()
        let recorder = try Recorder(
            record: ["-o", folder.file("a.dat")], before: "signal.signal(signal.SIGHUP, signal.SIG_IGN)")
        try recorder.waitForTrace()
        recorder.send(SIGHUP)
        #expect(recorder.status(seconds: 1) == nil)
        recorder.send(SIGTERM)
        #expect(recorder.status() == 0)
    }

    @Test func secondSignalLeaves() throws {
        let pipe = Pipe()
        // Symbols of the kernel: more than a pipe holds, and nobody reads.
        let recorder = try Recorder(
            record: ["-o", "-", "--events", "irq,softirq,workqueue", "--compression", "none"], standardOutput: pipe)
        try recorder.waitForTrace()
        recorder.send(SIGINT)
        #expect(recorder.status(seconds: 1) == nil, "\(recorder.errors)")
        recorder.send(SIGINT)
        #expect(recorder.status(seconds: 10) == 128 + SIGINT)
        #expect(try Tracefs.instances(of: recorder.id) == [])
        try pipe.fileHandleForReading.close()
    }

    @Test func whatSIGKILLLeavesTheNextRunRemoves() throws {
        let folder = try TestFolder()
        let recorder = try Recorder(record: ["-o", folder.file("a.dat")])
        try recorder.waitForTrace()
        let living = try Recorder(record: ["-o", folder.file("b.dat")])
        try living.waitForTrace()
        recorder.send(SIGKILL)
        #expect(recorder.status() == 128 + SIGKILL)
        // Other tests on this machine may have been faster to remove it.
        #expect(try Self.record("--duration", "100ms", "-o", folder.file("c.dat")).status == 0)
        #expect(try Tracefs.instances(of: recorder.id) == [])
        #expect(try Tracefs.instances(of: living.id).count == 1)
        living.send(SIGTERM)
        #expect(living.status() == 0 && folder.names == ["b.dat", "c.dat"])
    }

    @Test func vanishedReaderEndsIt() throws {
        let start = Date()
        let line = "'\(Places.command.path)' record -o - --duration 60s | true; echo ${PIPESTATUS[0]}"
        let result = try shell(line)
        #expect(result.text == "0\n" && result.errors.contains("nobody reads standard output any more"))
        #expect(Date().timeIntervalSince(start) < 20)
    }

    /// A reader that takes the beginning and goes has what it wanted: the status is that of a whole recording.
    @Test(arguments: [("--duration 1s", 0), ("-- /bin/sh -c 'sleep 1; exit 3'", 3)]) func readerMayTakeTheBeginning(
        _ options: String, _ status: Int
    ) throws {
        let result = try shell("'\(Places.command.path)' record -o - \(options) | head -c 10 >/dev/null; echo ${PIPESTATUS[0]}")
        #expect(result.text == "\(status)\n", "\(result.errors)")
    }
}
