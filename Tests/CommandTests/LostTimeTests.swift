import Foundation
import TestSupport
import Testing

/// Shares of CPUs that lack events: what is known is a lower bound, and it is told for how long nothing is known.
@Suite struct LostTimeTests {
    /// Two CPUs for a second: CPU 0 is busy for 0.2 s and unknown for 0.5 s, CPU 1 busy for 0.4 s.
    static func text(isCutAtEnd: Bool = false) -> Data {
        func line(_ cpu: Int, _ time: String, _ event: String) -> String {
            "          <idle>-0     [00\(cpu)] d.h1.     \(time): irq_handler_\(event)\n"
        }
        var lines = [
            line(0, "1.000000", "entry: irq=5 name=eth0"), line(1, "1.000000", "entry: irq=6 name=eth1"),
            line(0, "1.100000", "exit: irq=5 ret=handled"), line(1, "1.300000", "exit: irq=6 ret=handled"),
            "CPU:0 [LOST 7 EVENTS]\n",
            line(0, "1.600000", "entry: irq=5 name=eth0"), line(0, "1.700000", "exit: irq=5 ret=handled"),
            line(1, "1.900000", "entry: irq=6 name=eth1"), line(1, "2.000000", "exit: irq=6 ret=handled"),
        ]
        if isCutAtEnd { lines = lines.filter { !$0.hasPrefix("CPU:") } + ["CPU:0 [LOST 3 EVENTS]\n"] }
        return Data(("# tracer: nop\n#\n" + lines.joined()).utf8)
    }

