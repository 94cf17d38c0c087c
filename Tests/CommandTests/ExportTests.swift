import Foundation
import TestSupport
import Testing

/// `irqscope export`: all spans of a recording, which must add up to its report, to the last nanosecond.
@Suite struct ExportTests {
    static let script = Places.repository.appendingPathComponent("Tests/oracle/export-compare.py").path

    /// Recordings of each form, with several buffers, losses, tasklets, work, PREEMPT_RT, and without interrupts.
    static let recordings =
        ["amd64-empty", "amd64-rt-v7", "amd64-tasklets", "armhf-v7", "ppc64el-instances", "s390x-lost"]
        .map { Places.recording($0) }
        + [
            "deep/rt-6.12.dat", "deep/napi-threads-6.18.dat", "perf/v73-zstd.perf.data.xz", "perf/oddname.perf.data.xz",
            "perfetto/a.pftrace.xz", "texts/l.pipe.txt.xz", "texts/c-uptime.tgid.txt.xz", "perf/task-one-event.perf.data.xz",
        ].map { Places.fixtures.appendingPathComponent($0).path }

    private func compare(_ words: String...) throws {
        let result = try run("/usr/bin/env", ["python3", Self.script, Places.command.path] + words)
        #expect(result.status == 0, "\(result.text)\(result.errors)")
    }

    @Test(arguments: recordings) func spansAddUpToTheReport(path: String) throws {
        try compare("csv", path)
        try compare("jsonl", path)
    }

    /// Numbers that no code of ours has made.
    @Test(.enabled(if: program("trace-cmd") != nil, "trace-cmd is not installed"), arguments: ["amd64-v7", "s390x-v6"])
    func spansAddUpToTheOracle(name: String) throws {
        let path = Places.recording(name)
        try withFolder { folder in
            let exact = try JSONSerialization.data(withJSONObject: Oracle.exact(path))
            try exact.write(to: URL(fileURLWithPath: folder + "/exact.json"))
            try compare("csv", path, "--exact", folder + "/exact.json")
        }
    }

    /// More spans than are kept in memory, of threads that share them out differently.
    @Test func bytesAreTheSameWhateverTheNumberOfThreads() throws {
        let path = Places.recording("armhf-v7")
        let first = try irqscope("export", "--format", "csv", "--jobs", "1", path).output
        #expect(try irqscope("export", "--format", "csv", "--jobs", "3", path).output == first)
        #expect(try shell("'\(Places.command.path)' export --format csv < '\(path)'").output == first)
        #expect(try shell("cat '\(path)' | '\(Places.command.path)' export --format csv").output == first)
    }

    private func lines(_ words: String...) throws -> [Substring] {
        try run(Places.command.path, ["export", "--format", "csv"] + words).text.split(separator: "\n")
    }

    @Test func optionsCutItDown() throws {
        let path = Places.recording("amd64-v7")
        let all = try lines(path)
        let some = try lines("--irq", "29-30", "--cpu", "1", path)
        #expect(some.count > 10 && some.dropFirst().allSatisfy { $0.hasPrefix("irq,29,") || $0.hasPrefix("irq,30,") })
        #expect(Set(some).isSubset(of: Set(all)))
        #expect(some.dropFirst() == all.filter { $0.wholeMatch(of: /irq,(29|30),[^,]*,1,.*/) != nil }[...])
        // The slowest span, and what any CPU did around it.
        let report = try Oracle.report(path, "--slow", "1")
        let slowest = try #require((report["slowest"] as? [Oracle.Object])?.first)
        let start = try #require(Oracle.number(slowest["start_ns"]))
        let end = start + (Oracle.number(slowest["duration_ns"]) ?? 0)
        let around = all.dropFirst().filter { line in
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            let begin = UInt64(cells[4]) ?? 0
            return begin <= end + 20_000 && begin + (UInt64(cells[5]) ?? 0) >= start - 20_000
        }
        #expect(around.count > 1)
        #expect(try lines("--slow", "1", "--around", "20us", path).dropFirst() == around[...])
    }

    @Test func severalRecordingsSayWhichTheyAre() throws {
        let paths = [Places.recording("s390x-v6"), Places.recording("amd64-empty")]
        let all = try lines(paths[0], "/nowhere.dat", paths[1])
        #expect(all.first == "kind,number,name,cpu,start_ns,duration_ns,self_ns,pid,task,buffer,file")
        let counts = try paths.map { try lines($0).count - 1 }
        #expect(all.dropFirst().prefix(counts[0]).allSatisfy { $0.hasSuffix("," + paths[0]) })
        #expect(all.dropFirst(1 + counts[0]).allSatisfy { $0.hasSuffix("," + paths[1]) })
        #expect(all.count == 1 + counts[0] + counts[1])
        #expect(try irqscope("export", paths[0], "/nowhere.dat").status == 1)
    }

