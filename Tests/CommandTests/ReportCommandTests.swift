import Foundation
import IRQCore
import Testing
import TestSupport

/// The command as its users call it: input, output, statuses and messages.
@Suite struct ReportCommandTests {
    static let sample = Places.recording("s390x-v6")

    @Test func pipeAndFileGiveTheSame() throws {
        let file = try irqscope("report", "-J", Self.sample)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: Self.sample))
        #expect(try irqscope("report", "-J", input: bytes).output == file.output)
        #expect(try irqscope("report", "-J", "-", input: bytes).output == file.output)
        let pipe = try shell("cat '\(Self.sample)' | '\(Places.command.path)' report -J")
        #expect(pipe.output == file.output && pipe.status == 0)
    }

    @Test func pipeLeavesNothingBehind() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "irqscope-spool-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let result = try shell("cat '\(Self.sample)' | TMPDIR='\(folder.path)' '\(Places.command.path)' report")
        #expect(result.status == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }

    @Test func textHasItsTablesAndItsQuality() throws {
        let result = try irqscope("report", Places.recording("amd64-v7"), "--slow", "3", "--histogram", "--per-cpu")
        #expect(result.status == 0 && result.errors.isEmpty)
        for part in [
            "Interrupt handlers", "Softirqs", "Interrupt vectors (x86)", "Work items", "CPU time in interrupts",
            "Slowest", "Quality: 84,077 events read", "█", "nvme0q2", "CPU 1", "e1000_watchdog_task [e1000e]",
            "only woke their thread",
        ] {
            #expect(result.text.contains(part), "\(part) is missing")
        }
        #expect(!result.text.contains("\u{1B}"))
        #expect(result.text.split(separator: "\n").allSatisfy { !$0.hasSuffix(" ") })
    }

    /// Of a CPU that went offline nobody knows what was counted: it was once "21,070 of 15,044 (100.0%)".
    @Test func coverageLeavesOutCPUsThatWereAway() throws {
        let path = Places.recording("coverage-hotplug")
        let text = try irqscope("report", path).text
        #expect(text.contains("\nCoverage: 15,044 of 15,044 interrupts that the kernel counted (100.0%).\n"), "\(text)")
        #expect(
            text.contains(
                "  note: CPU 1 was not online at both ends: its counts are unknown, and its 6,026 interrupts in the trace are not "
                    + "compared\n"), "\(text)")
        let coverage = try #require(try Oracle.report(path)["coverage"] as? [String: Any])
        #expect(coverage["counted"] as? Int == 15_044 && coverage["traced"] as? Int == 15_044)
        #expect((coverage["uncompared_cpus"] as? [[String: Int]]) == [["cpu": 1, "traced": 6_026]])
    }

    @Test func lossIsPrinted() throws {
        let text = try irqscope("report", Places.recording("s390x-lost")).text
        #expect(text.contains("LOST at least 9,775 (the kernel counted 13,587) in 12 gaps"))
    }

    @Test func jsonKeepsTheContract() throws {
        let object = try Oracle.json(irqscope("report", "-J", Places.recording("amd64-v7")).output)
        #expect(object["schema"] as? String == "irqscope.report.v1")
        func keys(_ value: Any?) -> Set<String> { Set((value as? [String: Any] ?? [:]).keys) }
        func first(_ key: String) -> [String: Any] { (object[key] as? [[String: Any]])?.first ?? [:] }
        #expect(
            keys(object).isSuperset(of: [
                "schema", "source", "window", "events", "irqs", "softirqs", "vectors", "work", "storms",
            ]))
        #expect(
            keys(object["source"]).isSuperset(of: [
                "format", "version", "clock", "cpus", "byte_order", "long_bytes", "page_bytes",
            ]))
        #expect(keys(object["window"]) == ["start_ns", "end_ns"])
        #expect(
            keys(object["events"]).isSuperset(of: [
                "total", "used", "lost", "gaps", "spans_dropped_at_gaps", "unmatched_entries", "unmatched_exits",
                "open_at_end",
            ]))
        let statistics: Set = [
            "count", "total_ns", "min_ns", "max_ns", "mean_ns", "stddev_ns", "p50_ns", "p90_ns", "p99_ns", "p999_ns",
            "histogram",
        ]
        #expect(
            keys(first("irqs")).isSuperset(of: [
                "irq", "action", "calls", "unhandled", "wake_thread", "duration", "cpus",
            ]))
        #expect(keys(first("irqs")["duration"]).isSuperset(of: statistics.union(["self_ns"])))
        #expect(
            keys(first("softirqs")).isSuperset(of: ["vector", "name", "entries", "duration", "raise_latency", "cpus"]))
        #expect(keys(first("softirqs")["raise_latency"]).isSuperset(of: statistics))
        #expect(!keys(first("softirqs")["raise_latency"]).contains("self_ns"))
        #expect(keys(first("vectors")).isSuperset(of: ["vector", "duration", "cpus"]))
        #expect(keys(first("work")).isSuperset(of: ["function", "duration", "queue_latency"]))
        let shares = first("irqs")["cpus"] as? [[String: Any]] ?? []
        #expect(keys(shares.first).isSuperset(of: ["cpu", "calls", "total_ns", "max_ns"]))
        let buckets = (first("irqs")["duration"] as? [String: Any])?["histogram"] as? [[String: Any]] ?? []
        let sum = buckets.compactMap { Oracle.number($0["count"]) }.reduce(0, +)
        #expect(keys(buckets.first) == ["low_ns", "high_ns", "count"])
        #expect(sum == Oracle.number((first("irqs")["duration"] as? [String: Any])?["count"]))
    }

    @Test func unknownIsNullInJSON() throws {
        let object = try Oracle.json(irqscope("report", "-J", Places.recording("s390x-lost")).output)
        #expect((object["events"] as? [String: Any])?["lost"] is NSNull)
    }

    @Test func csvHasOneLineARow() throws {
        let result = try irqscope("report", "--format", "csv", Places.recording("amd64-v7"))
        let lines = result.text.components(separatedBy: "\n").filter { !$0.isEmpty }
        #expect(lines.count == 1 + 6 + 5 + 3 + 13)
        #expect(lines.allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == 25 })
        #expect(lines.contains { $0.contains(",irq,,29,nvme0q2,2404,2404,0,2404,2404,7590520,7590520,1020,") })
    }

    @Test func rowsAreChosenAndSorted() throws {
        let path = Places.recording("amd64-v7")
        func actions(_ options: String...) throws -> [String] {
            let object = try Oracle.json(run(Places.command.path, ["report", "-J", path] + options).output)
            return (object["irqs"] as? [[String: Any]] ?? []).compactMap { $0["action"] as? String }
        }
        #expect(try actions("--irq", "25-26,30", "--sort", "irq") == ["virtio1-req.0", "virtio1-req.1", "eth0-rx-0"])
        #expect(try actions("--filter", "^nvme", "--sort", "calls", "-r") == ["nvme0q1", "nvme0q2"])
        #expect(try actions("--cpu", "7") == [])
        #expect(try actions("--sort", "max").first == "virtio1-req.1")
        let softirqs = try Oracle.json(irqscope("report", "-J", path, "--irq", "25").output)["softirqs"] as? [Any]
        #expect(softirqs?.isEmpty == true)
    }

    @Test func timeWindowLeavesOnlyItsSpans() throws {
        func calls(_ window: String) throws -> [Int] {
            let object = try Oracle.json(irqscope("report", "-J", Self.sample, "--time", window).output)
            return (object["irqs"] as? [[String: Any]] ?? []).compactMap { $0["calls"] as? Int }
        }
        let whole = try calls(",").reduce(0, +)
        let early = try calls(",+0.1").reduce(0, +)
        let late = try calls("+0.1,").reduce(0, +)
        #expect(early > 0 && late > 0 && early + late == whole)
    }

    @Test(
        arguments: [
            (["--fail-if", "max>1ns"], 2), (["--fail-if", "max>1s"], 0), (["--fail-if", "irq=2 max>1us"], 2),
            (["--fail-if", "irq=2 max>1s", "--fail-if", "calls>1"], 2), (["--fail-if", "irq=77 max>1ns"], 3),
            (["--fail-if", "irq=77 max>1ns", "--fail-if", "calls>1"], 2), (["--fail-if", "tasklet=x max>1ns"], 3),
            (["--fail-if", "max>1s", "--irq", "77"], 3), (["--fail-if", "max>1s", "--time", "+1000,"], 3),
        ] as [([String], Int32)])
    func failConditionsSetTheStatus(options: [String], status: Int32) throws {
        let result = try run(Places.command.path, ["report", Self.sample] + options)
        #expect(result.status == status)
        #expect(result.text.contains("Quality:"))
        #expect(result.errors.contains("holds:") == (status == 2))
    }

    /// A check that tests nothing, or not all that happened, is no pass; 1 goes before 2, 2 before 3.
    @Test(arguments: [
        ("s390x-lost", "max>1000s", 3, "events were lost or could not be read"), ("s390x-lost", "max>1ns", 2, "holds: "),
        ("amd64-v7", "irq=99 calls>0", 3, "there is no such row; there are irq "),
        ("amd64-v7", "tasklet=none calls>0", 3, "this report has no table \"Tasklets\""),
        ("amd64-v7", "softirq=NET_RX cpu=9 calls>0", 3, "it did not run there, but on CPU 0"),
        ("amd64-v7", "irq=29 latency>1ns", 3, "nothing is known of latency there"),
    ]) func untestedConditionIsNoPass(recording: String, condition: String, status: Int32, words: String) throws {
        let result = try irqscope("report", "--fail-if", condition, Places.recording(recording))
        #expect(result.status == status && result.errors.contains(words), "\(result.errors)")
        let more = [Places.recording("amd64-v7"), "/nowhere.dat"]
        let failed = try run(Places.command.path, ["report", "--fail-if", condition, Places.recording(recording)] + more)
        #expect(failed.status == 1)
    }

    @Test(arguments: [
        (["--irq", "29,999,1000-1010"], "there is no interrupt 999,1000-1010\n"), (["--cpu", "0,77"], "there is no CPU 77\n"),
        (["--filter", "no such name"], "there is no name that matches --filter\n"),
    ]) func choiceThatDoesNotExistIsSaid(options: [String], words: String) throws {
        let path = Places.recording("amd64-v7")
        let result = try run(Places.command.path, ["report", path] + options)
        #expect(result.status == 0 && result.errors == "irqscope: \(path): \(words)", "\(result.errors)")
    }

    @Test(arguments: [
        ["report", "--sort", "nothing", "x"], ["report", "--fail-if", "p98>1us", "x"], ["report", "--irq", "a", "x"],
        ["report", "--time", "5", "x"], ["report", "--filter", "(", "x"], ["report", "--slow", "-1", "x"],
        ["report", "--bogus"],
        ["bogus"], ["report", "--json", "--format", "csv", "x"], ["report", "--format", "nagios", "x"],
        ["report", "-", "-"],
    ])
    func wrongUseIsStatus64WithAMessage(arguments: [String]) throws {
        let result = try run(Places.command.path, arguments)
        #expect(result.status == 64 && result.output.isEmpty)
        #expect(result.errors.hasPrefix("irqscope: "), "\(result.errors)")
    }

    @Test func helpFitsAndGoesToStandardOutput() throws {
        for arguments in [["--help"], ["report", "--help"], ["help", "report"]] {
            let result = try run(Places.command.path, arguments)
            #expect(result.status == 0 && result.errors.isEmpty)
            #expect(result.text.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(result.text)")
        }
        #expect(try irqscope("--version").text.contains(/^\d+\.\d+\.\d+ \(/))
    }

    @Test func filesThatCannotBeReadAreStatus1() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-bad-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let empty = folder.appendingPathComponent("empty.dat").path
        _ = FileManager.default.createFile(atPath: empty, contents: Data())
        let text = folder.appendingPathComponent("text.dat").path
        try Data("# tracer: nop\n".utf8).write(to: URL(fileURLWithPath: text))
        let cases = [
            (empty, "is empty"), (folder.path, "is a directory"), (text, "is a trace without events"),
            (folder.path + "/none.dat", "No such file"), ("/dev/null", "is empty"), ("/dev/zero", "is no recording"),
        ]
        for (path, expected) in cases {
            let result = try irqscope("report", path)
            #expect(result.status == 1 && result.output.isEmpty)
            #expect(
                result.errors.hasPrefix("irqscope: \(path)") && result.errors.contains(expected), "\(result.errors)")
            #expect(result.errors.split(separator: "\n").count == 1)
        }
        #expect(try irqscope("report", input: Data()).errors.contains("standard input: is empty"))
    }

    @Test(.enabled(if: getuid() == 0 && program("setpriv") != nil, "needs root and setpriv"))
    func fileWithoutPermissionIsStatus1() throws {
        let path = "/tmp/irqscope-secret-\(UUID().uuidString).dat"
        _ = FileManager.default.createFile(atPath: path, contents: Data([1]), attributes: [.posixPermissions: 0o600])
        let command = "/tmp/irqscope-\(UUID().uuidString)"
        try FileManager.default.copyItem(atPath: Places.command.path, toPath: command)
        defer { for name in [path, command] { try? FileManager.default.removeItem(atPath: name) } }
        let result = try shell(
            "chmod 755 \(command); exec setpriv --reuid 65534 --clear-groups \(command) report \(path)")
        #expect(result.status == 1 && result.errors.contains("Permission denied") && result.errors.contains("sudo"))
    }

    @Test func oneBadFileDoesNotHideTheOthers() throws {
        let result = try irqscope("report", "/nowhere.dat", Self.sample)
        #expect(result.status == 1)
        #expect(result.text.contains("  \(Self.sample): trace.dat") && result.text.contains("Quality:"))
    }

    @Test func closedPipeIsNoError() throws {
        let result = try shell(
            "set -o pipefail; for i in $(seq 20); do '\(Places.command.path)' report '\(Self.sample)' | head -n 1 >/dev/null || exit 9; done"
        )
        #expect(result.status == 0 && result.errors.isEmpty)
    }

    /// As of an endless text of which the first interval is wanted. A status that is to tell of all of it needs all.
    @Test func nothingIsReadForNobody() throws {
        let folder = try TestFolder()
        let text = Places.fixtures.appendingPathComponent("texts/a.default.txt.xz").path
        func report(_ input: String, _ options: String) throws -> ProcessResult {
            // A pipe whose reader is gone before anything is written.
            try shell(
                "cd '\(folder.path)'; rm -f p; mkfifo p; exec 3<>p 4>p 3>&-; \(input) 2>/dev/null | "
                    + "timeout 20 '\(Places.command.path)' report --every 10ms \(options) >&4")
        }
        let first = try report("while xz -dc '\(text)'; do :; done", "")
        #expect(first.status == 0 && first.errors.isEmpty, "\(first.errors)")
        let held = try report("xz -dc '\(text)'", "--fail-if 'irq=36 calls>1'")
        #expect(held.status == 2 && held.errors.components(separatedBy: " holds: ").count > 2, "\(held.errors)")
    }

    @Test func fullDiskIsAnError() throws {
        let result = try shell("'\(Places.command.path)' report '\(Self.sample)' > /dev/full")
        #expect(result.status == 1 && result.errors.contains("No space left"))
    }

    @Test func cronsEnvironmentIsEnough() throws {
        let result = try shell("exec env -i '\(Places.command.path)' report '\(Self.sample)' <&- 2>&1")
        #expect(result.status == 0 && result.text.contains("Quality:"))
    }

    @Test func hostileNamesReachNoTerminalRaw() throws {
        var recording = RecordingBuilder()
        let events = EventBuilder(recording.texts, recording.byteOrder)
        var page = PageBuilder(recording.layout, start: 1000)
        let name: [UInt8] = Array("\u{1B}]0;x\u{7}\u{202E}\u{9B}31m,\"q\"".utf8) + [0xFF, 0xFE]
        page.event(at: 1000, events.irqEntry(3, name, pid: 42))
        page.event(at: 1500, events.irqExit(3, ret: 1, pid: 42))
        recording.cmdlines = "42 \u{1B}[2Jevil\n"
        recording.buffers = [("b\u{1B}c", [(0, [page.bytes()])]), ("", [(0, [page.bytes()])])]
        recording.clock = "mo\u{1B}no"
        let bytes = Data(recording.build())
        for arguments in [
            ["report", "--slow", "3"], ["report", "--json"], ["report", "--format", "csv"],
            ["report", "--fail-if", "max>1ns"], ["report", "--buffer", "\u{1B}"],
        ] {
            let result = try run(Places.command.path, arguments, input: bytes)
            for text in [result.text, result.errors] {
                let harmful = text.unicodeScalars.filter {
                    ($0.value < 0x20 && $0 != "\n" && $0 != "\r") || (0x7F..<0xA0).contains($0.value)
                }
                #expect(harmful.isEmpty, "\(arguments)")
            }
        }
    }

    @Test func fileThatShrinksMeanwhileGivesAMessage() throws {
        // A recording whose tables fit but whose pages vanish while they are mapped: a hole at the end stands in.
        let path = "/tmp/irqscope-shrink-\(UUID().uuidString).dat"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let script = """
            cp '\(Places.recording("armhf-v6"))' \(path)
            for i in $(seq 30); do
              '\(Places.command.path)' report \(path) >/dev/null 2>\(path).err & pid=$!
              truncate -s 700000 \(path); wait $pid; status=$?
              [ $status -le 1 ] || exit 9
              cp '\(Places.recording("armhf-v6"))' \(path)
            done; rm -f \(path).err
            """
        #expect(try shell(script).status == 0)
    }

    @Test func slowestAreThoseOfTheRowsAskedFor() throws {
        let whole = try irqscope("report", "-J", Places.recording("amd64-v7"), "--slow", "10000")
        let all = try Oracle.json(whole.output)["slowest"] as? [[String: Any]] ?? []
        for (options, isWanted) in [
            (["--irq", "29"], { $0["name"] as? String == "nvme0q2" }),
            (["--filter", "^free_work$|SCHED"], { ["free_work", "SCHED"].contains($0["name"] as? String) }),
            (["--filter", "timer"], { $0["name"] as? String == "local_timer" || "\($0["name"] ?? "")".contains("timer") }),
        ] as [([String], ([String: Any]) -> Bool)] {
            let result = try run(Places.command.path, ["report", "-J", Places.recording("amd64-v7"), "--slow", "7"] + options)
            let some = try Oracle.json(result.output)["slowest"] as? [[String: Any]] ?? []
            let expected = all.filter(isWanted).prefix(7).map { Oracle.number($0["duration_ns"]) }
            #expect(some.map { Oracle.number($0["duration_ns"]) } == Array(expected) && some.count == 7, "\(options)")
        }
    }

    @Test func selectionThatLeavesNothingIsSaid() throws {
        let result = try irqscope("report", Self.sample, "--time", "+1000,")
        #expect(result.status == 0 && result.errors.contains("nothing is left by --irq"))
        #expect(try irqscope("report", Self.sample).errors.isEmpty)
    }

    @Test func ticksAreNotCalledTime() throws {
        let text = try irqscope("report", Places.recording("amd64-tsc")).text
        #expect(text.contains("all durations are ticks") && !text.contains(" µs"))
    }

    @Test func terminalGetsWhatFits() throws {
        let script =
            "import pty,os,sys,fcntl,termios,struct\npid,fd=pty.fork()\nif pid==0:\n"
            + " fcntl.ioctl(1,termios.TIOCSWINSZ,struct.pack('HHHH',24,72,0,0)); os.environ['LANG']='C.UTF-8'; os.environ.pop('LC_ALL',0); os.environ['NO_COLOR']='1'\n"
            + " os.execv(sys.argv[1],sys.argv[1:])\nout=b''\nwhile True:\n try: b=os.read(fd,65536)\n except OSError: break\n if not b: break\n out+=b\nsys.stdout.buffer.write(out)"
        let result = try run("/usr/bin/env", ["python3", "-c", script, Places.command.path, "report", Places.recording("amd64-nomsi-v7")])
        let lines = result.text.components(separatedBy: "\r\n")
        #expect(lines.count > 20 && result.text.contains("Quality:"))
        #expect(lines.allSatisfy { $0.count <= 72 || $0.hasPrefix("trace.dat") }, "\(result.text)")
    }

    @Test func namedPipeIsWaitedFor() throws {
        let pipe = "/tmp/irqscope-fifo-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: pipe) }
        let result = try shell(
            "mkfifo \(pipe); (sleep 0.3; cat '\(Self.sample)' >\(pipe)) & timeout 20 '\(Places.command.path)' report \(pipe)")
        #expect(result.status == 0 && result.text.contains("Quality:"), "\(result.errors)")
    }

    @Test func sharesAboveAllOfTheWindowAreNotShown() throws {
        let text = try irqscope("report", Places.recording("amd64-nomsi-v7"), "--time", "11.164704,11.164705").text
        #expect(text.contains("blk_mq_run_work_fn") && !text.contains("% of 0"))
    }
}
