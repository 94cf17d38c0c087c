internal import IRQCore

extension TopScreen {
    mutating func drawInterrupts(
        _ live: Box, _ state: inout TopState, from first: Int, to last: Int, on screen: inout Screen
    ) {
        let layout = layTable(
            live.interrupts, live, &state, columnCount: screen.columnCount, hasThreads: live.tracing.deep.hasThreads)
        screen.move(first)
        drawTitles(TopColumn.interrupts, live.interrupts, layout, on: &screen)
        screen.write("name")
        Self.drawOrder(state, on: &screen)
        screen.dress(first, .title)
        var followed: Int?
        if let serial = state.followed {
            for (place, row) in order.rows.enumerated() where live.interrupts.interval(Int(row)).serial == serial {
                followed = place
            }
        }
        let places = scroll(&state, rowCount: order.rows.count, pageCount: last - first - 1, followed: followed)
        for place in screen.shown(places, from: first + 1) {
            let line = first + 1 + place - places.lowerBound
            drawInterrupt(live, Int(order.rows[place]), layout, line, on: &screen)
            if place == state.cursor, state.showsCursor { screen.dress(line, .selected) }
        }
        if order.rows.isEmpty {
            screen.move(first + 1, 2)
            screen.write(state.filter.isEmpty ? "no interrupts to show" : "nothing matches the filter", .dim)
        }
    }

    private mutating func drawInterrupt(
        _ live: Box, _ row: Int, _ layout: TableLayout, _ line: Int, on screen: inout Screen
    ) {
        let interval = live.interrupts.interval(row)
        let details = live.details(row)
        screen.move(line)
        screen.writeRight(details.label, width: layout.width(of: .label) ?? 0, .bold)
        screen.skip()
        Self.drawRate(live.interrupts, interval, on: &screen)
        screen.skip()
        drawStrip(live.interrupts, row, layout, on: &screen)
        screen.skip()
        Self.drawMarks(live.marks[row], on: &screen)
        screen.skip()
        drawDurations(live, live.handlerPlace(row), layout, on: &screen)
        if layout.hasThreads { Self.drawThread(live, details.irq, on: &screen) }
        for fact in TopColumn.facts {
            guard let width = layout.width(of: fact) else { continue }
            Self.draw(fact, live, details, slot: interval.slot, width, on: &screen)
            screen.skip()
        }
        screen.write(details.name, width: screen.columnCount - screen.currentColumn)
    }

    /// Draws how late the thread of an interrupt ran, and the share of a CPU that it took.
    private static func drawThread(_ live: Box, _ irq: Int?, on screen: inout Screen) {
        let thread = irq.flatMap { live.tracing.deep.thread(irq: $0) }
        drawDuration(thread?.wakes.p99Nanoseconds, on: &screen)
        drawDuration(thread?.wakes.longestNanoseconds, on: &screen)
        let share = thread.flatMap { $0.runs.count > 0 ? live.tracing.share($0.runs.totalNanoseconds) : nil }
        screen.writeRight(Units.percent(share), width: TableLayout.shareWidth, share == nil ? .dim : .accent)
        screen.skip()
    }

    private static func draw(
        _ fact: TopColumn, _ live: Box, _ details: InterruptDetails, slot: Int32, _ width: Int,
        on screen: inout Screen
    ) {
        switch fact {
        case .kind: screen.writeLeft(details.delivery?.words ?? "-", width: width, .dim)
        case .affinity: screen.writeLeft(details.affinity, width: width)
        case .effective: screen.writeLeft(details.effectiveAffinity, width: width)
        case .node: screen.writeRight(details.node.map { String($0) } ?? "-", width: width, .dim)
        case .history: Sparkline.draw(live.interrupts, slot: slot, width: width, on: &screen)
        case .device: screen.writeLeft(details.deviceName ?? "-", width: width)
        default: break
        }
    }
}