    @Test func packedIsTheSame() throws {
        let folder = try TestFolder()
        let path = Places.recording("amd64-v7")
        let plain = try irqscope("export", "--format", "csv", path).output
        for name in ["a.csv.gz", "b.csv.gz"] {
            #expect(try irqscope("export", path, "-o", folder.file(name)).status == 0)
            #expect(try run("/usr/bin/env", ["gzip", "-dc", folder.file(name)]).output == plain)
        }
        let made = try Data(contentsOf: URL(fileURLWithPath: folder.file("a.csv.gz")))
        #expect(try made == Data(contentsOf: URL(fileURLWithPath: folder.file("b.csv.gz"))))
        #expect(try irqscope("export", "--format", "csv", "--gzip", path).output == made)
        // Over an export, packed too.
        #expect(try irqscope("export", path, "-o", folder.file("a.csv.gz")).status == 0)
    }

    /// Names with quotes, commas, control bytes and bytes that are no UTF-8.
    private static let evilNames: Data = {
        var text = Data("# tracer: nop\n#\n".utf8)
        let names: [[UInt8]] = [Array("eth\"0\",x".utf8), Array("a\u{1B}[31m".utf8), [0xFF] + Array("</script>".utf8)]
        for (irq, name) in names.enumerated() {
            text += Data("  <idle>-0  [000] d.h. 1.00000\(irq): irq_handler_entry: irq=\(irq) name=".utf8) + Data(name)
            text += Data("\n  <idle>-0  [000] d.h. 1.00000\(irq + 1): irq_handler_exit: irq=\(irq) ret=handled\n".utf8)
        }
        return text
    }()

