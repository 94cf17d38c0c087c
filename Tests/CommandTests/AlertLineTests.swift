import Foundation
import TestSupport
import Testing

/// What `irqscope alert` finds out about single lines: their devices, their state in the kernel, how long they were in trouble.
@Suite struct AlertLineTests {
    /// A box whose line 36 gets a few interrupts where its mask does not let them go.
    static func strayingBox(rows: Int) throws -> FakeBox {
        let box = try FakeBox()
        for irq in 100..<100 + rows { box.add("\(irq)", "PCI-MSIX-0000:00:05.0 \(irq)-edge      idle\(irq)", start: 1) }
        try box.write("irq/36/smp_affinity", "4\n")
        _ = try box.alert()
        return box
    }

    private func write(_ text: String, _ path: String) throws {
        let url = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    // MARK: Devices of slow lines

    /// With few rows and with many, of which those that stand still are passed over.
    @Test(arguments: [0, 300]) func slowLinesAreNamed(rows: Int) throws {
        let box = try Self.strayingBox(rows: rows)
        for _ in 0..<2 {
            box.pass(60, ["36": (1, 20)])
            let result = try box.alert()
            if result.status == 0 { continue }
            #expect(result.text.contains("placement: irq 36 gadget0 (0000:00:02.0): 20.0/s outside of its affinity"), "\(result.text)")
            return
        }
        Issue.record("no finding")
    }

    @Test(arguments: [0, 300]) func rulesNameDevicesOfSlowLines(rows: Int) throws {
        let box = try Self.strayingBox(rows: rows)
        let rules = box.root + "/rules"
        for (rule, status) in [("device 0000:00:0?.9 ignore", 1), ("device 0000:00:02.0 ignore placement", 0)] {
            try write(rule + "\n", rules)
            for _ in 0..<2 { box.pass(60, ["36": (1, 20)]) }
            _ = try box.alert("--config", rules)
            box.pass(60, ["36": (1, 20)])
            #expect(try box.alert("--config", rules).status == Int32(status), "\(rule)")
        }
        // Levels below what is looked at closely otherwise.
        try write("device 0000:00:02.0 warn 10 crit 1k ignore placement\n", rules)
        box.pass(60, ["36": (1, 20)])
        let lowered = try box.alert("--config", rules)
        #expect(lowered.status == 1 && lowered.text.contains("storm: irq 36 gadget0"), "\(lowered.text)")
    }

    @Test func unhandledOfSlowLinesIsIgnoredByDevice() throws {
        let box = try FakeBox()
        try write("device 0000:00:02.0 ignore unhandled\n", box.root + "/rules")
        try box.spurious(36, count: 0, unhandled: 0, last: 0)
        for arguments in [[], ["--config", box.root + "/rules"]] {
            _ = try box.alert()
            let before = box.clock.boot
            box.pass(2, ["36": (1, 40)])
            try box.spurious(36, count: 80, unhandled: 80, last: Int(before))
            try box.write()
            #expect(try box.look(arguments).status == (arguments.isEmpty ? 1 : 0), "\(arguments)")
            try box.spurious(36, count: 0, unhandled: 0, last: Int(before))
            box.pass(2)
            _ = try box.alert()
        }
    }

    /// A copy may say anything, and the state keeps it for the next run.
    @Test func hugeCountsOfUnhandledInterruptsAreNumbers() throws {
        let box = try FakeBox()
        try box.write("irq/36/spurious", "count 0\nunhandled 18446744073709551615\nlast_unhandled 9 ms\n")
        for _ in 0..<3 {
            box.pass(2, ["36": (1, 40)])
            let result = try box.alert()
            #expect(result.status == 0, "\(result.text) \(result.errors)")
        }
    }

    // MARK: The kernel's word about disabled lines

    static func state(_ bits: String...) -> String {
        let lines = bits.map { "            \($0)\n" }.joined()
        return "handler:  handle_fasteoi_irq\ndevice:   (null)\nstatus:   0x00000000\nistate:   0x00004002\n\(lines)"
            + "ddepth:   1\nwdepth:   0\ndstate:   0x00413402\n            IRQ_TYPE_EDGE_RISING\nnode:     -1\n"
    }

    @Test func debugfsTellsOfDisabledLines() throws {
        let box = try FakeBox()
        let (sys, file) = (box.root + "/sys", box.root + "/sys/kernel/debug/irq/irqs/24")
        // Disabled before anybody looked: only the time of the last one is left of its counters.
        try box.spurious(24, count: 0, unhandled: 0, last: 4_000)
        try write(Self.state("IRQS_SPURIOUS_DISABLED"), file)
        _ = try box.alert("--sys-root", sys)
        box.pass(60)
        let disabled = try box.alert("--sys-root", sys)
        #expect(disabled.status == 2, "\(disabled.text)")
        #expect(disabled.text.contains("CRITICAL unhandled: irq 24 acpi: disabled by the kernel, since nobody claimed"))
        #expect(disabled.text.contains("debugfs says so") && !disabled.text.contains("most likely"), "\(disabled.text)")
        box.pass(60)
        let json = try box.alert("--sys-root", sys, "-J").text
        #expect(json.contains("\"disabled\":true") && json.contains("\"disabled_source\":\"debugfs\""))
        // Its driver was loaded again.
        try write(Self.state("IRQS_ONESHOT"), file)
        box.pass(60)
        let over = try box.alert("--sys-root", sys)
        #expect(over.status == 0 && over.text.contains("over"), "\(over.text)")
    }

    /// A kernel with noirqdebug judges nothing: what its counters suggest is wrong, and it says so.
    @Test func debugfsGoesBeforeTheCounters() throws {
        for isDenied in [false, true] {
            let box = try FakeBox()
            if isDenied { try write(Self.state("IRQS_REPLAY"), box.root + "/sys/kernel/debug/irq/irqs/24") }
            func look() throws -> ProcessResult { try box.alert("--sys-root", box.root + "/sys") }
            try box.spurious(24, count: 0, unhandled: 0, last: 0)
            _ = try look()
            box.pass(10, ["24": (0, 9_000)])
            try box.spurious(24, count: 90_000, unhandled: 90_000, last: 5_000)
            #expect(try look().status == 2)
            box.pass(10, ["24": (0, 1_500)])
            try box.spurious(24, count: 0, unhandled: 0, last: 15_000)
            _ = try look()
            box.pass(60)
            let result = try look()
            #expect(result.status == (isDenied ? 0 : 2), "\(isDenied): \(result.text)")
            #expect(result.text.contains("most likely disabled") == !isDenied, "\(result.text)")
        }
    }

    // MARK: Threads

    /// The counts of a network queue on a PREEMPT_RT kernel, which the threads of its handlers make too high.
    @Test func countsOfThreadedLinesAreNotBelieved() throws {
        enum Sight { case thread, noThread, hidden, none, forced }
        for (sight, status) in [(Sight.thread, 0), (.hidden, 0), (.forced, 0), (.noThread, 1), (.none, 1)] {
            let box = try FakeBox()
            switch sight {
            case .thread: try box.process(90, "irq/36-gadget0")
            case .noThread: try box.process(90, "irq/24-acpi")
            case .hidden: try box.process(1, "init", flags: 0x40_0100)
            case .forced: try box.write("version", "Linux version 6.12.95+deb12-rt-amd64 (x) #1 SMP PREEMPT_RT Debian\n")
            case .none: break
            }
            try box.spurious(36, count: 60, unhandled: 10, last: 1000)
            _ = try box.alert()
            box.pass(3, ["36": (0, 63)])
            try box.spurious(36, count: 240, unhandled: 58, last: 4000)
            let result = try box.alert()
            #expect(result.status == Int32(status), "\(sight): \(result.text)")
            if status == 1 { #expect(result.text.contains("25.4% of its interrupts unhandled"), "\(result.text)") }
        }
    }

    /// In the numbers of a storm they are unknown too, and take no excuse away.
    @Test func stormsOfThreadedLinesHaveNoUnhandledShare() throws {
        for isThreaded in [true, false] {
            let box = try FakeBox()
            try box.process(90, isThreaded ? "irq/36-gadget0" : "irq/24-acpi")
            try box.spurious(36, count: 60, unhandled: 10, last: 1000)
            _ = try box.alert()
            box.pass(1, ["36": (0, 50_000)])
            try box.spurious(36, count: 50_060, unhandled: 9_010, last: 4000)
            let result = try box.alert("-J", "--no-baseline")
            let share = try #require(result.text.firstMatch(of: /"unhandled_share":([0-9.a-z]+)/)).output.1
            #expect(isThreaded ? share == "null" : share.hasPrefix("0.18"), "\(isThreaded): \(result.text)")
        }
    }

    // MARK: Time asleep

    /// A minute of a storm, ten hours asleep, another minute: that is two minutes.
    @Test func sleepDoesNotLast() throws {
        let box = try FakeBox()
        let options = ["--for", "150s"]
        try box.write()
        _ = try box.look(options)
        func storm(asleep: Double = 0) throws -> ProcessResult {
            box.clock.boot += asleep
            box.clock.wall += asleep
            box.pass(60, ["36": (1, 50_000)])
            try box.write()
            return try box.look(options)
        }
        #expect(try storm().status == 0)
        #expect(try storm(asleep: 36_000).status == 0, "asleep it cannot last")
        let found = try storm()
        #expect(found.status == 1 && found.text.contains("for 3 min, since 2026-09-21 "), "\(found.text)")
        // The wall clock tells of its real beginning: 10 hours and 3 minutes ago.
        let json = try box.alert("-J").text
        let since = try #require(json.firstMatch(of: /"since":([0-9]+)/)).output.1
        #expect(UInt64(since) == 1_790_000_000_000_000_000, "\(since)")
        // It is as long gone as it must be, in time awake.
        box.clock.boot += 36_000
        box.pass(60, ["36": (1, 10)])
        try box.write()
        #expect(try box.look(options).status == 1)
    }
}
