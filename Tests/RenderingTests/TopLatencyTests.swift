@testable import IRQCore
import TestSupport
import Testing
import TraceFormats

@testable import Rendering

/// What a latency hunter looks for: notes that can be hidden, CPUs that the kernel does not time, vectors, idle softirqs.
@Suite struct TopLatencyTests {
    /// A machine whose kernel has not accounted one tick of a million interrupts, traced or not.
    static func machine(isTraced: Bool, vectors: [String] = []) throws -> Box {
        let live = Box()
        live.time.wall = 86_400 * LiveFixture.second
        if isTraced {
            live.changeTracing { $0.start(vectorNames: vectors, missingEvents: [], wall: live.time.wall) }
        }
        for time in 1...2 as ClosedRange<UInt64> {
            try LiveFixture.sample(
                live, cpus: [0, 3],
                rows: [
                    ("36", [1000 * time, 0], "PCI-MSI 1-edge disk"), ("LOC", [9 * time, 9], "Local timer interrupts"),
                    ("ERR", [0], ""),
                ],
                softirqs: [("TIMER", [0, 5 * time], ""), ("HI", [7, 7], "")], at: time * LiveFixture.second)
            let stat = "cpu0 \(time * 50) 0 0 0 0 0 \(time * 50) 0\ncpu3 0 0 0 \(time * 100) 0 0 0 0\nintr 2000000\n"
            let bytes = Array(stat.utf8)
            let span = bytes.span
            try live.takeTimes(span.bytes)
        }
        if isTraced { feed(live) }
        return live
    }

    /// 1,000 handlers of 200 µs on CPU 0, and a timer of 30 µs on CPU 3.
    private static func feed(_ live: Box) {
        let layout = PageLayout(subBufferByteCount: 65_536, commitByteCount: 8, byteOrder: .little)!
        let texts = FormatTexts()
        var formats = EventFormats()
        let parser = KernelFormats(byteOrder: .little, longByteCount: 8)
        for event in FormatTexts.ids {
            let text = Array(texts.text(event.name).utf8)
            let span = text.span
            _ = parser?.add(span.bytes, system: event.system, to: &formats)
        }
        let writer = EventBuilder(texts, .little)
        var pages = [PageBuilder(layout, start: 0), PageBuilder(layout, start: 0)]
        for call in 0..<1000 as Range<UInt64> {
            pages[0].event(at: call * 1_000_000, writer.irqEntry(36, "x"))
            pages[0].event(at: call * 1_000_000 + 200_000, writer.irqExit(36, ret: 1))
        }
        pages[1].event(at: 100, writer.timer("entry"))
        pages[1].event(at: 30_100, writer.timer("exit"))
        for (page, cpu) in zip(pages, [0, 3]) {
            let bytes = page.bytes()
            let span = bytes.span
            live.changeTracing {
                $0.feed(page: span.bytes, cpu: cpu, decoder: PageDecoder(layout: layout), formats: formats)
            }
        }
        live.changeTracing { $0.endInterval(nanoseconds: LiveFixture.second, wallOffset: live.time.wall) }
    }

    static func lines(
        _ live: Box, _ view: TopState.View, rows: Int = 24, columns: Int = 80, _ change: (inout TopState) -> Void = { _ in }
    ) -> [String] {
        var frame = TopScreen(facts: TopFacts(kernel: "6.1.0"))
        var state = TopState()
        var screen = Screen(isUnicode: true)
        state.view = view
        change(&state)
        screen.begin(rowCount: rows, columnCount: columns)
        frame.draw(live, &state, on: &screen)
        return TopScreenTests.lines(screen)
    }

    @Test func irqTimeThatTheKernelDoesNotAccountIsTraced() throws {
        let live = try Self.machine(isTraced: true, vectors: ["local_timer"])
        let cells = Self.lines(live, .cpus).map { $0.split(separator: " ").map { String($0) } }
        #expect(cells.first { $0.first == "0" }?[3] == "20.0%" && cells.first { $0.first == "3" }?[3] == "<0.01%")
        #expect(Self.lines(live, .cpus)[1].contains("CPU irq 10.0%"))
        let untraced = try Self.machine(isTraced: false)
        let others = Self.lines(untraced, .cpus).map { $0.split(separator: " ").map { String($0) } }
        #expect(others.first { $0.first == "0" }?[3] == "-")
        // Times on its page, and what came to it.
        let page = Self.lines(live, .cpu) { $0.cpu = 0 }
        #expect(page.contains { $0.contains("irq 20.0% (traced handlers), softirq 50.0%") })
        #expect(page.contains { $0.hasPrefix("        36    1.00k   99.1%   20.0%   200µs") }, "\(page)")
    }