    @Test func namesAreHarmless() throws {
        let text = Self.evilNames
        let shown = ["\"eth\"\"0\"\",x\"", "a\\x1b[31m", "\u{FFFD}</script>"]
        let csv = try irqscope("export", "--format", "csv", input: text).text.split(separator: "\n").dropFirst()
        #expect(
            csv.map { String($0) }
                == shown.enumerated().map { "irq,\($0),\($1),0,\(1_000_000_000 + 1000 * $0),1000,1000,0,<idle>," })
        let lines = try irqscope("export", "--format", "jsonl", input: text)
        #expect(!lines.output.contains(0x1B))
        let objects = try lines.text.split(separator: "\n").map { try Oracle.json(Data($0.utf8)) }
        #expect(objects.map { $0["name"] as? String } == ["eth\"0\",x", "a\u{1B}[31m", "\u{FFFD}</script>"])
    }

    // MARK: A timeline

    /// A Python that has Perfetto's own classes; nil if there is none.
    static let python: String? = {
        let own = ProcessInfo.processInfo.environment["IRQSCOPE_PERFETTO_PYTHON"]
        let unpacked = Places.perfettoPython
        return [own, unpacked, program("python3")].compactMap { $0 }.first { path in
            (try? run(path, ["-c", "import perfetto.protos.perfetto.trace.perfetto_trace_pb2"]).status) == 0
        }
    }()
    static let reason: Comment =
        "needs the package perfetto: make test-tools, or IRQSCOPE_PERFETTO_PYTHON names a Python that has it"

    @Test(
        .enabled(if: python != nil, reason),
        arguments: recordings.filter { !$0.contains("uptime") && !$0.contains("task-one-event") })
    func timelinesAddUpToTheReport(path: String) throws {
        let result = try run(Self.python ?? "", [Self.script, Places.command.path, "perfetto", path])
        #expect(result.status == 0, "\(result.text)\(result.errors)")
    }

    @Test(.enabled(if: python != nil, reason)) func namesInTimelinesAreHarmless() throws {
        try withFolder { folder in
            try Self.evilNames.write(to: URL(fileURLWithPath: folder + "/t.txt"))
            let result = try run(Self.python ?? "", [Self.script, Places.command.path, "perfetto", folder + "/t.txt"])
            #expect(result.status == 0, "\(result.text)\(result.errors)")
        }
    }

    /// Threads around handlers, softirqs that were preempted, and arrows, each of which leads from a span to a run.
    @Test(.enabled(if: python != nil, reason)) func timelinesShowWhoWasWoken() throws {
        let path = Places.fixtures.appendingPathComponent("deep/rt-6.12.dat").path
        let result = try run(Self.python ?? "", [Self.script, Places.command.path, "perfetto", path, "--facts"])
        let facts = try Oracle.json(result.output)
        let version = try run(Places.command.path, ["--version"]).text.prefix { $0 != " " }
        #expect(facts["program"] as? String == "irqscope \(version)")
        #expect(facts["unmatched_arrows"] as? Int == 0)
        #expect(Oracle.number(facts["tracks_preempted"]) ?? 0 > 50)
        // The deep analysis counts the same: wake-ups by interrupts, vectors and softirqs that led to a run.
        let report = try Oracle.report(path)
        let wakes = ((report["deep"] as? Oracle.Object)?["wakes"] as? [Oracle.Object] ?? []).filter {
            ["irq", "vector", "softirq"].contains($0["kind"] as? String)
        }
        let counted = wakes.reduce(UInt64(0)) { $0 + (Oracle.number(($1["latency"] as? Oracle.Object)?["count"]) ?? 0) }
        let drawn = Oracle.number(facts["arrows"]) ?? 0
        #expect(drawn > 3000 && drawn == counted, "\(drawn) of \(counted)")
        // Arrows lead forward, and those that interrupts' threads get come from their interrupts.
        #expect(facts["backward_arrows"] as? Int == 0)
        #expect(facts["stray_thread_arrows"] as? Int == 0)
        #expect(Oracle.number(facts["thread_arrows"]) ?? 0 > 100)
    }

    @Test func ticksAreNoTimeline() throws {
        let folder = try TestFolder()
        let path = Places.fixtures.appendingPathComponent("texts/c-uptime.tgid.txt.xz").path
        let result = try irqscope("export", path, "-o", folder.file("a.pftrace"))
        #expect(result.status == 1 && result.errors.contains("does not count nanoseconds"), "\(result.errors)")
        #expect(folder.names == [])
    }

    @Test func timelinesAreTheSameEachTimeAndMayBeReplaced() throws {
        let folder = try TestFolder()
        let path = Places.recording("armhf-v7")
        let first = try irqscope("export", "--jobs", "1", path).output
        for _ in 0..<2 {
            #expect(try irqscope("export", "--jobs", "3", path, "-o", folder.file("a.pftrace")).status == 0)
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("a.pftrace"))) == first)
        }
    }

    // MARK: Outputs

    @Test func outputsThatCannotBe() throws {
        let folder = try TestFolder()
        let recording = folder.file("r.dat")
        try FileManager.default.copyItem(atPath: Places.recording("s390x-v6"), toPath: recording)
        let before = try Data(contentsOf: URL(fileURLWithPath: recording))
        try Data("mine\n".utf8).write(to: URL(fileURLWithPath: folder.file("notes.csv")))
        try FileManager.default.createDirectory(atPath: folder.file("d"), withIntermediateDirectories: false)
        for (path, words) in [
            (recording, "this is the recording itself"), (folder.file("notes.csv"), "is no export and is left alone"),
            (folder.file("d"), "Is a directory; name a file in it"), (folder.file("none/a.csv"), "make the directory first"),
            ("/dev/full", "No space left on device"),
        ] {
            let result = try irqscope("export", recording, "-o", path)
            #expect(result.status == 1 && result.errors.contains(words), "\(result.errors)")
            #expect(result.errors.split(separator: "\n").count == 1)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: recording)) == before)
        #expect(try String(contentsOfFile: folder.file("notes.csv"), encoding: .utf8) == "mine\n")
        // Nothing could be read: no file is made.
        #expect(try irqscope("export", "/nowhere.dat", "-o", folder.file("new.csv")).status == 1)
        #expect(folder.names == ["d", "notes.csv", "r.dat"])
    }

    @Test func pipesMayClose() throws {
        let path = Places.recording("armhf-v7")
        let result = try shell("'\(Places.command.path)' export --format csv '\(path)' | head -1; echo ${PIPESTATUS[0]}")
        #expect(result.text.hasSuffix("buffer\n0\n") && result.errors.isEmpty, "\(result.text)\(result.errors)")
    }

    /// A disk that is full in the middle, and one without room for the spans that wait.
    @Test func fullDisks() throws {
        let folder = try TestFolder()
        let limited = "ulimit -f 64; '\(Places.command.path)' export '\(Places.recording("armhf-v7"))' -o '\(folder.file("a.csv"))'"
        let result = try shell(limited)
        #expect(result.status == 1 && result.errors.contains("cannot be written after"), "\(result.errors)")
        #expect(folder.names == [])
    }
}
