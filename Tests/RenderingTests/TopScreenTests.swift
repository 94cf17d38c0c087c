import IRQCore
import TestSupport
import Testing

@testable import Rendering

/// The screens as a pure function, at sizes and on machines that no test has at hand.
@Suite struct TopScreenTests {
    static let hostile = "evil\u{1B}[2J\u{1B}]0;x\u{07}\u{9B}31m\u{202E}中\u{301}\u{7F}" + String(repeating: "long-", count: 200)

    /// Two samples of a machine; rows with names of all kinds.
    static func machine(cpuCount: Int, nodeCount: Int, rowCount: Int) throws -> Box {
        let live = Box()
        let cpus = Array(0..<cpuCount)
        live.nodes = nodeCount > 1 ? cpus.map { Int16($0 * nodeCount / cpuCount) } : []
        for time in 1...3 as ClosedRange<UInt64> {
            var rows: [LiveFixture.Row] = (0..<rowCount).map { row in
                let tail = row % 3 == 0 ? hostile : "PCI-MSI 5-edge name\(row)"
                return (String(row), cpus.map { UInt64($0 * row + 1) * time * 100_000 }, tail)
            }
            if rowCount > 0 { rows.append(("LOC", cpus.map { UInt64($0) * time }, "Local timer interrupts")) }
            if rowCount > 0 { rows.append(("FIQ", [], "usb_fiq")) }
            try LiveFixture.sample(
                live, cpus: cpus, rows: rows, softirqs: [("TIMER", cpus.map { UInt64($0) * time }, "")],
                at: time * LiveFixture.second
            ) {
                $0.affinity = CPUSet(cpus.filter { $0 % 2 == 0 })
                $0.node = 0
                $0.devices = [Device(address: hostile, bus: hostile, driver: hostile)]
            }
        }
        live.problems = ["/proc/softirqs: \(hostile)"]
        return live
    }

    static let sizes = [
        (1, 1), (1, 300), (2, 2), (3, 10), (4, 80), (5, 20), (12, 60), (24, 80), (40, 120), (50, 200), (100, 300), (100, 1), (0, 0),
    ]

    @Test(arguments: [1, 2, 16, 64, 1152], [1, 4])
    func neverTrapsAndNeverLetsAnythingThrough(cpuCount: Int, nodeCount: Int) throws {
        for rowCount in [0, 1, 30] {
            let live = try Self.machine(cpuCount: cpuCount, nodeCount: min(nodeCount, cpuCount), rowCount: rowCount)
            var frame = TopScreen(facts: TopFacts(kernel: Self.hostile, clock: "12:34:56", root: Self.hostile))
            for (height, width) in Self.sizes {
                for view in TopState.View.allCases {
                    var state = TopState()
                    state.view = view
                    state.detailSerial = 1
                    (state.filter, state.softirqFilter) = (view == .softirqs ? Self.hostile : "", view == .softirq ? Self.hostile : "")
                    state.cpu = UInt32(cpuCount - 1)
                    (state.cursor, state.firstRow, state.firstLine, state.firstColumn) = (9999, 9999, 9999, 9999)
                    state.isFolded = height % 2 == 0
                    let own: ScreenCharacters = width % 20 == 0 ? .console : .ascii
                    for characters in [own, .unicode] {
                        var screen = Screen(characters)
                        screen.begin(rowCount: height, columnCount: width)
                        frame.draw(live, &state, on: &screen)
                        expectHarmless(screen)
                    }
                    #expect(state.cursor < max(frame.rowCount, 1) || view.isPage)
                    #expect(state.firstLine < max(frame.rowCount, 1) || view != .help)
                    #expect(state.firstColumn <= max(cpuCount, 9999 * (view == .cpus || view == .tasks || view.isPage ? 1 : 0)))
                }
            }
        }
    }

    private func expectHarmless(_ screen: borrowing Screen) {
        for row in 0..<screen.rowCount {
            for column in 0..<screen.columnCount {
                let scalar = screen.cell(row, column).scalar
                let isPlain = (0x20...0x7E).contains(scalar)
                let isDrawn =
                    switch screen.characters {
                    case .ascii: false
                    case .console: 0xA1...0xFF ~= scalar && scalar != 0xAD || ConsoleFonts.drawn.contains(scalar)
                    case .unicode: 0xA1...0x24F ~= scalar && scalar != 0xAD || 0x2026...0x259F ~= scalar
                    }
                if !isPlain && !isDrawn { Issue.record("U+\(String(scalar, radix: 16)) at \(row), \(column)") }
            }
        }
    }

