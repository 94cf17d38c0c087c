internal import IRQCore

/// A column of the table of CPUs.
private enum CPUColumn: String, CaseIterable {
    case cpu = "CPU", node, interrupts = "irq/s", softirqs = "softirq/s", irq, softirq, ksoftirqd
    case load, heaviest = "most from"

    /// The width with the blanks before it.
    var width: Int {
        switch self {
        case .cpu, .node: 5
        case .interrupts: 9
        case .softirqs, .ksoftirqd: 10
        case .irq, .softirq: 8
        case .load: 13
        case .heaviest: 26  // its title, and the order beside it
        }
    }

    /// The columns in the order in which they get room.
    static let byImportance: [CPUColumn] = [
        .cpu, .interrupts, .irq, .softirq, .softirqs, .heaviest, .ksoftirqd, .node, .load,
    ]
}

extension TopScreen {
    /// Draws who loads each CPU.
    mutating func drawCPUs(
        _ live: Box, _ state: inout TopState, from first: Int, to last: Int, on screen: inout Screen
    ) {
        let columns = Self.layCPUs(columnCount: screen.columnCount, hasNodes: !live.nodes.isEmpty)
        screen.move(first)
        for column in columns {
            switch column {
            case .load:
                screen.skip(2)
                screen.writeLeft(column.rawValue, width: column.width - 2)
            case .heaviest:
                screen.skip(2)
                screen.write(column.rawValue)
            default: screen.writeRight(column.rawValue, width: column.width)
            }
        }
        Self.drawOrder(state, on: &screen)
        screen.dress(first, .title)
        var highest: UInt64 = 0
        for column in 0..<live.interrupts.sample.table.cpuCount {
            highest = max(highest, live.interrupts.columnTotal(column) ?? 0)
        }
        var followed: Int?
        if let cpu = state.followed {
            for (place, column) in cpuOrder.rows.enumerated()
            where live.interrupts.sample.table.cpu(Int(column)) == Int(cpu) { followed = place }
        }
        let places = scroll(&state, rowCount: cpuOrder.rows.count, pageCount: last - first - 1, followed: followed)
        for place in places {
            let line = first + 1 + place - places.lowerBound
            screen.move(line)
            for column in columns {
                draw(column, live, Int(cpuOrder.rows[place]), highest, on: &screen)
            }
            if place == state.cursor { screen.dress(line, .selected) }
        }
    }

    private static func layCPUs(columnCount: Int, hasNodes: Bool) -> [CPUColumn] {
        var (left, shown) = (columnCount, [CPUColumn]())
        for column in CPUColumn.byImportance where hasNodes || column != .node {
            guard column.width <= left || column == .cpu else { continue }
            left -= column.width
            shown.append(column)
        }
        return CPUColumn.allCases.filter { shown.contains($0) }
    }

    private func draw(
        _ column: CPUColumn, _ live: Box, _ place: Int, _ highest: UInt64, on screen: inout Screen
    ) {
        let cpu = live.interrupts.sample.table.cpu(place)
        let width = column.width
        switch column {
        case .cpu: screen.writeRight(String(cpu), width: width, .bold)
        case .node: screen.writeRight(live.node(ofCPU: cpu).map { String($0) } ?? "-", width: width, .dim)
        case .interrupts:
            let rate = live.interrupts.columnTotal(place).flatMap { live.interrupts.perSecond($0) }
            screen.writeRight(Units.rate(rate), width: width, .accent)
        case .softirqs:
            let rate = live.softirqTotal(cpu: cpu).flatMap { live.softirqs.perSecond($0) }
            screen.writeRight(Units.rate(rate), width: width, .accent)
        case .irq: screen.writeRight(Units.percent(live.irqShare(cpu: cpu)), width: width)
        case .softirq: screen.writeRight(Units.percent(live.cpuTimes.shares(cpu: cpu)?.softirq), width: width)
        case .ksoftirqd: screen.writeRight(Units.percent(Self.threadShare(live, cpu)), width: width)
        case .load:
            screen.skip(2)
            let end = screen.currentColumn + width - 2
            if highest > 0, let total = live.interrupts.columnTotal(place) {
                Glyph.bar(Double(total) / Double(highest), width: 10, .accent, on: &screen)
            }
            screen.moveColumn(to: end)
        case .heaviest:
            screen.skip(2)
            drawHeaviest(live, place, live.interrupts.columnTotal(place) ?? 0, on: &screen)
        }
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

    /// The share of a CPU that its ksoftirqd took.
    static func threadShare(_ live: Box, _ cpu: Int) -> Double? {
        for thread in live.softirqThreads where thread.cpu == cpu { return thread.share }
        return nil
    }
}
