internal import IRQCore

extension TopScreen {
    mutating func drawSoftirqs(
        _ live: Box, _ state: inout TopState, from first: Int, to last: Int, on screen: inout Screen
    ) {
        let layout = layTable(live.softirqs, live, &state, columnCount: screen.columnCount)
        drawSoftirqTitle(live, state, layout, first, on: &screen)
        var followed: Int?
        if let row = state.followed, state.view == .softirqs {
            followed = softirqOrder.rows.firstIndex(of: Int32(truncatingIfNeeded: row))
        }
        let rows = softirqOrder.rows
        let places = scroll(&state, rowCount: rows.count, pageCount: last - first - 1, followed: followed)
        for place in screen.shown(places, from: first + 1) {
            let line = first + 1 + place - places.lowerBound
            drawSoftirq(live, Int(rows[place]), layout, line, on: &screen)
            if place == state.cursor, state.showsCursor { screen.dress(line, .selected) }
        }
        if rows.isEmpty, state.view == .softirqs {
            screen.move(first + 1, 2)
            screen.write(state.softirqFilter.isEmpty ? "no softirqs to show" : "nothing matches the filter", .dim)
        }
    }

    private func drawSoftirqTitle(
        _ live: Box, _ state: TopState, _ layout: TableLayout, _ line: Int, on screen: inout Screen
    ) {
        screen.move(line)
        screen.writeLeft(" softirq", width: 10)
        screen.skip()
        drawTitles(TopColumn.softirqs, live.softirqs, layout, on: &screen)
        if layout.hasDurations {
            screen.writeRight("raise99", width: TableLayout.durationWidth)
            screen.skip()
        }
        screen.write("history")
        if state.view == .softirqs { Self.drawOrder(state, on: &screen) }
        screen.dress(line, .title)
    }

    private mutating func drawSoftirq(
        _ live: Box, _ row: Int, _ layout: TableLayout, _ line: Int, on screen: inout Screen
    ) {
        let interval = live.softirqs.interval(row)
        screen.move(line, 1)
        live.softirqs.writeLabel(row, on: &screen)
        screen.moveColumn(to: 11)
        Self.drawRate(live.softirqs, interval, on: &screen)
        screen.skip()
        drawStrip(live.softirqs, row, layout, on: &screen)
        screen.skip()
        drawDurations(live, live.softirqPlace(row), layout, on: &screen)
        if layout.hasDurations {
            let latency = live.raisePlace(row).map { live.tracing.durations.interval($0) }
            Self.drawDuration(latency?.p99Nanoseconds, on: &screen)
        }
        let width = min(screen.columnCount - screen.currentColumn, CounterIntervals.historyLength)
        if width > 0 { Sparkline.draw(live.softirqs, slot: interval.slot, width: width, on: &screen) }
    }
}