    /// The characters beyond Latin-1 that are in the fonts of console-setup 1.221 (its 450 fonts for scripts with Latin
    /// letters) and in the kernel's own (drivers/tty/vt/cp437.uni): arrows, the full block, two shades. The ellipsis and
    /// eighths of a block are not.
    enum ConsoleFonts {
        static let drawn: Set<UInt32> = [0x2190, 0x2191, 0x2192, 0x2193, 0x2588, 0x2591, 0x2592]
    }

    static func lines(_ screen: borrowing Screen) -> [String] {
        let blocks = Blocks()
        var output = blocks.output()
        for row in 0..<screen.rowCount { screen.writeLine(row, to: &output) }
        output.flush()
        return String(decoding: blocks.bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    }

    /// A batch is drawn in bands: they are what one band would be.
    @Test func bandsMakeTheWhole() throws {
        let live = try Self.machine(cpuCount: 4, nodeCount: 2, rowCount: 30)
        var state = TopState()
        var frame = TopScreen(facts: TopFacts(kernel: "6.1", clock: "12:34:56", root: nil))
        frame.arrangeBatch(live, state)
        let count = frame.batchRowCount(live)
        func drawn(_ bandRowCount: Int) -> [String] {
            var lines: [String] = []
            for start in stride(from: 0, to: count, by: bandRowCount) {
                var screen = Screen(isUnicode: true)
                screen.begin(rowCount: count, columnCount: 120, window: start..<min(start + bandRowCount, count))
                _ = frame.drawBatch(live, &state, on: &screen)
                let blocks = Blocks()
                var output = blocks.output()
                for row in screen.window { screen.writeLine(row, to: &output) }
                output.flush()
                lines += String(decoding: blocks.bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
                    .dropLast().map { String($0) }
            }
            return lines
        }
        let whole = drawn(count)
        #expect(whole.count == count && whole.contains { $0.contains("name29") } && whole.contains { $0.contains("TIMER") })
        for bandRowCount in [1, 3, 7, 16] { #expect(drawn(bandRowCount) == whole) }
    }

    @Test func cursorStaysOnItsRowWhenRowsChangePlaces() throws {
        let live = Box()
        var counts: [UInt64] = [0, 0, 0]
        var frame = TopScreen(facts: TopFacts(kernel: nil))
        var state = TopState()
        var screen = Screen(isUnicode: false)
        func sample(_ rates: [UInt64], _ time: UInt64) throws {
            for index in 0..<3 { counts[index] += rates[index] }
            let rows: [LiveFixture.Row] = (0..<3).map { (String(30 + $0), [counts[$0]], "chip 1-edge name\($0)") }
            try LiveFixture.sample(live, cpus: [0], rows: rows, at: time * LiveFixture.second)
            screen.begin(rowCount: 10, columnCount: 80)
            frame.draw(live, &state, on: &screen)
        }
        try sample([0, 0, 0], 1)
        try sample([30, 20, 10], 2)
        #expect(frame.order.rows == [0, 1, 2] && state.cursor == 0)
        let second = frame.serial(live, state.view, 1)
        state.take(.down, rowCount: frame.rowCount, pageCount: frame.pageCount) { _ in second }
        try sample([10, 5, 30], 3)
        #expect(frame.order.rows == [2, 0, 1] && state.cursor == 2)
        #expect(screen.cell(2 + 1 + 2, 0).style == .selected)
        // It is a look at the first place as long as nobody moved it.
        state = TopState()
        try sample([100, 5, 30], 4)
        #expect(state.cursor == 0)
    }

    @Test func theFootIsNeverMixedWithRows() throws {
        let live = try Self.machine(cpuCount: 2, nodeCount: 1, rowCount: 30)
        var frame = TopScreen(facts: TopFacts(kernel: "6.1"))
        for height in 1...8 {
            var state = TopState()
            var screen = Screen(isUnicode: true)
            screen.begin(rowCount: height, columnCount: 80)
            frame.draw(live, &state, on: &screen)
            let foot = Self.lines(screen)[height - 1]
            #expect(foot == "F1Help EnterDetail aPlan 1-4Views F4Filter F6Sort zIdle SpaceFreeze qQuit")
        }
    }

    /// The head gives way; what went wrong (here that there are no softirqs) stays as long as it leaves a row.
    @Test(arguments: [(3, 1), (4, 1), (5, 1), (6, 2), (7, 2), (9, 4), (10, 5)])
    func lowScreensShowRows(_ height: Int, _ count: Int) throws {
        let live = try Self.machine(cpuCount: 2, nodeCount: 1, rowCount: 30)
        var frame = TopScreen(facts: TopFacts(kernel: "6.1"))
        var state = TopState()
        var screen = Screen(isUnicode: true)
        screen.begin(rowCount: height, columnCount: 20)
        frame.draw(live, &state, on: &screen)
        let lines = Self.lines(screen)
        let titles = try #require(lines.firstIndex { $0.contains("IRQ") })
        #expect(titles == height - 2 - count && lines[0].hasPrefix(height > 3 ? "irqscope" : "   IRQ"), "\(lines)")
        #expect(lines[titles + 1..<height - 1].allSatisfy { !$0.isEmpty }, "\(lines)")
    }

    @Test func numbersOfTheHeadAreWholeOrNotThere() throws {
        let live = try Self.machine(cpuCount: 2, nodeCount: 1, rowCount: 3)
        var frame = TopScreen(facts: TopFacts(kernel: nil))
        var whole = ""
        for width in (10...120).reversed() {
            var state = TopState()
            var screen = Screen(isUnicode: true)
            screen.begin(rowCount: 20, columnCount: width)
            frame.draw(live, &state, on: &screen)
            let line = Self.lines(screen)[1]
            if width == 120 { whole = line }
            // Whatever is missing is missed by a sign, which stands for itself.
            let shown = line.hasSuffix("…") ? line.dropLast().split(separator: " ") : line.split(separator: " ")
            #expect(whole.split(separator: " ").starts(with: shown), "\(width) columns: \(line)")
            #expect(line == whole || line.hasSuffix(" …") || line == "…", "\(width) columns: \(line)")
        }
    }

    @Test func listsOfCPUsAreNeverCutWithinANumber() {
        let lists: [[Int]] = [[0], [0, 1, 2, 3], [0, 2, 4, 6, 8, 10], [1024, 1025, 1026], [7, 100, 101, 102, 1151], []]
        for cpus in lists {
            let set = CPUSet(cpus)
            let whole = cpus.isEmpty ? "-" : set.list
            for width in 0...20 {
                var screen = Screen(isUnicode: false)
                screen.begin(rowCount: 1, columnCount: 30)
                screen.writeLeft(set, width: width)
                #expect(screen.currentColumn == width)
                let text = Self.lines(screen)[0]
                #expect(text.utf8.count <= width)
                let isCut = text.hasSuffix("~")
                if isCut {
                    let kept = text.dropLast()
                    #expect(kept.isEmpty || kept.hasSuffix(",") && whole.hasPrefix(kept), "\(text) of \(whole) in \(width)")
                } else {
                    #expect(text == whole || width == 0, "\(text) of \(whole) in \(width)")
                }
            }
        }
    }

    @Test func sparklineShowsTheNewestOnTheRight() throws {
        let live = Box()
        var count: UInt64 = 0
        for (time, rate) in [0, 100, 50, 0, 100].enumerated() {
            count += UInt64(rate)
            try LiveFixture.sample(live, cpus: [0], rows: [("30", [count], "a 1-edge b")], at: UInt64(time + 1) * LiveFixture.second)
        }
        var screen = Screen(isUnicode: true)
        screen.begin(rowCount: 1, columnCount: 10)
        Sparkline.draw(live.interrupts, slot: live.interrupts.interval(0).slot, width: 8, on: &screen)
        #expect(Self.lines(screen)[0] == "    █▄·█")
        screen.begin(rowCount: 1, columnCount: 10)
        Sparkline.draw(live.interrupts, slot: live.interrupts.interval(0).slot, width: 2, on: &screen)
        #expect(Self.lines(screen)[0] == "·█")
        screen.begin(rowCount: 1, columnCount: 300)
        Sparkline.draw(live.interrupts, slot: live.interrupts.interval(0).slot, width: 300, on: &screen)
        #expect(Self.lines(screen)[0].hasSuffix(" █▄·█") && Self.lines(screen)[0].count == 300)
    }
}