    @Test func theNoteCanBeHiddenAndAdviceStays() throws {
        let live = try Self.machine(isTraced: false)
        live.changeTracing { $0.stop(reason: "/sys/kernel/tracing: tracing is for root only; run irqscope as root, as in sudo irqscope") }
        live.problems = ["/proc/softirqs: it is gone; mount /proc anew"]
        for (rows, columns) in [(24, 80), (50, 200), (20, 60), (14, 60)] {
            let head = Self.lines(live, .interrupts, rows: rows, columns: columns).joined(separator: " ")
            #expect(head.contains("mount /proc anew") && head.contains("sudo irqscope"), "\(rows)x\(columns)")
        }
        #expect(Self.lines(live, .interrupts).contains { $0.contains("does not account it (n hides this)") })
        let hidden = Self.lines(live, .interrupts) { $0.hidesNotes = true }.joined(separator: " ")
        #expect(!hidden.contains("account") && !hidden.contains("no handler times") && hidden.contains("mount /proc anew"))
    }

    @Test func vectorsSayHowToGetTheirTimes() throws {
        func page(_ live: Box, _ row: Int) -> [String] {
            Self.lines(live, .detail, rows: 50) { $0.detailSerial = live.interrupts.interval(row).serial }
        }
        let untraced = try Self.machine(isTraced: true)
        #expect(page(untraced, 1).contains { $0.contains("--events irq,softirq,irq_vectors") })
        #expect(page(untraced, 2).contains { $0.contains("the kernel has no events for it") })
        let traced = page(try Self.machine(isTraced: true, vectors: ["local_timer"]), 1)
        // Whose interrupt it was is asked of handlers alone: nobody counts 0 % here. Its times are distributed, too.
        #expect(traced.contains { $0.contains("interval    30.0µs  30.0µs  30.0µs  <0.01%       1          -") }, "\(traced)")
        #expect(traced.contains { $0.hasPrefix(" since start  16.4µs+ ███") && $0.hasSuffix(" 1") }, "\(traced)")
        #expect(page(try Self.machine(isTraced: true), 0).contains { $0.hasPrefix("    interval") && $0.hasSuffix("0%") })
    }

    @Test func idleSoftirqsAndCPUsHide() throws {
        let live = try Self.machine(isTraced: false)
        func labels(_ view: TopState.View, hidesIdle: Bool) -> [String] {
            let lines = Self.lines(live, view) { $0.hidesIdle = hidesIdle }
            let title = lines.firstIndex { $0.contains("/s ") && !$0.hasPrefix("interrupts") } ?? lines.endIndex - 1
            return lines[(title + 1)...].prefix { !$0.hasPrefix("F1") }.compactMap { $0.split(separator: " ").first.map { String($0) } }
        }
        #expect(labels(.softirqs, hidesIdle: false) == ["TIMER", "HI"])
        #expect(labels(.softirqs, hidesIdle: true) == ["TIMER"])
        #expect(labels(.cpus, hidesIdle: false) == ["0", "3"])
        #expect(labels(.cpus, hidesIdle: true) == ["0"])
    }

    /// What does not fit is missed by a sign, on each view and at each width: no line ends in the middle of a word or a
    /// number that a wider screen completes.
    @Test func nothingIsCutWithoutASign() throws {
        let live = try Self.machine(isTraced: true, vectors: ["local_timer"])
        for view in TopState.View.allCases {
            func shown(_ columns: Int) -> [String] {
                Self.lines(live, view, rows: 60, columns: columns) {
                    ($0.detailSerial, $0.cpu) = (live.interrupts.interval(0).serial, 3)
                }
            }
            let words = Set(shown(300).flatMap { $0.split(separator: " ").map { String($0) } })
            for columns in stride(from: 20, through: 120, by: 4) {
                for line in shown(columns).dropLast() where line.unicodeScalars.count == columns {
                    let last = String(line.split(separator: " ").last ?? "")
                    let isWhole = words.contains(last) || words.contains { $0.hasSuffix(last) && view == .help }
                    let isDrawn = last.unicodeScalars.allSatisfy { (0x2580...0x258F).contains($0.value) || $0 == "·" }
                    #expect(isWhole || isDrawn || last.hasSuffix("…"), "\(view), \(columns): \(line)")
                }
            }
        }
    }

    /// The number of lost events is never cut, however narrow the screen is.
    @Test(arguments: [24, 30, 40, 50, 60, 80], [false, true]) func whatWasLostIsToldWhole(width: Int, isDeep: Bool) throws {
        let live = try Self.machine(isTraced: true)
        live.changeTracing { tracing in
            if isDeep { tracing.start(vectorNames: [], missingEvents: [], isDeep: true) }
            tracing.durations.totalLost = 12_345_678
        }
        var frame = TopScreen(facts: TopFacts(kernel: "6.1", clock: "12:34:56", root: nil))
        var state = TopState()
        var screen = Screen(isUnicode: true)
        screen.begin(rowCount: 24, columnCount: width)
        frame.draw(live, &state, on: &screen)
        let line = try #require(TopScreenTests.lines(screen).first { $0.contains("lost") })
        #expect(line.contains("lost 12,345,678") && (width < 40 || line.contains("tracing ")), "\(line)")
        #expect(line.contains(" since the start") == (width >= 80 || width == 60 && !isDeep), "\(line)")
    }
}
