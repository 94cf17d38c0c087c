internal import IRQCore

extension TopScreen {
    /// Draws what is true of the whole machine; returns the first row below it.
    func drawHead(_ live: Box, _ state: TopState, on screen: inout Screen) -> Int {
        // A low screen keeps room for its table: rates and the trace give way, then what is always so here, then the title.
        var line = 0
        if screen.rowCount > 3 {
            drawTitle(live, state, on: &screen)
            line = 1
        }
        if screen.rowCount > 6 {
            drawRates(live, on: &screen)
            line = 2
        }
        let last = screen.rowCount > 20 ? 6 : screen.rowCount > 10 ? 5 : screen.rowCount > 4 ? line + 1 : line
        let hasRoom = screen.rowCount > 8
        // What went wrong, and what to do about it, comes before what is always so here.
        for problem in live.problems { line = Self.drawNote("", problem, .alarm, line, last, on: &screen) }
        if state.view == .help { return line }
        if live.tracing.isOn {
            if line < last, hasRoom, drawTracing(live, line, on: &screen) { line += 1 }
        } else if let reason = live.tracing.reason, !live.tracing.isSwitchedOff, !state.hidesNotes, hasRoom {
            line = Self.drawNote("no handler times: ", reason, .dim, line, last, on: &screen)
        }
        // Before the first interval is over nobody told anything yet, and the trace may be about to begin.
        let isFirst = live.interrupts.intervalNanoseconds == nil
        if !state.hidesNotes, live.irqTimeSource != .kernel, !isFirst, screen.rowCount > 12, line < last {
            let head = live.irqTimeSource == .trace ? "irq is the time of traced handlers: " : "irq is unknown: "
            let words =
                state.showsCursor
                ? "this kernel does not account it (n hides this)." : "this kernel does not account it."
            line = Self.drawNote(head, words, .dim, line, last, on: &screen)
        }
        return line
    }

    /// Draws a sentence and what stands at its head on as many lines as it takes, up to the line `last`; returns the line
    /// below it.
    private static func drawNote(
        _ head: String, _ words: String, _ style: CellStyle, _ line: Int, _ last: Int, on screen: inout Screen
    ) -> Int {
        var line = line
        var isFirst = true
        for part in BrokenLines(words, width: max(screen.columnCount, 10), used: head.utf8.count) {
            if line >= last {
                if !isFirst { screen.signCut() }
                break
            }
            screen.move(line)
            if isFirst { screen.write(head, style) }
            isFirst = false
            screen.write(part, style)
            line += 1
        }
        return line
    }

    private func drawTitle(_ live: Box, _ state: TopState, on screen: inout Screen) {
        screen.move(0)
        screen.write("irqscope", .bold)
        screen.skip(2)
        if !facts.clock.isEmpty {
            screen.write(facts.clock)
            screen.skip(2)
        }
        if state.isFrozen {
            screen.write("FROZEN", .warning)
            if let since = facts.frozen {
                screen.write(" since ", .warning)
                screen.write(since, .warning)
            }
            screen.skip(2)
        }
        screen.write(String(live.interrupts.sample.table.cpuCount), .accent)
        screen.write(live.interrupts.sample.table.cpuCount == 1 ? " CPU" : " CPUs")
        screen.write("  every ")
        let isTenths = state.intervalNanoseconds % 100_000_000 == 0
        screen.write(Units.fixed(Double(state.intervalNanoseconds) / 1e9, isTenths ? 1 : 3), .accent)
        screen.write(" s")
        if !state.shownFilter.isEmpty, !state.isTyping {
            screen.write("  filter: ", .warning)
            screen.write(state.shownFilter, .warning)
        }
        Self.writeWhole("  own ", Units.percent(ownShare(live)), on: &screen)
        let memory = Units.fixed(Double(live.cost.residentByteCount) / 1_048_576, 1)
        Self.writeWhole(" ", memory, " MiB", on: &screen)
        // Paths may be long: what people must know stands before them.
        if let root = facts.root {
            screen.write("  of ")
            screen.write(root, .warning, width: screen.columnCount - screen.currentColumn)
        }
        if let kernel = facts.kernel {
            screen.write("  Linux ", width: screen.columnCount - screen.currentColumn)
            screen.write(kernel, width: screen.columnCount - screen.currentColumn)
        }
    }

