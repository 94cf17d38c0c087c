import Foundation
import IRQCore
import Testing
import TestSupport

@testable import TraceInput

/// Traces as text: what is said of them, and what becomes of odd and damaged ones.
@Suite struct TextInputTests {
    private static let folder = Places.fixtures.appendingPathComponent("texts")

    private func fixture(_ name: String) throws(RecordingError) -> Report {
        try TraceInput.report(onRecording: Self.folder.appendingPathComponent(name).path)
    }

    private func report(_ text: String, _ options: ReadOptions = ReadOptions()) throws(RecordingError) -> Report {
        try Samples.report(Array(text.utf8), options)
    }

    private func problem(_ body: () throws(RecordingError) -> Report) -> String {
        do {
            _ = try body()
            return "none"
        } catch { return "\(error)" }
    }

    /// Some events of two CPUs in a layout.
    private func text(_ layout: TextPrinter.Layout, count: Int = 8, from start: UInt64 = 5_000_000_000) -> String {
        var lines: [String] = []
        for index in 0..<count {
            var event = TextPrinter.Event(
                name: "irq_handler_entry", time: start + UInt64(index) * 10_000, cpu: index % 2, pid: 7, task: "some task",
                number: 36)
            event.action = "eth0-rx"
            lines.append(TextPrinter(layout).line(event))
            (event.name, event.time) = ("irq_handler_exit", event.time + 3000)
            lines.append(TextPrinter(layout).line(event))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: What a text tells, and what not

    @Test func whatTextCannotTellIsSaid() throws {
        let words = try fixture("a.default.txt.xz")
        #expect(words.source.format == "ftrace" && words.source.compression == "xz" && words.source.clock == nil)
        #expect(!words.source.hasRawResults && words.source.tellsLosses && words.source.resolutionNanoseconds == 1000)
        #expect(words.source.byteOrder == nil && words.source.version == nil && words.source.pageByteCount == nil)
        let raw = try fixture("report-a.3.1.6.t-R.txt.xz")
        #expect(raw.source.hasRawResults && raw.source.resolutionNanoseconds == 1 && raw.source.buffers == ["inp-a"])
        #expect(try fixture("a.fields.txt.xz").source.hasRawResults)
        let perf = try fixture("script-default.txt.xz")
        #expect(perf.source.format == "perf script" && !perf.source.tellsLosses)
        let lttng = try fixture("babeltrace2.txt.xz")
        #expect(lttng.source.format == "babeltrace" && lttng.source.hasRawResults && lttng[.irq].first?.calls == 800)
        #expect(lttng[.irq].first?.name == "nvme0q1" && lttng[.work].first?.name == "0xffffffffc0333500")
    }

    @Test func ticksAreNoNanoseconds() throws {
        for (name, calls) in [("c-counter", 70), ("c-uptime", 72), ("c-x86-tsc", 78)] {
            let report = try fixture("\(name).tgid.txt.xz")
            #expect(!report.source.isClockNanoseconds && report[.irq].first?.calls == UInt64(calls), "\(name)")
        }
    }

    @Test func lossIsToldWhereTheTextTellsIt() throws {
        let overwritten = try fixture("l.default.txt.xz")
        #expect(overwritten.overrunEvents == 195 && overwritten.ledger.gaps == 0)
        for version in ["3.1.6", "3.3.1"] {
            // The line behind [EVENTS DROPPED] has no prefix, and is of the same buffer.
            let dropped = try fixture("report-l.\(version).default.txt.xz")
            #expect(dropped.source.buffers == ["inp-l"] && dropped.ledger.gapsOfUnknownSize == 1, "\(version)")
        }
        let perf = try fixture("script-lost-events.txt.xz")
        #expect(perf.ledger.lostEvents == 201 && perf.ledger.gaps == 5 && perf.ledger.events == 2221)
    }

    @Test func buffersAreKeptApart() throws {
        let both = try fixture("report-al.3.1.6.two-files.txt.xz")
        #expect(both.source.buffers == ["inp-a", "inp-l"] && both[.irq].map(\.calls).sorted() == [111, 182])
        var options = ReadOptions()
        options.buffer = "inp-l"
        let path = Self.folder.appendingPathComponent("report-al.3.1.6.two-files.txt.xz").path
        #expect(try TraceInput.report(onRecording: path, options: options)[.irq].map(\.calls) == [111])
        options.buffer = "inp-x"
        let missing = problem { () throws(RecordingError) in try TraceInput.report(onRecording: path, options: options) }
        #expect(missing.contains("there is no buffer inp-x; the recording has: inp-a, inp-l"))
    }

    /// Public cases that were refused, with the numbers that stand in them.
    @Test(arguments: [
        ("dwc3_storm_tgid", "irq 504 dwc3 4 10000"), ("rpi_stacktrace_4flags", "irq 86 mmc1 1 55000"),
        ("jetson_noflags_twospaces", "softirq 3 NET_RX 1 54000"), ("oops_dump_latency_us", "vector 0 local_timer 1 13000"),
        ("android_tracecmd_flags_threadirq", "irq 85 i2c_geni 1 26000"),
        ("tracecmd_funcgraph_mixed_noflags", "vector 0 local_timer 1 0"),
        ("perfscript_default_two_spaces", "irq 11 arch_timer 1 95000"),
    ])
    func publicCasesAreRead(name: String, row: String) throws {
        let report = try fixture("field/\(name).txt")
        let rows = report.rows.map { "\($0.kind) \($0.number) \($0.name) \($0.calls) \($0.duration.totalNanoseconds)" }
        #expect(rows.contains(row), "\(rows)")
        // Some lines of a trace, below its head.
        #expect(report.notes.allSatisfy { name == "rpi_stacktrace_4flags" && $0.hasPrefix("the kernel counted 79160 ") })
    }

    @Test func threadsEndTheHandlersOfTheirCPU() throws {
        let hitrace = """
                  app_main-4963  ( 4867) [000] ....   928.081847: irq_handler_entry: irq=150 name=kirq
                  app_main-4963  ( 4867) [000] d..2   928.081860: sched_switch: prev_comm=app_main prev_pid=4963
                   udk-irq-0-73    (    2) [000] ....   928.081896: irq_handler_exit: irq=150 ret=handled

            """
        #expect(try report(hitrace)[.irq].first?.duration.totalNanoseconds == 49_000)
    }

    @Test func timesOfDayGoOnAfterMidnight() throws {
        let lines = [
            "[23:59:59.999999000] (+?.?????????) box irq_handler_entry: { cpu_id = 0 }, { irq = 5, name = \"a\" }",
            "[00:00:00.000002000] (+0.000003000) box irq_handler_exit: { cpu_id = 0 }, { irq = 5, ret = 0 }",
        ]
        let row = try report(lines.joined(separator: "\n") + "\n")[.irq].first
        #expect(row?.duration.totalNanoseconds == 3000 && row?.unhandled == 1)
    }

    @Test func windowsAndTheSlowestAreThoseOfARecording() throws {
        var options = ReadOptions()
        (options.from, options.to) = (.sinceStart(20_000), .sinceStart(40_000))
        options.analysis.slowCount = 1
        let part = try report(text(.ftrace), options)
        #expect(part[.irq].first?.calls == 2 && part.slowest.first?.task == "some task")
        options = ReadOptions()
        options.analysis.slowCount = 5
        options.selection.isNameWanted = { $0 == "nothing" }
        #expect(try report(text(.ftrace), options).slowest.isEmpty)
    }

    /// A line on lost events stands in front of all others, and so comes before the window is known.
    @Test func windowsHoldForTracesThatBeginWithALoss() throws {
        var options = ReadOptions()
        (options.from, options.to) = (.sinceStart(20_000), .sinceStart(40_000))
        let part = try report("CPU:0 [LOST 7 EVENTS]\n" + text(.ftrace), options)
        #expect(part[.irq].first?.calls == 2 && part.ledger.lostEvents == 7 && part.ledger.gaps == 1)
    }

    /// Events of CPU 2 are missing up to its next one: what was queued meanwhile, on any CPU, may have run and been queued again.
    @Test func gapsReachUpToTheNextEventOfTheirCPU() throws {
        let lines = """
              <idle>-0       [002] d..1.   100.000000: irq_handler_entry: irq=5 name=x
              <idle>-0       [002] d..1.   100.000000: irq_handler_exit: irq=5 ret=handled
              <idle>-0       [000] d..1.   100.000001: workqueue_queue_work: work struct=000000007b6f4df3 function=my_fn \
            workqueue=w req_cpu=256 cpu=1
            LOSS          <idle>-0       [002] d..1.   100.009000: irq_handler_entry: irq=5 name=x
              <idle>-0       [002] d..1.   100.009002: irq_handler_exit: irq=5 ret=handled
             kworker/1:0-77      [001] d..1.   100.010000: workqueue_execute_start: work struct=000000007b6f4df3 function=my_fn
             kworker/1:0-77      [001] d..1.   100.010010: workqueue_execute_end: work struct=000000007b6f4df3 function=my_fn

            """
        for isDeep in [false, true] {
            var options = ReadOptions()
            options.analysis.isDeep = isDeep
            let whole = try report(lines.replacingOccurrences(of: "LOSS", with: ""), options)
            #expect(whole[.work].first?.latency.maximumNanoseconds == 9_999_000)
            let broken = try report(lines.replacingOccurrences(of: "LOSS", with: "CPU:2 [LOST 500 EVENTS]\n"), options)
            #expect(broken[.work].first?.latency.count ?? 0 == 0)
            #expect(broken.ledger.workDroppedAtGaps == 1 && broken.ledger.lostEvents == 500 && broken.ledger.gaps == 1)
        }
        // A loss that nothing follows is counted all the same.
        let last = try report(lines.replacingOccurrences(of: "LOSS", with: "") + "CPU:7 [LOST 3 EVENTS]\nCPU:2 [LOST 4 EVENTS]\n")
        #expect(last.ledger.lostEvents == 7 && last.ledger.gaps == 2)
    }

    /// Some handlers that were called once each, of names as long.
    private func calls(_ count: Int, from start: UInt64 = 5_000_000_000, step: UInt64 = 10_000, name: (Int) -> String) -> String {
        var lines: [String] = []
        for index in 0..<count {
            var event = TextPrinter.Event(
                name: "irq_handler_entry", time: start + UInt64(index) * step, cpu: 0, pid: 7, task: "task", number: index)
            event.action = name(index)
            lines.append(TextPrinter(.ftrace).line(event))
            (event.name, event.time) = ("irq_handler_exit", event.time + 1000)
            lines.append(TextPrinter(.ftrace).line(event))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    @Test func longNamesFindRoom() throws {
        let found = try report(calls(400) { "\($0)-" + String(repeating: "x", count: 200) })
        #expect(found[.irq].count == 400 && found[.irq].allSatisfy { $0.calls == 1 && $0.duration.count == 1 })
        #expect(found.ledger.callsBeyondRowLimit == 0)
    }

    /// What found no row in an interval is told of that interval.
    @Test func intervalsTellWhatFoundNoRow() throws {
        let folder = try TestFolder()
        let text = calls(17_000) { "dev\($0)" } + calls(1, from: 8_000_000_000) { _ in "late" }
        let path = folder.file("many.txt")
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        var options = ReadOptions()
        options.intervalNanoseconds = 1_000_000_000
        var beyond: [UInt64] = []
        var windows: [UInt64?] = []
        try TraceInput.reports(onText: path, options: options) { report in
            beyond.append(report.ledger.callsBeyondRowLimit)
            windows.append(report.windowNanoseconds)
            return true
        }
        #expect(beyond.first == 17_000 - 16_384)
        // Each but the last is as long as was asked for.
        #expect(windows.first == 1_000_000_000)
    }

    // MARK: What is refused

    @Test(arguments: [
        ("a.raw.txt.xz", "options raw, hex and bin", "options/raw"), ("a.bin.txt.xz", "options raw, hex and bin", "options/bin"),
        ("a.nocontext.txt.xz", "without time and CPU", "echo 1 > options/context-info"),
        ("script-deltatime.txt.xz", "--deltatime", "perf script"),
        ("field/funcgraph_event_comment.txt", "comments of the function_graph tracer", "echo nop > current_tracer"),
    ])
    func textsWithoutTimesAreRefusedWithWhatHelps(name: String, reason: String, advice: String) {
        let problem = problem { () throws(RecordingError) in try fixture(name) }
        #expect(problem.contains(reason) && problem.contains(advice), "\(problem)")
    }

    @Test func ordinaryTextIsRefused() {
        for text in ["hello\nworld\n", "{\"a\": [1, 2]}\n", "#!/bin/sh\necho 1\n", "[   1.5] usb 1-1: new device\n"] {
            #expect(problem { () throws(RecordingError) in try report(text) }.contains("event of a trace"), "\(text)")
        }
        let fields = "swapper     0 irq:irq_handler_entry: irq=11 name=arch_timer\n"
        #expect(problem { () throws(RecordingError) in try report(fields) }.contains("perf script -F comm,tid,cpu,time"))
    }

    // MARK: Damage

    @Test(arguments: TextPrinter.Layout.allCases) func aTextThatEndsAnywhereIsReadUpToThere(layout: TextPrinter.Layout) {
        let whole = Array(text(layout, count: 3).utf8)
        var last: UInt64 = 0
        for count in 1...whole.count {
            guard let report = try? Samples.report(Array(whole[..<count])) else { continue }
            let calls = report[.irq].reduce(0) { $0 + $1.calls }
            // No interrupt and no name that a cut made.
            #expect(report[.irq].allSatisfy { $0.number == 36 && $0.name == "eth0-rx" }, "\(count) bytes")
            #expect(calls >= last && report[.irq].count <= 1, "\(count) bytes")
            last = calls
        }
        #expect(last == 3)
    }

    @Test func damagedLinesAreCountedAndNamed() throws {
        var lines = text(.ftrace).split(separator: "\n").map(String.init)
        lines[4] = String(lines[4].dropFirst(40))
        lines[9] = "irq_handler_exit: " + String(repeating: "x", count: 90_000)
        lines.insert("CPU 3 said: softirq_raise: of nothing\0\u{1}", at: 12)
        let report = try report(lines.joined(separator: "\n") + "\n")
        #expect(report.notes == ["damaged lines, left out: 3 (lines 5, 10, 13)"])
        #expect(report[.irq].first?.calls == 7 && report[.irq].first?.duration.count == 6)
    }

    @Test func linesOfAnyLengthAreReadOrPassedOver() throws {
        let long = String(repeating: "abcdefg ", count: 400_000)
        let report = try report(text(.ftrace) + long + "\n" + text(.ftrace, from: 6_000_000_000))
        #expect(report[.irq].first?.calls == 16 && report.notes == ["lines of more than 1 MiB, left out: 1"])
    }

    @Test func aSecondTraceIsNamedAndNotRead() throws {
        let head = "# tracer: nop\n#\n"
        let twice = try report(head + text(.ftrace) + head + text(.ftrace))
        #expect(twice[.irq].first?.calls == 8)
        #expect(twice.notes == ["from line 21 on there is another trace, which is not read: give it by itself"])
        let perf = try report(text(.ftrace) + text(.perf))
        #expect(perf[.irq].first?.calls == 8 && perf.notes.first?.contains("16 lines, the first of them line 17") == true)
        let binary = try Samples.report(Array(text(.ftrace).utf8) + Samples.recording())
        #expect(binary[.irq].first?.calls == 8 && binary.notes == ["in line 17 a recording of trace.dat begins, which is not read"])
    }

    /// Files of single CPUs, one behind the other.
    @Test func filesOfSingleCPUsAreOneTrace() throws {
        let lines = text(.ftrace).split(separator: "\n")
        let parts = ["[000]", "[001]"].map { cpu in lines.filter { $0.contains(cpu) }.joined(separator: "\n") + "\n" }
        let report = try report("# tracer: nop\n" + parts[0] + "# tracer: nop\n" + parts[1])
        #expect(report[.irq].first?.calls == 8 && report.notes == [])
    }

    @Test func timesThatFallAreTold() throws {
        let lines = text(.ftrace).split(separator: "\n").reversed()
        let report = try report(lines.joined(separator: "\n") + "\n")
        #expect(report.notes.first?.contains("have an earlier time than the one before on their CPU") == true)
        #expect(report[.irq].allSatisfy { ($0.duration.maximumNanoseconds ?? 0) < 1_000_000 })
    }

    @Test func numbersThatNoMachineHasAreDamage() throws {
        let odd = text(.ftrace) + "  bash-1 [99999]     9.000001: irq_handler_entry: irq=1 name=x\n"
        #expect(try report(odd).notes == ["damaged lines, left out: 1 (line 17)"])
    }

    /// `atrace -z` writes a stream of zlib behind its first line, and words behind that.
    @Test func packedTracesOfAndroidAreRead() throws {
        let python = "import sys,zlib; sys.stdout.buffer.write(b'TRACE:\\n'+zlib.compress(sys.stdin.buffer.read())+b'\\nTRACE OFF\\n')"
        let packed = try run("/usr/bin/env", ["python3", "-c", python], input: Data(text(.processNumber).utf8)).output
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try packed.write(to: file)
        let unpacked = try TraceInput.report(onRecording: file.path)
        #expect(unpacked[.irq].first?.calls == 8 && unpacked.source.compression == "zlib")
        #expect(try report("TRACE:\n" + text(.processNumber))[.irq].first?.calls == 8)
    }

    /// A page of systrace: the trace between its script tags.
    @Test func pagesOfSystraceAreRead() throws {
        let page = "<!DOCTYPE html>\n<html>\n<script>var a = [0];</script>\n<script class=\"trace-data\" type=\"application/text\">\n"
        let report = try report(page + "# tracer: nop\n" + text(.processNumber) + "</script>\n</html>\n")
        #expect(report[.irq].first?.calls == 8 && report.notes == [])
        let old = "var linuxPerfData = \"\\\n" + text(.ftrace).replacing("\n", with: "\\n\\\n") + "\\n\";\n"
        #expect(try self.report(old)[.irq].first.map { "\($0.calls) \($0.name)" } == "8 eth0-rx")
    }
}
