internal import IRQCore

extension TopScreen {
    /// Draws who loads each CPU.
    mutating func drawCPUs(
        _ live: Box, _ state: inout TopState, from first: Int, to last: Int, on screen: inout Screen
    ) {
        let hasNodes = !live.nodes.isEmpty
        screen.move(first)
        screen.writeRight("CPU", width: 5)
        if hasNodes { screen.writeRight("node", width: 5) }
        screen.writeRight("irq/s", width: 9)
        screen.writeRight("softirq/s", width: 10)
        screen.writeRight("irq", width: 8)
        screen.writeRight("softirq", width: 8)
        screen.writeRight("ksoftirqd", width: 10)
        screen.skip(2)
        screen.write("load")
        screen.moveColumn(to: screen.currentColumn + 7)
        screen.write("most from")
        screen.dress(first, .title)
        let count = live.interrupts.sample.table.cpuCount
        var highest: UInt64 = 0
        for column in 0..<count { highest = max(highest, live.interrupts.columnTotal(column) ?? 0) }
        let places = scroll(&state, rowCount: count, pageCount: last - first - 1, followed: nil)
        for column in places {
            let line = first + 1 + column - places.lowerBound
            drawCPU(live, column, hasNodes, highest, line, on: &screen)
            if column == state.cursor { screen.dress(line, .selected) }
        }
    }

    private func drawCPU(
        _ live: Box, _ column: Int, _ hasNodes: Bool, _ highest: UInt64, _ line: Int,
        on screen: inout Screen
    ) {
        let cpu = live.interrupts.sample.table.cpu(column)
        let total = live.interrupts.columnTotal(column)
        screen.move(line)
        screen.writeRight(String(cpu), width: 5, .bold)
        if hasNodes { screen.writeRight(live.node(ofCPU: cpu).map { String($0) } ?? "-", width: 5, .dim) }
        let rate = total.flatMap { live.interrupts.perSecond($0) }
        screen.writeRight(Units.rate(rate), width: 9, .accent)
        screen.writeRight(Units.rate(softirqRate(live, cpu)), width: 10, .accent)
        let shares = live.cpuTimes.shares(cpu: cpu)
        let isIRQTimeKnown = live.cpuTimes.accountsIRQTime != false
        screen.writeRight(Units.percent(isIRQTimeKnown ? shares?.irq : nil), width: 8)
        screen.writeRight(Units.percent(shares?.softirq), width: 8)
        screen.writeRight(Units.percent(threadShare(live, cpu)), width: 10)
        screen.skip(2)
        let start = screen.currentColumn
        if let total, highest > 0 { Glyph.bar(Double(total) / Double(highest), width: 10, .accent, on: &screen) }
        screen.moveColumn(to: start + 11)
        drawHeaviest(live, column, total ?? 0, on: &screen)
    }

    /// The row with most of a CPU's interrupts, and its share of them.
    private func drawHeaviest(_ live: Box, _ column: Int, _ total: UInt64, on screen: inout Screen) {
        var (best, most): (Int, UInt64) = (-1, 0)
        for row in 0..<live.interrupts.sample.table.rowCount {
            let counts = live.interrupts.sample.table.row(row)
            guard counts.kind == .perCPU, !counts.isSum, let delta = live.interrupts.delta(row, column) else {
                continue
            }
            if delta > most { (best, most) = (row, delta) }
        }
        guard best >= 0, total > 0 else { return }
        let details = live.details(best)
        screen.write(details.label, .bold)
        screen.skip()
        screen.write(Units.percent(Double(most) / Double(total)), .accent)
        screen.skip()
        screen.write(details.name, width: screen.columnCount - screen.currentColumn)
    }

    private func softirqRate(_ live: Box, _ cpu: Int) -> Double? {
        for column in 0..<live.softirqs.sample.table.cpuCount where live.softirqs.sample.table.cpu(column) == cpu {
            return live.softirqs.columnTotal(column).flatMap { live.softirqs.perSecond($0) }
        }
        return nil
    }

    private func threadShare(_ live: Box, _ cpu: Int) -> Double? {
        for thread in live.softirqThreads where thread.cpu == cpu { return thread.share }
        return nil
    }
}
