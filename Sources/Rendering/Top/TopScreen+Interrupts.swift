internal import IRQCore

extension TopScreen {
    mutating func drawInterrupts(
        _ live: borrowing LiveState, _ state: inout TopState, from first: Int, to last: Int, on screen: inout Screen
    ) {
        let layout = layTable(live.interrupts, live, &state, columnCount: screen.columnCount)
        drawInterruptTitle(live, state, layout, first, on: &screen)
        var followed: Int?
        if let serial = state.followed {
            for (place, row) in order.rows.enumerated() where live.interrupts.interval(Int(row)).serial == serial {
                followed = place
            }
        }
        let places = scroll(&state, rowCount: order.rows.count, pageCount: last - first - 1, followed: followed)
        for place in places {
            let line = first + 1 + place - places.lowerBound
            drawInterrupt(live, Int(order.rows[place]), layout, line, on: &screen)
            if place == state.cursor, state.showsCursor { screen.dress(line, .selected) }
        }
        if order.rows.isEmpty {
            screen.move(first + 1, 2)
            screen.write(state.filter.isEmpty ? "no interrupts to show" : "nothing matches the filter", .dim)
        }
    }

    private func drawInterruptTitle(
        _ live: borrowing LiveState, _ state: TopState, _ layout: TableLayout, _ line: Int, on screen: inout Screen
    ) {
        screen.move(line)
        screen.writeRight("IRQ", width: TableLayout.labelWidth)
        screen.skip()
        screen.writeRight("rate/s", width: TableLayout.rateWidth)
        screen.skip()
        drawStripTitle(live.interrupts, layout, on: &screen)
        screen.skip()
        screen.writeLeft("marks", width: TableLayout.marksWidth)
        screen.skip()
        Self.drawDurationTitle(layout, on: &screen)
        for fact in FactColumn.all {
            guard let width = layout.width(of: fact) else { continue }
            if fact == .node {
                screen.writeRight(fact.title, width: width)
            } else {
                screen.writeLeft(fact.title, width: width)
            }
            screen.skip()
        }
        screen.write("name")
        screen.moveColumn(to: max(screen.currentColumn + 1, screen.columnCount - 11))
        if state.showsCursor {
            screen.write("by ")
            screen.write(state.sort.rawValue)
            if state.isReversed { screen.write(screen.isUnicode ? 0x2191 : 0x5E) }
        }
        screen.dress(line, .title)
    }

    private mutating func drawInterrupt(
        _ live: borrowing LiveState, _ row: Int, _ layout: TableLayout, _ line: Int, on screen: inout Screen
    ) {
        let interval = live.interrupts.interval(row)
        let slot = Int(interval.slot)
        screen.move(line)
        screen.writeRight(live.details[slot].label, width: TableLayout.labelWidth, .bold)
        screen.skip()
        Self.drawRate(live.interrupts, interval, on: &screen)
        screen.skip()
        drawStrip(live.interrupts, row, layout, on: &screen)
        screen.skip()
        Self.drawMarks(live.marks[row], on: &screen)
        screen.skip()
        Self.drawDurations(live, live.tracing.handler(live.details[slot]), layout, on: &screen)
        for fact in FactColumn.all {
            guard let width = layout.width(of: fact) else { continue }
            Self.draw(fact, live, slot, width, on: &screen)
            screen.skip()
        }
        screen.write(live.details[slot].name, width: screen.columnCount - screen.currentColumn)
    }

    private static func draw(
        _ fact: FactColumn, _ live: borrowing LiveState, _ slot: Int, _ width: Int, on screen: inout Screen
    ) {
        switch fact {
        case .kind: screen.writeLeft(live.details[slot].delivery?.words ?? "-", width: width, .dim)
        case .affinity: screen.writeLeft(live.details[slot].affinity, width: width)
        case .effectiveAffinity: screen.writeLeft(live.details[slot].effectiveAffinity, width: width)
        case .node: screen.writeRight(live.details[slot].node.map { String($0) } ?? "-", width: width, .dim)
        case .history: Sparkline.draw(live.interrupts, slot: Int32(slot), width: width, on: &screen)
        case .device: screen.writeLeft(live.details[slot].deviceName ?? "-", width: width)
        }
    }
}
