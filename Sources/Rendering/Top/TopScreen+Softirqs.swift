internal import IRQCore

extension TopScreen {
    mutating func drawSoftirqs(
        _ live: Box, _ state: inout TopState, from first: Int, to last: Int, on screen: inout Screen
    ) {
        let layout = layTable(live.softirqs, live, &state, columnCount: screen.columnCount)
        screen.move(first)
        screen.writeLeft(" softirq", width: 10)
        screen.skip()
        drawTitles(TopColumn.softirqs, live.softirqs, layout, on: &screen)
        if layout.hasDurations {
            screen.writeRight("raise99", width: TableLayout.durationWidth)
            screen.skip()
        }
        screen.write("history")
        screen.dress(first, .title)
        let places = scroll(&state, rowCount: softirqRows.count, pageCount: last - first - 1, followed: nil)
        for place in screen.shown(places, from: first + 1) {
            let row = softirqRows[place]
            let line = first + 1 + place - places.lowerBound
            let interval = live.softirqs.interval(row)
            screen.move(line, 1)
            live.softirqs.writeLabel(row, on: &screen)
            screen.moveColumn(to: 11)
            Self.drawRate(live.softirqs, interval, on: &screen)
            screen.skip()
            drawStrip(live.softirqs, row, layout, on: &screen)
            screen.skip()
            if layout.hasDurations {
                let vector = live.softirqVector(row)
                Self.drawDurations(live, vector.flatMap { live.tracing.durations.softirq($0) }, layout, on: &screen)
                let latency = vector.flatMap { live.tracing.durations.raiseLatency($0) }
                Self.drawDuration(latency?.p99Nanoseconds, on: &screen)
            }
            let width = min(screen.columnCount - screen.currentColumn, CounterIntervals.historyLength)
            if width > 0 { Sparkline.draw(live.softirqs, slot: interval.slot, width: width, on: &screen) }
            if place == state.cursor, state.showsCursor { screen.dress(line, .selected) }
        }
    }
}