    private func rows(_ text: String, after title: String) -> [[Substring]] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(where: { $0.hasPrefix(title) }) else { return [] }
        return lines[(start + 1)...].prefix { !$0.isEmpty }.map { $0.split(separator: " ", omittingEmptySubsequences: true) }
    }

    @Test func sharesAreLowerBounds() throws {
        let text = try irqscope("report", input: Self.text()).text
        let rows = rows(text, after: "CPU time in interrupts")
        #expect(rows[0] == ["CPU", "HARDIRQ", "ALL", "MISSING"])
        #expect(rows[1].prefix(6) == ["0", "≥", "20.0%", "≥", "20.0%", "50.0%"], "\(text)")
        #expect(rows[2].prefix(4) == ["1", "40.0%", "40.0%", "-"])
        #expect(text.contains("  200 ms  ≥ 20.0% of 0 ") && text.contains("  400 ms    40.0% of 1 "))
        #expect(text.contains("note: events of CPU 0 are missing, for up to 50.0% of the time: shares with ≥ are lower bounds"))
        let row = try irqscope("report", "--irq", "5", "--per-cpu", input: Self.text()).text
        #expect(row.contains("CPU 0  2 calls  200 ms  ≥ 20.0%  max 100 ms"), "\(row)")
    }

    @Test func programsLearnForHowLong() throws {
        let csv = try irqscope("report", "--csv", "--section", "cpus", input: Self.text()).text
        #expect(csv.contains("share,missing_ns\n") && csv.contains(",200000000,0.2,500000000\n") && csv.contains(",0.4,0\n"))
        let events = try Oracle.json(irqscope("report", "-J", input: Self.text()).output)["events"] as? Oracle.Object
        let cpus = try #require(events?["incomplete_cpus"] as? [Oracle.Object])
        #expect(cpus.count == 1 && cpus[0]["cpu"] as? Int == 0 && cpus[0]["missing_ns"] as? Int == 500_000_000)
        #expect(cpus[0]["buffer"] as? String == "")
    }

    /// A share that a finding tells is one, too.
    @Test func findingsSaySo() throws {
        var text = String(decoding: Self.text(), as: UTF8.self)
        text = text.replacingOccurrences(of: "1.300000", with: "1.010000").replacingOccurrences(of: "1.900000", with: "1.990000")
        let report = try irqscope("report", input: Data(text.utf8)).text
        #expect(report.contains("CPU 0 spent at least 20.0% of its time in interrupts, most of it in irq 5"), "\(report)")
    }

    @Test func severalRecordingsAddUp() throws {
        let folder = try TestFolder()
        let path = folder.file("t.txt")
        try Self.text().write(to: URL(fileURLWithPath: path))
        for words in [["report", path, path], ["report", "--by", "file", path, Places.recording("amd64-v7")]] {
            let text = try run(Places.command.path, words).text
            let row = rows(text, after: "CPU time in interrupts").first { $0.contains("50.0%") }
            #expect(row?.contains("≥") == true && text.contains("  note: events of CPU 0 are missing"), "\(text)")
        }
    }

    /// Events that are lost at the very end make a gap as well: in the table, and in the pictures.
    @Test func lossesAtTheEndAreGaps() throws {
        let text = try irqscope("report", input: Self.text(isCutAtEnd: true)).text
        #expect(rows(text, after: "CPU time in interrupts")[1].prefix(6) == ["0", "≥", "20.0%", "≥", "20.0%", "30.0%"], "\(text)")
        let page = try irqscope("report", "--format", "html", input: Self.text(isCutAtEnd: true)).text
        #expect(page.contains("polygon(70% 0,70% 100%,100% 100%,100% 0)"))
        #expect(page.contains("<span class=\"soft\">≥ 20.0%</span>") && page.contains("<span class=\"soft\">40.0%</span>"))
    }

    /// A file that ends too early: what its last CPUs did is unknown up to the end.
    @Test func cutFilesEndInGaps() throws {
        let folder = try TestFolder()
        let whole = try Data(contentsOf: URL(fileURLWithPath: Places.recording("armhf-v6")))
        try whole.prefix(whole.count - 9000).write(to: URL(fileURLWithPath: folder.file("cut.dat")))
        let events = try Oracle.json(irqscope("report", "-J", folder.file("cut.dat")).output)["events"] as? Oracle.Object
        let cpus = try #require(events?["incomplete_cpus"] as? [Oracle.Object])
        #expect(!cpus.isEmpty && cpus.allSatisfy { ($0["missing_ns"] as? Int ?? 0) > 0 })
        #expect(try irqscope("report", folder.file("cut.dat")).text.contains("≥ "))
        let before = try Oracle.json(irqscope("report", "-J", Places.recording("armhf-v6")).output)["events"] as? Oracle.Object
        #expect((before?["incomplete_cpus"] as? [Oracle.Object])?.isEmpty == true)
    }

    /// A handler that is entered and never ends, CPU 0 meanwhile goes on for two seconds.
    private static let stuck = """
        # tracer: nop
        #
                  <idle>-0       [001] d.h1.   100.000100: irq_handler_entry: irq=36 name=stuck0
                  <idle>-0       [000] d.h1.   100.000200: irq_handler_entry: irq=20 name=eth0
                  <idle>-0       [000] d.h1.   100.000300: irq_handler_exit: irq=20 ret=handled
                  <idle>-0       [000] d.h1.   102.000000: irq_handler_entry: irq=20 name=eth0
                  <idle>-0       [000] d.h1.   102.000100: irq_handler_exit: irq=20 ret=handled

        """

    @Test func aHandlerThatDoesNotEndIsNoIdleCPU() throws {
        let input = Data(Self.stuck.utf8)
        let text = try irqscope("report", input: input).text
        #expect(text.contains("note: irq 36 stuck0 on CPU 1 had run for 2.00 s at the end"), "\(text)")
        let rows = rows(text, after: "CPU time in interrupts")
        #expect(rows[1].prefix(2) == ["0", "0.01%"] && rows[2].prefix(5) == ["1", "≥", "0%", "≥", "0%"], "\(text)")
        let events = try Oracle.json(irqscope("report", "-J", input: input).output)["events"] as? Oracle.Object
        let open = try #require(events?["unended"] as? [Oracle.Object])
        #expect(open.count == 1 && open[0]["number"] as? Int == 36 && open[0]["name"] as? String == "stuck0")
        #expect(open[0]["cpu"] as? Int == 1 && open[0]["start_ns"] as? UInt64 == 100_000_100_000)
        // One that began a moment before the end is nothing to tell.
        let short = Data((Self.stuck + "          <idle>-0       [000] d.h1.   102.000200: irq_handler_entry: irq=20 name=eth0\n").utf8)
        #expect(try irqscope("report", input: short).text.components(separatedBy: "had run for").count == 2)
    }

    /// perf stops one CPU after another: what a CPU was in when it was stopped did not go on until the last one was.
    @Test func aCPUThatPerfStoppedFirstIsInNoHandler() throws {
        let line = { (cpu: Int, time: String, event: String) in "swapper     0 [00\(cpu)]   \(time): irq:irq_handler_\(event)\n" }
        let text = [
            line(1, "100.000100", "entry: irq=36 name=eth1"), line(0, "100.000200", "entry: irq=20 name=eth0"),
            line(0, "100.000300", "exit: irq=20 ret=handled"), line(0, "102.000000", "entry: irq=20 name=eth0"),
            line(0, "102.000100", "exit: irq=20 ret=handled"),
        ].joined()
        let report = try irqscope("report", input: Data(text.utf8)).text
        #expect(report.contains("1 still open at the end") && !report.contains("had run for") && !report.contains("≥"), "\(report)")
    }
}