    private func drawRates(_ live: Box, on screen: inout Screen) {
        screen.move(1)
        let shares = live.cpuTimes.meanShares
        Self.writeWhole("interrupts ", rate(live.interrupts), "/s", on: &screen)
        Self.writeWhole("  softirqs ", rate(live.softirqs), "/s", on: &screen)
        Self.writeWhole("  CPU irq ", Units.percent(live.meanIRQShare), on: &screen)
        Self.writeWhole(" softirq ", Units.percent(shares?.softirq), on: &screen)
        Self.writeWhole(" ksoftirqd ", Units.percent(threadShare(live)), isLast: true, on: &screen)
    }

    /// Writes a number with its words, whole or not at all: one that is cut at the edge is another number. Two columns are
    /// left for the sign of what comes behind, if anything does.
    private static func writeWhole(
        _ words: String, _ number: String, _ unit: String = "", isLast: Bool = false, on screen: inout Screen
    ) {
        let end = screen.currentColumn + words.utf8.count + number.utf8.count + unit.utf8.count
        guard end + (isLast ? 0 : 2) <= screen.columnCount else {
            screen.signCut()
            screen.moveColumn(to: screen.columnCount)
            return
        }
        screen.write(words)
        screen.write(number, .accent)
        screen.write(unit)
    }

    /// Says what the trace costs and misses.
    private func drawTracing(_ live: Box, _ line: Int, on screen: inout Screen) -> Bool {
        screen.move(line)
        let interval = live.tracing.intervalNanoseconds ?? 0
        let events = live.tracing.durations.events
        let rate = Units.rate(interval > 0 ? Double(events) * 1e9 / Double(interval) : nil)
        let share = live.tracing.writingShare(cpuCount: live.interrupts.sample.table.cpuCount)
        let cost = live.tracing.deep.isOn ? Units.percent(share) : nil
        let lost = Units.count(live.tracing.durations.totalLost)
        // What was lost is told whole, or it would be another number: on a narrow screen other words give way.
        let width = "tracing /s, lost ".utf8.count + rate.utf8.count + lost.utf8.count
        let costWidth = cost.map { " (kernel )".utf8.count + $0.utf8.count } ?? 0
        let (hasUnit, hasRate) = (width + 7 <= screen.columnCount, width <= screen.columnCount)
        let hasCost = width + 7 + costWidth <= screen.columnCount
        if hasRate {
            screen.write("tracing ")
            screen.write(rate, .accent)
            screen.write(hasUnit ? " events/s" : "/s")
        }
        if let cost, hasCost {
            screen.write(" (kernel ")
            screen.write(cost, .accent)
            screen.write(")")
        }
        screen.write(hasRate ? ", lost " : "lost ")
        let isLost = live.tracing.durations.totalLost > 0 || live.tracing.durations.gaps > 0
        screen.write(lost, isLost ? .alarm : .good)
        let since = " since the start"
        if screen.currentColumn + since.utf8.count <= screen.columnCount { screen.write(since) }
        if live.tracing.deep.isOn {
            screen.write("; tasks ")
            let count = live.tracing.deep.tasks.count + live.tracing.deep.moreTasks
            screen.write(live.tracing.knowsTasks ? String(count) : "-", .accent)
            if live.tracing.deep.restarts > 0 {
                screen.write(", anew ")
                screen.write(Units.count(live.tracing.deep.restarts), .warning)
                screen.write(" times")
            }
        }
        if let missing = live.tracing.missingEvents.first {
            screen.write("; this kernel has no ")
            screen.write(missing)
        }
        return true
    }

    private func rate(_ intervals: borrowing CounterIntervals) -> String {
        Units.rate(intervals.perSecond(intervals.totalDelta))
    }

    /// The mean share of a CPU that the ksoftirqd of all CPUs took.
    private func threadShare(_ live: Box) -> Double? {
        var (sum, count) = (0.0, 0)
        for thread in live.softirqThreads {
            guard let share = thread.share else { continue }
            sum += share
            count += 1
        }
        return count > 0 ? sum / Double(count) : nil
    }

    /// The share of one CPU that this process took.
    private func ownShare(_ live: Box) -> Double? {
        guard let used = live.cost.intervalCPUNanoseconds, let interval = live.interrupts.intervalNanoseconds else {
            return nil
        }
        return Double(used) / Double(interval)
    }
}
